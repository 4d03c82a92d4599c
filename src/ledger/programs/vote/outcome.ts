import { ADDRESS_BYTES, ASSET_BYTES } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { isZero, pay } from '../holdings.ts';
import { requireRecord } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { BALLOT, COUNTER, idOf, PROPOSAL, requireNamed, requirePart, TREASURY } from './keys.ts';
import {
  COUNTERS,
  GRACE,
  ID_AT,
  ID_BYTES,
  PROPOSAL_RECORD,
  STATES,
  TAIL_AT,
  TAIL_BYTES,
  TREASURY_RECORD,
  VOTE_REFUSED,
} from './records.ts';

/** Program 5: what a vote came to. */

/** Event: proposal 10, state u8, 5 zero, then one u64 per option. */
export const TALLIED = 1;

/**
 * {proposal u8, first of the sixteen counters u8, treasury u8, to u8}, by anybody from the deadline on, once. Passed: at
 * least the quorum has voted and more than half of it for option 0. A request that passed is paid here; while the treasury
 * has too little it can be tried again, and after 90 days it lapses.
 */
export function execute(context: Context): void {
  context.require(context.argumentsLength === 4, REFUSED.malformed);
  const proposal = context.argU8(0);
  requireRecord(context, proposal, PROPOSAL);
  context.require(context.u8(proposal, PROPOSAL_RECORD.state) === STATES.open, VOTE_REFUSED.closed);
  const deadline = context.u64(proposal, PROPOSAL_RECORD.deadline);
  context.require(context.time >= deadline, REFUSED.tooEarly);
  const tally = tallyOf(context, proposal, context.argU8(1));
  const cast = tally.reduce((sum, votes) => sum + votes, 0n);
  const hasPassed = cast >= context.u64(proposal, PROPOSAL_RECORD.quorum) && 2n * (tally[0] ?? 0n) > cast;
  const treasuryId = context.bytes(proposal, PROPOSAL_RECORD.treasury, ID_BYTES);
  let state: number = hasPassed ? STATES.passed : STATES.rejected;
  if (hasPassed && !isZero(treasuryId)) {
    if (context.time >= deadline + GRACE) state = STATES.lapsed;
    else payOut(context, proposal, treasuryId, context.argU8(2), context.argU8(3));
  }
  context.setU8(proposal, PROPOSAL_RECORD.state, state);
  report(context, proposal, state, tally);
}

/**
 * {proposal u8, first u8, count u8}: ballots and counters of a closed vote are removed, by anybody. The proposal stays,
 * so that its id is never used for another.
 */
export function sweep(context: Context): void {
  context.require(context.argumentsLength === 3, REFUSED.malformed);
  const proposal = context.argU8(0);
  const first = context.argU8(1);
  const count = context.argU8(2);
  context.require(count > 0, REFUSED.malformed);
  requireRecord(context, proposal, PROPOSAL);
  context.require(context.u8(proposal, PROPOSAL_RECORD.state) !== STATES.open, REFUSED.tooEarly);
  const id = idOf(context, proposal);
  for (let key = first; key < first + count; key += 1) {
    requirePart(context, key, context.keyMatches(key, 0, COUNTER) ? COUNTER : BALLOT, id);
    context.require(context.length(key) !== 0, REFUSED.missing);
    context.remove(key);
  }
}

/** Sums per option over all sixteen counters, none left out and none counted twice. @faults key */
function tallyOf(context: Context, proposal: number, first: number): bigint[] {
  const options = context.u8(proposal, PROPOSAL_RECORD.options);
  const tally = new Array<bigint>(options).fill(0n);
  const id = idOf(context, proposal);
  const place = new Uint8Array(TAIL_BYTES);
  for (let shard = 0; shard < COUNTERS; shard += 1) {
    const key = first + shard;
    place[0] = shard;
    requirePart(context, key, COUNTER, id);
    context.require(context.keyMatches(key, TAIL_AT, place), REFUSED.key);
    if (context.length(key) === 0) continue;
    for (let option = 0; option < options; option += 1) {
      tally[option] = (tally[option] ?? 0n) + context.u64(key, 8 * option);
    }
  }
  return tally;
}

/** @faults key, missing, funds, recipient */
function payOut(context: Context, proposal: number, id: Uint8Array, treasury: number, to: number): void {
  requireNamed(context, treasury, TREASURY, id);
  const amount = context.u64(proposal, PROPOSAL_RECORD.amount);
  const there = context.u64(treasury, TREASURY_RECORD.amount);
  context.require(there >= amount, REFUSED.funds);
  context.setU64(treasury, TREASURY_RECORD.amount, there - amount);
  const recipient = context.bytes(proposal, PROPOSAL_RECORD.recipient, ADDRESS_BYTES);
  pay(context, to, recipient, context.bytes(treasury, TREASURY_RECORD.asset, ASSET_BYTES), amount);
}

function report(context: Context, proposal: number, state: number, tally: readonly bigint[]): void {
  const data = new Uint8Array(16 + 8 * tally.length);
  data.set(context.keyBytes(proposal, ID_AT, ID_BYTES));
  data[ID_BYTES] = state;
  const view = new DataView(data.buffer);
  for (let option = 0; option < tally.length; option += 1) {
    view.setBigUint64(16 + 8 * option, tally[option] ?? 0n, true);
  }
  context.emit(TALLIED, data);
}
