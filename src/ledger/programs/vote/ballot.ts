import { ADDRESS_BYTES, HASH_BYTES } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { isZero, sameBytes } from '../holdings.ts';
import { requireRecord } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { BALLOT, COUNTER, ELECTORATE, idOf, MEMBER, PROPOSAL, requireNamed, requirePart } from './keys.ts';
import {
  BALLOT_BYTES,
  COUNTERS,
  ELECTORATE_RECORD,
  ID_BYTES,
  MODES,
  PROOF_FUTURE,
  PROOF_PAST,
  PROPOSAL_RECORD,
  STATES,
  TAIL_AT,
  TAIL_BYTES,
  VOTE_REFUSED,
  VOTING_CIRCUITS,
} from './records.ts';

/** Program 5: one vote. */

/**
 * {proposal u8, electorate u8, ballot u8, counter u8, member u8, option u8}. Proposal and electorate are only read; the
 * ballot is the voter's own, and the counter is one of sixteen that the ballot's last byte chooses. So two votes meet
 * only where they share a counter, or are the same voter's.
 */
export function vote(context: Context): void {
  context.require(context.argumentsLength === 6, REFUSED.malformed);
  const proposal = context.argU8(0);
  const electorate = context.argU8(1);
  const ballot = context.argU8(2);
  const counter = context.argU8(3);
  const option = context.argU8(5);
  requireRecord(context, proposal, PROPOSAL);
  requireNamed(context, electorate, ELECTORATE, context.bytes(proposal, PROPOSAL_RECORD.electorate, ID_BYTES));
  const isOpen = context.u8(proposal, PROPOSAL_RECORD.state) === STATES.open;
  context.require(isOpen && context.time < context.u64(proposal, PROPOSAL_RECORD.deadline), VOTE_REFUSED.closed);
  const options = context.u8(proposal, PROPOSAL_RECORD.options);
  context.require(option < options, REFUSED.malformed);

  const id = idOf(context, proposal);
  const voter = voterOf(context, proposal, electorate, context.argU8(4));
  requirePart(context, ballot, BALLOT, id);
  context.require(context.keyMatches(ballot, TAIL_AT, voter), REFUSED.key);
  context.require(context.length(ballot) === 0, VOTE_REFUSED.voted);
  context.create(ballot, BALLOT_BYTES);

  requirePart(context, counter, COUNTER, id);
  const place = new Uint8Array(TAIL_BYTES);
  place[0] = (voter[TAIL_BYTES - 1] ?? 0) & (COUNTERS - 1);
  context.require(context.keyMatches(counter, TAIL_AT, place), REFUSED.key);
  if (context.length(counter) === 0) context.create(counter, 8 * options);
  context.setU64(counter, 8 * option, context.u64(counter, 8 * option) + 1n);
}

/** What tells one voter from another, 20 bytes. @faults notMember, proof */
function voterOf(context: Context, proposal: number, electorate: number, member: number): Uint8Array {
  const mode = context.u8(electorate, ELECTORATE_RECORD.mode);
  if (mode === MODES.proof) return nullifierOf(context, proposal, electorate);
  const voter = context.signer();
  if (mode === MODES.members) {
    requirePart(context, member, MEMBER, idOf(context, electorate));
    context.require(context.keyMatches(member, TAIL_AT, voter), REFUSED.key);
    context.require(context.length(member) !== 0, VOTE_REFUSED.notMember);
    // Of one block's time it may be either order, and who lets members in could have seen the vote: before is before.
    context.require(context.u64(member, 0) < context.u64(proposal, PROPOSAL_RECORD.opened), VOTE_REFUSED.notMember);
  }
  return voter;
}

/**
 * The low 160 bits of the proof's nullifier. The proof itself was verified before; what it says is judged here: the
 * electorate's circuit, root and policy, this question as scope, and this signer as context, or else who sees a vote
 * under way could put its proof under another vote.
 */
function nullifierOf(context: Context, proposal: number, electorate: number): Uint8Array {
  const circuit = context.u8(electorate, ELECTORATE_RECORD.circuit);
  const places = VOTING_CIRCUITS[circuit];
  const isKind = context.proofCircuit === circuit && context.proofSignals === places?.count;
  if (places === undefined || !isKind) context.fail(VOTE_REFUSED.proof);
  const same = (place: number, expected: Uint8Array) => sameBytes(context.proofSignal(place), expected);
  const signer = new Uint8Array(HASH_BYTES);
  signer.set(context.signer());
  const isRight =
    same(places.root, context.bytes(electorate, ELECTORATE_RECORD.root, HASH_BYTES)) &&
    same(places.policy, context.bytes(electorate, ELECTORATE_RECORD.policy, HASH_BYTES)) &&
    same(places.scope, context.bytes(proposal, PROPOSAL_RECORD.question, HASH_BYTES)) &&
    same(places.context, signer) &&
    isTimely(context, context.proofSignal(places.now), context.u64(proposal, PROPOSAL_RECORD.opened));
  context.require(isRight, VOTE_REFUSED.proof);
  return context.proofSignal(places.nullifier).subarray(0, ADDRESS_BYTES);
}

/** @param now seconds, 32 bytes little-endian */
function isTimely(context: Context, now: Uint8Array, opened: bigint): boolean {
  const seconds = new DataView(now.buffer, now.byteOffset).getBigUint64(0, true);
  const time = seconds * 1_000n;
  return isZero(now.subarray(8)) && time + PROOF_PAST >= opened && time <= context.time + PROOF_FUTURE;
}
