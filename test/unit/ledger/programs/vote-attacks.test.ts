import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STATUS } from '../../../../src/ledger/constants.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import { NATIVE, NOBODY } from '../../../../src/ledger/programs/holdings.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import {
  admit,
  castVote,
  createElectorate,
  deposit,
  executeProposal,
  expel,
  openTreasury,
  proposalKey,
  propose,
  treasuryKey,
} from '../../../../src/ledger/programs/vote/build.ts';
import { MODES, VOTE_REFUSED } from '../../../../src/ledger/programs/vote/records.ts';
import { hash32, person, TestLedger } from './ledger.ts';

/** Votes and treasuries, read by somebody who means harm; each test is named after what stops it. */

const [chair, payee, eve] = [person(1), person(2), person(3)];
const members = Array.from({ length: 12 }, (_, i) => person(40 + i));
const id = (byte: number) => new Uint8Array(10).fill(byte);
const [club, vault] = [id(1), id(2)];
const zeros = hash32(0);
const request = { treasury: vault, amount: 100n, recipient: payee, asset: NATIVE };
const DAY = 86_400_000n;

/** A list of twelve, a treasury of 150 with quorum 10, and a request of 100 for each id. */
function asked(...ids: number[]): TestLedger {
  const ledger = new TestLedger();
  ledger.give(chair, 1000n);
  const electorate = { id: club, mode: MODES.members, circuit: 0, authority: chair, root: zeros, policy: zeros };
  ledger.ok(chair, createElectorate(electorate), admit(club, members));
  ledger.ok(chair, openTreasury({ id: vault, electorate: club, asset: NATIVE, quorum: 10n, period: DAY }));
  ledger.ok(chair, deposit(chair, vault, NATIVE, 150n));
  ledger.time += 1000n;
  for (const byte of ids) ledger.ok(eve, propose(proposalOf(ledger, byte)));
  return ledger;
}
const proposalOf = (ledger: TestLedger, byte: number) => ({
  ...{ id: id(byte), electorate: club, question: zeros, options: 2, quorum: 10n, request },
  deadline: ledger.time + DAY,
});
function cast(ledger: TestLedger, byte: number, yes: number, no: number): void {
  members.slice(0, yes + no).forEach((voter, i) => {
    const option = i < yes ? 0 : 1;
    ledger.ok(voter, castVote({ proposal: id(byte), electorate: club, option, voter, listed: true }));
  });
}
const stateOf = (ledger: TestLedger, byte: number) => ledger.shown(proposalKey(id(byte)))?.['state'];

describe('vote, attacked', () => {
  it('closed: of two executions in one block the first alone pays', () => {
    const ledger = asked(5);
    cast(ledger, 5, 10, 0);
    ledger.time += DAY;
    const twice = [eve, payee].map((signer) =>
      ledger.transaction(signer, assembleCalls(signer, [executeProposal(id(5), request)])),
    );
    assert.deepEqual(
      ledger.block(twice).map(({ status }) => status),
      [STATUS.ok, VOTE_REFUSED.closed],
    );
    assert.deepEqual([ledger.holds(payee), ledger.shown(treasuryKey(vault))?.['amount']], [100n, '50']);
    ledger.refused(VOTE_REFUSED.closed, eve, executeProposal(id(5), request), executeProposal(id(5), request));
  });

  it('funds: two requests that passed over a treasury for one; anybody frees the second, which is paid once', () => {
    const ledger = asked(5, 6);
    cast(ledger, 5, 10, 0);
    cast(ledger, 6, 10, 0);
    ledger.time += DAY;
    ledger.ok(eve, executeProposal(id(6), request));
    ledger.refused(REFUSED.funds, eve, executeProposal(id(5), request));
    assert.equal(stateOf(ledger, 5), 'open');
    ledger.refused(VOTE_REFUSED.closed, members[11] as Uint8Array, vote(5, members[11] as Uint8Array));
    ledger.ok(chair, deposit(chair, vault, NATIVE, 50n));
    ledger.ok(eve, executeProposal(id(5), request));
    assert.deepEqual([ledger.holds(payee), ledger.shown(treasuryKey(vault))?.['amount']], [200n, '0']);
  });

  it('the quorum is met by exactly as many votes, the majority by one more than half', () => {
    for (const [yes, no, state] of [
      [6, 4, 'passed'],
      [5, 5, 'rejected'],
      [9, 0, 'rejected'],
      [7, 5, 'passed'],
      [6, 6, 'rejected'],
    ] as const) {
      const ledger = asked(5);
      cast(ledger, 5, yes, no);
      ledger.time += DAY;
      ledger.ok(eve, executeProposal(id(5), request));
      assert.equal(stateOf(ledger, 5), state, `${yes} to ${no}`);
    }
  });

  it('notMember: who was expelled and admitted again while the vote runs, and who comes a millisecond late', () => {
    const ledger = asked(5);
    const [first] = members as [Uint8Array];
    ledger.time += 1n;
    ledger.ok(chair, expel(club, [first]), admit(club, [first, eve]));
    ledger.refused(VOTE_REFUSED.notMember, first, vote(5, first));
    ledger.refused(VOTE_REFUSED.notMember, eve, vote(5, eve));
  });

  it('notMember: who is let in when the vote can be seen already, in the very block that opens it', () => {
    const ledger = asked();
    const items: [Uint8Array, Call][] = [
      [payee, propose(proposalOf(ledger, 5))],
      [chair, admit(club, [eve])],
    ];
    const statuses = ledger.block(
      items.map(([signer, call]) => ledger.transaction(signer, assembleCalls(signer, [call]))),
    );
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [STATUS.ok, STATUS.ok],
    );
    ledger.refused(VOTE_REFUSED.notMember, eve, vote(5, eve));
    ledger.ok(members[0] as Uint8Array, vote(5, members[0] as Uint8Array));
  });

  it('exists: a proposal cannot be put in the place of one that people vote on, not even when it is over', () => {
    const ledger = asked(5);
    const other = { ...proposalOf(ledger, 5), request: { ...request, recipient: eve } };
    ledger.refused(REFUSED.exists, eve, propose(other));
    cast(ledger, 5, 10, 0);
    ledger.time += DAY;
    ledger.ok(eve, executeProposal(id(5), request));
    ledger.refused(REFUSED.exists, eve, propose({ ...other, deadline: ledger.time + DAY }));
  });

  it('a nullifier counts once in each vote on its question, and in no vote on another', () => {
    const ledger = new TestLedger();
    const [root, policy, nullifier] = [hash32(21), hash32(22), hash32(33)];
    const electorate = { id: club, mode: MODES.proof, circuit: 1, authority: NOBODY, root, policy };
    const question = hash32(6);
    question[31] = 0;
    const plain = { electorate: club, options: 2, quorum: 0n, deadline: ledger.time + DAY };
    ledger.ok(eve, createElectorate(electorate));
    ledger.ok(eve, propose({ ...plain, id: id(5), question }), propose({ ...plain, id: id(6), question }));
    ledger.ok(eve, propose({ ...plain, id: id(7), question: zeros }));
    const [now, context] = [new Uint8Array(32), new Uint8Array(32)];
    new DataView(now.buffer).setBigUint64(0, ledger.time / 1000n, true);
    context.set(eve);
    const signals = [nullifier, hash32(1), hash32(2), root, policy, now, question, context];
    const withProof = (byte: number) => {
      const voter = nullifier.subarray(0, 20);
      const call = castVote({ proposal: id(byte), electorate: club, option: 0, voter, listed: false });
      return { ...assembleCalls(eve, [call]), proof: { circuit: 1, signals, proof: new Uint8Array(256) } };
    };
    assert.equal(ledger.raw(eve, withProof(5)).status, STATUS.ok);
    assert.equal(ledger.raw(eve, withProof(6)).status, STATUS.ok);
    ledger.refusedRaw(VOTE_REFUSED.voted, eve, withProof(5));
    ledger.refusedRaw(VOTE_REFUSED.voted, eve, withProof(6));
    ledger.refusedRaw(VOTE_REFUSED.proof, eve, withProof(7));
  });
});

function vote(byte: number, voter: Uint8Array): Call {
  return castVote({ proposal: id(byte), electorate: club, option: 0, voter, listed: true });
}
