import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATUS } from '../../src/ledger/constants.ts';
import { cancelEscrow, refundEscrow } from '../../src/ledger/programs/escrow/build.ts';
import { MAX_TERM } from '../../src/ledger/programs/escrow/program.ts';
import { describeRecord } from '../../src/ledger/programs/index.ts';
import { poolKey, positionKey, repay, withdraw, withdrawCollateral } from '../../src/ledger/programs/lending/build.ts';
import { unlistToken } from '../../src/ledger/programs/nft/build.ts';
import { expireOffer } from '../../src/ledger/programs/settlement/build.ts';
import { SPACE } from '../../src/ledger/programs/spaces.ts';
import { admit, castVote, executeProposal, expel, propose, treasuryKey } from '../../src/ledger/programs/vote/build.ts';
import { hash32, person, TestLedger } from '../unit/ledger/programs/ledger.ts';
import { declaredChanges, keyOf, NATIVE_HEX, sumsOf } from './ledger-sums.ts';
import {
  Actor,
  addressIn,
  assetIn,
  ELECTORATES,
  openWorld,
  PEOPLE,
  POOLS,
  proposalId,
  requestIn,
  TREASURIES,
} from './ledger-world.ts';
import { blockOf } from './ledger-world-blocks.ts';
import { Random } from './random.ts';

/** ZKBAZAAR_CONSERVATION=1000000 is the run that docs/ledger-programs.md reports. */
const OPERATIONS = Number(process.env['ZKBAZAAR_CONSERVATION'] ?? 30_000);
const SEED = Number(process.env['ZKBAZAAR_SEED'] ?? 20_261_122);
/** Program and operation. */
const MOVES_MONEY = '1.0 1.1 1.3 1.4 2.0 2.1 2.2 2.3 2.4 3.0 3.1 3.2 3.3 4.5 5.5 5.8 6.2 6.3 6.4 6.5 6.6 6.7 6.8'.split(
  ' ',
);
const STRANGER = person(99);

describe('conservation', () => {
  it(`of every asset over ${OPERATIONS} random operations, valid, invalid and hostile; nothing is stuck in the end`, (t) => {
    const random = new Random(SEED);
    const ledger = new TestLedger();
    openWorld(ledger);
    const expected = sumsOf(ledger.state).sums;
    const actor = new Actor(random, ledger);
    const statuses = new Set<string>();
    const reached = new Set<string>();
    let [operations, done] = [0, 0];
    while (operations < OPERATIONS) {
      const transactions = blockOf(random, ledger, actor);
      ledger.time += random.bits(random.pick([2, 8, 14]));
      const receipts = ledger.block(transactions);
      transactions.forEach((transaction, i) => {
        const status = receipts[i]?.status ?? -1;
        assert.notEqual(status, STATUS.programCrashed, `a program crashed (seed ${SEED}, height ${ledger.height})`);
        operations += transaction.operations.length;
        statuses.add(`${transaction.operations[receipts[i]?.operation ?? 0]?.program}:${status}`);
        if (status !== STATUS.ok) return;
        done += transaction.operations.length;
        for (const { program, operation } of transaction.operations) reached.add(`${program}.${operation}`);
        for (const [asset, change] of declaredChanges(transaction))
          expected.set(asset, (expected.get(asset) ?? 0n) + change);
      });
      requireSums(ledger, expected);
    }
    t.diagnostic(
      `${operations} operations, ${done} succeeded, ${statuses.size} pairs of program and status, ${ledger.state.size} records`,
    );
    // A run in which nearly nothing works, or nothing is refused, would show little.
    assert.ok(done > operations / 5 && statuses.size > 50, `${done} of ${operations}, ${statuses.size} outcomes`);
    for (const name of MOVES_MONEY) assert.ok(reached.has(name), `operation ${name} never succeeded`);
    closeEverything(ledger);
  });
});

function requireSums(ledger: TestLedger, expected: ReadonlyMap<string, bigint>): void {
  const { sums, supplies } = sumsOf(ledger.state);
  const text = `seed ${SEED}, height ${ledger.height}`;
  for (const asset of new Set([...sums.keys(), ...expected.keys()])) {
    assert.equal(sums.get(asset) ?? 0n, expected.get(asset) ?? 0n, `asset ${asset}; ${text}`);
    if (asset !== NATIVE_HEX)
      assert.equal(supplies.get(asset) ?? 0n, sums.get(asset) ?? 0n, `supply ${asset}; ${text}`);
  }
}

/** Time runs on, and everybody goes home: nothing is left in any program's records that money was put into. */
function closeEverything(ledger: TestLedger): void {
  ledger.time += MAX_TERM;
  for (const [name, record] of [...ledger.state]) {
    const shown = describeRecord(keyOf(name), record) ?? {};
    if (shown['kind'] === 'escrow') {
      const terms = {
        buyer: addressIn(shown['buyer']),
        tag: BigInt(shown['tag'] as string),
        seller: addressIn(shown['seller']),
        asset: assetIn(shown['asset']),
      };
      if (shown['amount'] === '1') ledger.ok(terms.seller, cancelEscrow(terms));
      else ledger.ok(STRANGER, refundEscrow(terms));
    } else if (shown['kind'] === 'offer') {
      const terms = {
        maker: addressIn(shown['maker']),
        tag: BigInt(shown['tag'] as string),
        goodsAsset: assetIn(shown['goodsAsset']),
        feeAccount: STRANGER,
      };
      ledger.ok(STRANGER, expireOffer(terms));
    } else if (shown['kind'] === 'token' && shown['price'] !== '0') {
      const key = keyOf(name);
      ledger.ok(addressIn(shown['owner']), unlistToken(key.slice(2, 13), BigInt(shown['number'] as string)));
    } else if (shown['kind'] === 'proposal' && shown['state'] === 'open') {
      ledger.ok(STRANGER, executeProposal(keyOf(name).slice(2, 12), requestIn(ledger, shown)));
    }
  }
  closeLoans(ledger);
  emptyTreasuries(ledger);
  for (const [name, record] of ledger.state) {
    const shown = describeRecord(keyOf(name), record);
    const space = Number.parseInt(name.slice(0, 2), 16);
    assert.ok(space !== SPACE.escrow && space !== SPACE.settlement, `left: ${JSON.stringify(shown)}`);
    assert.notEqual(shown?.['kind'], 'position', `left: ${JSON.stringify(shown)}`);
    if (shown?.['kind'] === 'pool')
      assert.deepEqual([shown['cash'], shown['shares'], shown['scaledDebt']], ['0', '0', '0']);
    if (shown?.['kind'] === 'treasury') assert.equal(shown['amount'], '0');
  }
}

function closeLoans(ledger: TestLedger): void {
  for (const pool of POOLS) {
    const all = [...ledger.state.keys()].filter((name) =>
      name.startsWith(Buffer.from(positionKey(pool.id, person(0)).subarray(0, 12)).toString('hex')),
    );
    const owners = all.map((name) => keyOf(name).slice(12));
    // The interest may be more than the borrowers have; a rich uncle pays it.
    ledger.give(STRANGER, 2n ** 60n, pool.lent);
    for (const owner of owners) {
      const shown = ledger.shown(positionKey(pool.id, owner));
      if (shown?.['scaledDebt'] !== '0') ledger.ok(STRANGER, repay(STRANGER, pool, owner, 2n ** 60n));
      const collateral = BigInt(shown?.['collateral'] as string);
      if (collateral > 0n) ledger.ok(owner, withdrawCollateral(owner, pool, collateral));
    }
    for (const owner of owners) {
      const shares = ledger.shown(positionKey(pool.id, owner))?.['shares'];
      if (shares !== undefined) ledger.ok(owner, withdraw(owner, pool, BigInt(shares as string)));
    }
    assert.equal(ledger.shown(poolKey(pool.id))?.['cash'], '0');
  }
}

function emptyTreasuries(ledger: TestLedger): void {
  const [electorate] = ELECTORATES as [Uint8Array];
  const voters = [person(201), person(202), person(203)];
  const [authority] = PEOPLE as [Uint8Array];
  ledger.ok(authority, admit(electorate, voters));
  ledger.time += 1n;
  for (const [i, treasury] of TREASURIES.entries()) {
    const shown = ledger.shown(treasuryKey(treasury));
    const amount = BigInt(shown?.['amount'] as string);
    if (amount === 0n) continue;
    const request = { treasury, amount, recipient: STRANGER, asset: assetIn(shown?.['asset']) };
    const id = proposalId(4_000_000_000 + i);
    const deadline = ledger.time + 2000n;
    ledger.ok(STRANGER, propose({ id, electorate, question: hash32(0), options: 2, deadline, quorum: 2n, request }));
    for (const voter of voters)
      ledger.ok(voter, castVote({ proposal: id, electorate, option: 0, voter, listed: true }));
    ledger.time = deadline;
    ledger.ok(STRANGER, executeProposal(id, request));
  }
  ledger.ok(authority, expel(electorate, voters));
}
