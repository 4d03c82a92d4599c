import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import {
  cancelEscrow,
  type EscrowFunding,
  escrowKey,
  fundEscrow,
  refundEscrow,
  releaseEscrow,
  splitEscrow,
} from '../../../../src/ledger/programs/escrow/build.ts';
import { MAX_TERM } from '../../../../src/ledger/programs/escrow/program.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { assetId, person, TestLedger, tampered } from './ledger.ts';

const [buyer, seller, arbiter, eve] = [person(1), person(2), person(3), person(4)];
const gold = assetId(1);

function funded(change: Partial<EscrowFunding> = {}): { ledger: TestLedger; terms: EscrowFunding } {
  const ledger = new TestLedger();
  ledger.give(buyer, 1001n);
  ledger.give(buyer, 1001n, gold);
  const terms = { buyer, seller, arbiter, tag: 1n, amount: 1001n, deadline: ledger.time + 1000n, ...change };
  ledger.ok(buyer, fundEscrow(terms));
  return { ledger, terms };
}

describe('escrow', () => {
  it('is funded, shown, and released to the seller by the buyer alone', () => {
    const { ledger, terms } = funded({ asset: gold });
    assert.equal(ledger.holds(buyer, gold), 0n);
    assert.deepEqual(ledger.shown(escrowKey(buyer, 1n)), {
      kind: 'escrow',
      buyer: Buffer.from(buyer).toString('hex'),
      tag: '1',
      seller: Buffer.from(seller).toString('hex'),
      arbiter: Buffer.from(arbiter).toString('hex'),
      asset: Buffer.from(gold).toString('hex'),
      amount: '1001',
      deadline: String(terms.deadline),
    });
    for (const other of [seller, arbiter, eve]) ledger.refused(REFUSED.party, other, releaseEscrow(terms));
    const receipt = ledger.ok(buyer, releaseEscrow(terms));
    assert.equal(receipt.events.length, 1);
    assert.equal(ledger.holds(seller, gold), 1001n);
    assert.equal(ledger.record(escrowKey(buyer, 1n)), undefined);
    ledger.refused(REFUSED.missing, buyer, releaseEscrow(terms));
  });

  it('goes back to the buyer after the deadline by anybody, not before', () => {
    const { ledger, terms } = funded();
    ledger.time = terms.deadline - 1n;
    ledger.refused(REFUSED.tooEarly, buyer, refundEscrow(terms));
    ledger.time = terms.deadline;
    ledger.ok(eve, refundEscrow(terms));
    assert.equal(ledger.holds(buyer), 1001n);
    ledger.refused(REFUSED.missing, eve, refundEscrow(terms));
  });

  it('goes back to the buyer when the seller gives up', () => {
    const { ledger, terms } = funded();
    for (const other of [buyer, arbiter, eve]) ledger.refused(REFUSED.party, other, cancelEscrow(terms));
    ledger.ok(seller, cancelEscrow(terms));
    assert.equal(ledger.holds(buyer), 1001n);
  });

  it('is split by the arbiter: the seller’s part rounded down, all of it paid out', () => {
    for (const [share, sellers] of [
      [0, 0n],
      [1, 0n],
      [3333, 333n],
      [9999, 1000n],
      [10_000, 1001n],
    ] as const) {
      const { ledger, terms } = funded();
      for (const other of [buyer, seller, eve]) ledger.refused(REFUSED.party, other, splitEscrow(terms, share));
      ledger.refused(REFUSED.malformed, arbiter, splitEscrow(terms, 10_001));
      ledger.ok(arbiter, splitEscrow(terms, share));
      assert.deepEqual([ledger.holds(seller), ledger.holds(buyer)], [sellers, 1001n - sellers]);
      ledger.refused(REFUSED.missing, arbiter, splitEscrow(terms, share));
    }
  });

  it('pays nobody but whom it owes, and in no other asset', () => {
    const { ledger, terms } = funded();
    ledger.time = terms.deadline;
    for (const key of [accountKey(eve), balanceKey(buyer, gold), balanceKey(seller, gold), escrowKey(buyer, 1n)]) {
      for (const [signer, call] of [
        [buyer, releaseEscrow(terms)],
        [eve, refundEscrow(terms)],
        [seller, cancelEscrow(terms)],
      ] as const) {
        const raw = tampered(signer, call, (change) => {
          change.credits = [key];
        });
        ledger.refusedRaw(REFUSED.recipient, signer, raw);
      }
    }
    const swapped = tampered(arbiter, splitEscrow(terms, 10_000), (raw) =>
      raw.args.set([raw.args[4] ?? 0, raw.args[3] ?? 0], 3),
    );
    ledger.refusedRaw(REFUSED.recipient, arbiter, swapped);
  });

  it('refuses edges of amount and deadline, and a name that is in use', () => {
    const { ledger, terms } = funded({ amount: 1n });
    ledger.give(buyer, MAX_AMOUNT);
    ledger.refused(REFUSED.exists, buyer, fundEscrow(terms));
    const again = (change: Partial<EscrowFunding>) => fundEscrow({ ...terms, tag: 2n, ...change });
    for (const amount of [0n, MAX_AMOUNT + 1n, U64_MAX]) ledger.refused(REFUSED.amount, buyer, again({ amount }));
    ledger.refused(REFUSED.tooEarly, buyer, again({ deadline: ledger.time }));
    ledger.refused(REFUSED.tooEarly, buyer, again({ deadline: 0n }));
    ledger.refused(REFUSED.tooLate, buyer, again({ deadline: ledger.time + MAX_TERM + 1n }));
    ledger.refused(REFUSED.tooLate, buyer, again({ deadline: U64_MAX }));
    ledger.refused(REFUSED.funds, eve, fundEscrow({ ...terms, buyer: eve, amount: 5n }));
    ledger.ok(buyer, again({ amount: MAX_AMOUNT, deadline: ledger.time + MAX_TERM }));
    ledger.ok(buyer, releaseEscrow({ ...terms, tag: 2n }));
    assert.equal(ledger.holds(seller), MAX_AMOUNT);
  });

  it('nobody funds in another’s name, from another’s money, or outside of the program’s keys', () => {
    const { ledger, terms } = funded({ amount: 1n });
    const own = fundEscrow({ ...terms, tag: 9n });
    const elses = tampered(buyer, own, (raw) => {
      raw.writes = [escrowKey(eve, 9n)];
    });
    ledger.refusedRaw(REFUSED.party, buyer, elses);
    const longer = tampered(buyer, own, (raw) => raw.writes[0]?.set([1], 31));
    ledger.refusedRaw(REFUSED.key, buyer, longer);
    const space = tampered(buyer, own, (raw) => raw.writes[0]?.set([17], 0));
    ledger.refusedRaw(REFUSED.key, buyer, space);
    const from = tampered(eve, fundEscrow({ ...terms, buyer: eve }), (raw) => {
      raw.writes = [accountKey(buyer), escrowKey(eve, 1n)];
      raw.args.set([2, 1], 16);
    });
    ledger.refusedRaw(REFUSED.notOwn, eve, from);
    const pretended = tampered(eve, releaseEscrow({ ...terms, buyer: eve }), (raw) => {
      raw.writes = [accountKey(eve)];
    });
    ledger.refusedRaw(REFUSED.key, eve, pretended);
  });
});
