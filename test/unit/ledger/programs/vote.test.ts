import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import { NATIVE, NOBODY } from '../../../../src/ledger/programs/holdings.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import {
  admit,
  ballotKey,
  castVote,
  counterKey,
  createElectorate,
  deposit,
  executeProposal,
  expel,
  type NewProposal,
  openTreasury,
  proposalKey,
  propose,
  renewElectorate,
  sweepVote,
  treasuryKey,
} from '../../../../src/ledger/programs/vote/build.ts';
import { GRACE, MAX_PERIOD, MODES, VOTE_REFUSED } from '../../../../src/ledger/programs/vote/records.ts';
import type { TransactionProof } from '../../../../src/ledger/transaction/interface.ts';
import { hash32, person, TestLedger, tampered } from './ledger.ts';

const [chair, payee, eve] = [person(1), person(2), person(3)];
const members = Array.from({ length: 20 }, (_, i) => person(40 + i));
const id = (byte: number) => new Uint8Array(10).fill(byte);
const [club, vault, ask] = [id(1), id(2), id(3)];
const question = hash32(6);
question[31] = 0;
const request = { treasury: vault, amount: 100n, recipient: payee, asset: NATIVE };
const DAY = 86_400_000n;

/** A list of twenty, a treasury of 150 with quorum 10 and a day's vote, a request of 100. */
function asked(change: Partial<NewProposal> = {}): TestLedger {
  const ledger = new TestLedger();
  ledger.give(chair, 1000n);
  const electorate = {
    id: club,
    mode: MODES.members,
    circuit: 0,
    authority: chair,
    root: hash32(0),
    policy: hash32(0),
  };
  ledger.ok(chair, createElectorate(electorate));
  ledger.ok(chair, admit(club, members));
  ledger.ok(chair, openTreasury({ id: vault, electorate: club, asset: NATIVE, quorum: 10n, period: DAY }));
  ledger.ok(chair, deposit(chair, vault, NATIVE, 150n));
  ledger.time += 1000n;
  ledger.ok(eve, propose(proposal(ledger, change)));
  return ledger;
}
function proposal(ledger: TestLedger, change: Partial<NewProposal> = {}): NewProposal {
  const terms = { id: ask, electorate: club, question, options: 2, deadline: ledger.time + DAY, quorum: 10n, request };
  return { ...terms, ...change };
}
const ballot = (voter: Uint8Array, option: number, listed = true): Call =>
  castVote({ proposal: ask, electorate: club, option, voter, listed });
function cast(ledger: TestLedger, yes: number, no: number): void {
  members.slice(0, yes + no).forEach((voter, i) => {
    ledger.ok(voter, ballot(voter, i < yes ? 0 : 1));
  });
}

describe('vote: a list and its treasury', () => {
  it('pays a request that passes, once, after the deadline', () => {
    const ledger = asked();
    cast(ledger, 6, 5);
    ledger.refused(REFUSED.tooEarly, eve, executeProposal(ask, request));
    ledger.time += DAY;
    ledger.refused(VOTE_REFUSED.closed, members[15] as Uint8Array, ballot(members[15] as Uint8Array, 0));
    const { events } = ledger.ok(eve, executeProposal(ask, request));
    assert.equal(Buffer.from(events[0]?.data ?? []).readBigUInt64LE(16), 6n);
    assert.equal(Buffer.from(events[0]?.data ?? []).readBigUInt64LE(24), 5n);
    assert.deepEqual([ledger.holds(payee), ledger.shown(treasuryKey(vault))?.['amount']], [100n, '50']);
    assert.equal(ledger.shown(proposalKey(ask))?.['state'], 'passed');
    ledger.refused(VOTE_REFUSED.closed, eve, executeProposal(ask, request));
  });

  it('refuses it below the quorum or without a majority of the votes', () => {
    for (const [yes, no] of [
      [9, 0],
      [5, 5],
      [4, 8],
    ] as const) {
      const ledger = asked();
      cast(ledger, yes, no);
      ledger.time += DAY;
      ledger.ok(eve, executeProposal(ask, request));
      assert.equal(ledger.holds(payee), 0n);
      assert.equal(ledger.shown(proposalKey(ask))?.['state'], 'rejected');
    }
  });

  it('waits for a treasury that has too little, and lapses in the end', () => {
    const ledger = asked({ request: { ...request, amount: 200n } });
    cast(ledger, 10, 0);
    ledger.time += DAY;
    ledger.refused(REFUSED.funds, eve, executeProposal(ask, request));
    ledger.time += GRACE - 1n;
    ledger.refused(REFUSED.funds, eve, executeProposal(ask, request));
    ledger.time += 1n;
    ledger.ok(eve, executeProposal(ask, request));
    assert.equal(ledger.shown(proposalKey(ask))?.['state'], 'lapsed');
    assert.equal(ledger.holds(payee), 0n);
  });

  it('one vote each, of the list as it was when the vote was opened', () => {
    const ledger = asked();
    const [first] = members as [Uint8Array];
    ledger.ok(first, ballot(first, 0));
    ledger.refused(VOTE_REFUSED.voted, first, ballot(first, 1));
    ledger.refused(VOTE_REFUSED.notMember, eve, ballot(eve, 0));
    ledger.time += 1n;
    ledger.ok(chair, admit(club, [eve]));
    ledger.refused(VOTE_REFUSED.notMember, eve, ballot(eve, 0));
    const [, second] = members as [Uint8Array, Uint8Array];
    ledger.ok(chair, expel(club, [second]));
    ledger.refused(VOTE_REFUSED.notMember, second, ballot(second, 0));
  });

  it('one transaction cannot vote twice, nor with another’s ballot or membership', () => {
    const ledger = asked();
    const [first, second] = members as [Uint8Array, Uint8Array];
    ledger.refused(VOTE_REFUSED.voted, first, ballot(first, 0), ballot(first, 0));
    ledger.refused(REFUSED.key, first, ballot(second, 0));
    const otherCounter = tampered(first, ballot(first, 0), (raw) => {
      raw.writes = raw.writes.map((key) => (key[1] === 6 ? counterKey(ask, (key[12] ?? 0) ^ 1) : key));
    });
    ledger.refusedRaw(REFUSED.key, first, otherCounter);
    const otherVote = tampered(first, ballot(first, 0), (raw) => {
      raw.writes = raw.writes.map((key) => (key[1] === 5 ? ballotKey(id(9), first) : key));
    });
    ledger.refusedRaw(REFUSED.key, first, otherVote);
    const noOption = tampered(first, ballot(first, 0), (raw) => raw.args.set([2], 5));
    ledger.refusedRaw(REFUSED.malformed, first, noOption);
  });

  it('counts every counter once: none left out, none of another vote', () => {
    const ledger = asked();
    cast(ledger, 10, 0);
    ledger.time += DAY;
    const call = executeProposal(ask, request);
    for (const [from, to] of [
      [3, 2],
      [0, 1],
      [15, 14],
    ] as const) {
      const raw = tampered(eve, call, (change) => {
        change.reads[from] = counterKey(ask, to);
      });
      ledger.refusedRaw(REFUSED.key, eve, raw);
    }
    const foreign = tampered(eve, call, (raw) => {
      raw.reads[4] = counterKey(id(9), 4);
    });
    ledger.refusedRaw(REFUSED.key, eve, foreign);
    const short = tampered(eve, call, (raw) => {
      raw.reads.pop();
    });
    ledger.refusedRaw(REFUSED.key, eve, short);
  });

  it('pays the recipient, from the treasury that was named', () => {
    const ledger = asked();
    cast(ledger, 10, 0);
    ledger.time += DAY;
    ledger.ok(chair, openTreasury({ id: id(8), electorate: club, asset: NATIVE, quorum: 1n, period: 0n }));
    ledger.refused(REFUSED.key, eve, executeProposal(ask, { ...request, treasury: id(8) }));
    ledger.refused(REFUSED.recipient, eve, executeProposal(ask, { ...request, recipient: eve }));
    const stray = tampered(eve, executeProposal(ask, request), (raw) => {
      raw.credits = [balanceKey(payee, hash32(1).subarray(0, 11))];
    });
    ledger.refusedRaw(REFUSED.recipient, eve, stray);
  });

  it('keeps requests to the treasury’s terms', () => {
    const ledger = asked();
    const again = (change: Partial<NewProposal>) => propose(proposal(ledger, { id: id(7), ...change }));
    ledger.refused(VOTE_REFUSED.terms, eve, again({ quorum: 9n }));
    ledger.refused(VOTE_REFUSED.terms, eve, again({ deadline: ledger.time + DAY - 1n }));
    const free = { id: id(5), mode: MODES.anyone, circuit: 0, authority: NOBODY, root: hash32(0), policy: hash32(0) };
    ledger.ok(eve, createElectorate(free));
    ledger.refused(VOTE_REFUSED.terms, eve, again({ electorate: id(5) }));
    const own = openTreasury({ id: id(6), electorate: id(5), asset: NATIVE, quorum: 1n, period: 0n });
    ledger.refused(VOTE_REFUSED.openElectorate, eve, own);
    ledger.refused(REFUSED.exists, eve, propose(proposal(ledger)));
    ledger.refused(REFUSED.tooEarly, eve, again({ deadline: ledger.time }));
    ledger.refused(REFUSED.tooLate, eve, again({ deadline: ledger.time + MAX_PERIOD + 1n }));
    for (const options of [0, 1, 17]) ledger.refused(REFUSED.malformed, eve, again({ options }));
    ledger.refused(REFUSED.malformed, eve, again({ question: hash32(6) }));
    for (const amount of [0n, MAX_AMOUNT + 1n, U64_MAX]) {
      ledger.refused(REFUSED.amount, eve, again({ request: { ...request, amount } }));
      ledger.refused(REFUSED.amount, chair, deposit(chair, vault, NATIVE, amount));
    }
    ledger.refused(REFUSED.malformed, eve, again({ request: { ...request, recipient: NOBODY } }));
    ledger.refused(REFUSED.funds, eve, deposit(eve, vault, NATIVE, 1n));
  });

  it('only the authority keeps the list', () => {
    const ledger = asked();
    ledger.refused(REFUSED.party, eve, admit(club, [eve]));
    ledger.refused(REFUSED.party, eve, expel(club, members));
    ledger.refused(REFUSED.exists, chair, admit(club, members));
    ledger.refused(REFUSED.missing, chair, expel(club, [eve]));
    ledger.refused(REFUSED.party, eve, renewElectorate(club, eve, hash32(0)));
    ledger.refused(REFUSED.malformed, chair, renewElectorate(club, NOBODY, hash32(0)));
    ledger.ok(chair, renewElectorate(club, eve, hash32(0)));
    ledger.ok(eve, admit(club, [eve]));
    const stray = tampered(eve, expel(club, [eve]), (raw) => {
      raw.writes = [accountKey(eve)];
    });
    ledger.refusedRaw(REFUSED.key, eve, stray);
  });

  it('ballots are swept when it is over, not before, and the id stays taken', () => {
    const ledger = asked();
    cast(ledger, 10, 0);
    const ballots = members.slice(0, 10).map((voter) => ballotKey(ask, voter));
    ledger.refused(REFUSED.tooEarly, eve, sweepVote(ask, ballots));
    ledger.time += DAY;
    ledger.ok(eve, executeProposal(ask, request));
    ledger.refused(REFUSED.key, eve, sweepVote(ask, [proposalKey(ask)]));
    ledger.ok(eve, sweepVote(ask, ballots));
    ledger.refused(REFUSED.missing, eve, sweepVote(ask, ballots));
    ledger.refused(REFUSED.exists, eve, propose(proposal(ledger)));
    ledger.refused(VOTE_REFUSED.closed, members[0] as Uint8Array, ballot(members[0] as Uint8Array, 0));
  });
});

describe('vote: with a proof', () => {
  const [root, policy] = [hash32(21), hash32(22)];
  const electorate = { id: club, mode: MODES.proof, circuit: 1, authority: NOBODY, root, policy };

  function opened(): TestLedger {
    const ledger = new TestLedger();
    ledger.ok(eve, createElectorate(electorate));
    const { request: _, ...plain } = proposal(ledger, { options: 3, quorum: 0n });
    ledger.ok(eve, propose(plain));
    return ledger;
  }
  function proofOf(ledger: TestLedger, signer: Uint8Array, nullifier: Uint8Array): TransactionProof {
    const now = new Uint8Array(32);
    new DataView(now.buffer).setBigUint64(0, ledger.time / 1000n, true);
    const context = new Uint8Array(32);
    context.set(signer);
    const signals = [nullifier, hash32(1), hash32(2), root, policy, now, question, context];
    return { circuit: 1, signals, proof: new Uint8Array(256) };
  }
  function voteWith(signer: Uint8Array, nullifier: Uint8Array, proof?: TransactionProof) {
    const raw = assembleCalls(signer, [ballot(nullifier.subarray(0, 20), 2, false)]);
    return proof === undefined ? raw : { ...raw, proof };
  }

  it('one vote a nullifier, whoever signs', () => {
    const ledger = opened();
    const proof = proofOf(ledger, eve, hash32(33));
    assert.equal(ledger.raw(eve, voteWith(eve, hash32(33), proof)).status, STATUS.ok);
    ledger.refusedRaw(VOTE_REFUSED.voted, eve, voteWith(eve, hash32(33), proof));
    const second = proofOf(ledger, payee, hash32(33));
    ledger.refusedRaw(VOTE_REFUSED.voted, payee, voteWith(payee, hash32(33), second));
    assert.equal(ledger.raw(payee, voteWith(payee, hash32(34), proofOf(ledger, payee, hash32(34)))).status, STATUS.ok);
    ledger.time += DAY;
    ledger.ok(chair, executeProposal(ask));
    ledger.refused(VOTE_REFUSED.closed, chair, executeProposal(ask));
  });

  it('refuses no proof, another’s proof, and every signal that is not right', () => {
    const ledger = opened();
    ledger.refusedRaw(VOTE_REFUSED.proof, eve, voteWith(eve, hash32(33)));
    const good = proofOf(ledger, eve, hash32(33));
    ledger.refusedRaw(VOTE_REFUSED.proof, payee, voteWith(payee, hash32(33), good));
    ledger.refusedRaw(REFUSED.key, eve, voteWith(eve, hash32(44), good));
    ledger.refusedRaw(VOTE_REFUSED.proof, eve, voteWith(eve, hash32(33), { ...good, circuit: 3 }));
    const longer = { ...good, signals: [...good.signals, hash32(0)] };
    ledger.refusedRaw(VOTE_REFUSED.proof, eve, voteWith(eve, hash32(33), longer));
    for (const place of [3, 4, 5, 6, 7]) {
      for (const byte of [0, 19, 31]) {
        const signals = good.signals.map((signal) => signal.slice());
        const signal = signals[place] as Uint8Array;
        signal[byte] = (signal[byte] ?? 0) ^ 0x40;
        // One byte of `now` is 64 seconds, which is in time.
        if (place === 5 && byte === 0) continue;
        ledger.refusedRaw(VOTE_REFUSED.proof, eve, voteWith(eve, hash32(33), { ...good, signals }));
      }
    }
  });

  it('refuses a proof from long before the opening, or from the future', () => {
    const ledger = opened();
    const early = { time: ledger.time - 2n * DAY } as TestLedger;
    ledger.refusedRaw(VOTE_REFUSED.proof, eve, voteWith(eve, hash32(33), proofOf(early, eve, hash32(33))));
    const late = { time: ledger.time + 700_000n } as TestLedger;
    ledger.refusedRaw(VOTE_REFUSED.proof, eve, voteWith(eve, hash32(33), proofOf(late, eve, hash32(33))));
  });

  it('knows circuits that have a policy, and no others', () => {
    const ledger = new TestLedger();
    for (const circuit of [0, 2, 4, 255]) {
      ledger.refused(REFUSED.malformed, eve, createElectorate({ ...electorate, circuit }));
    }
    ledger.refused(REFUSED.malformed, eve, createElectorate({ ...electorate, mode: 3, circuit: 0 }));
    ledger.refused(REFUSED.malformed, eve, createElectorate({ ...electorate, mode: MODES.anyone }));
    ledger.refused(REFUSED.malformed, eve, createElectorate({ ...electorate, mode: MODES.members, circuit: 0 }));
    ledger.ok(eve, createElectorate({ ...electorate, circuit: 3 }));
  });
});
