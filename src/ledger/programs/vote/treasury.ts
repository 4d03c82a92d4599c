import { ADDRESS_BYTES, ASSET_BYTES, HASH_BYTES, MAX_AMOUNT } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { debit, isZero, NOBODY, requireAmount, sameBytes } from '../holdings.ts';
import { requireRecord } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { ELECTORATE, idOf, PROPOSAL, requireNewId, TREASURY } from './keys.ts';
import {
  ELECTORATE_RECORD,
  ID_BYTES,
  MAX_OPTIONS,
  MAX_PERIOD,
  MIN_OPTIONS,
  MODES,
  PROPOSAL_RECORD,
  TREASURY_RECORD,
  VOTE_REFUSED,
} from './records.ts';

/** Program 5: money that only a vote can move, and questions. */

/** {quorum u64, period u64, treasury u8, electorate u8, asset 11}: what every request must keep to, for ever. */
export function openTreasury(context: Context): void {
  context.require(context.argumentsLength === 29, REFUSED.malformed);
  const quorum = context.argU64(0);
  const period = context.argU64(8);
  const key = context.argU8(16);
  const electorate = context.argU8(17);
  context.require(quorum > 0n && quorum <= MAX_AMOUNT && period <= MAX_PERIOD, REFUSED.malformed);
  requireRecord(context, electorate, ELECTORATE);
  // Whoever makes enough accounts would own it.
  context.require(context.u8(electorate, ELECTORATE_RECORD.mode) !== MODES.anyone, VOTE_REFUSED.openElectorate);
  requireNewId(context, key, TREASURY);
  context.create(key, TREASURY_RECORD.bytes);
  context.setU64(key, TREASURY_RECORD.quorum, quorum);
  context.setU64(key, TREASURY_RECORD.period, period);
  context.setBytes(key, TREASURY_RECORD.asset, context.argBytes(18, ASSET_BYTES));
  context.setBytes(key, TREASURY_RECORD.electorate, idOf(context, electorate));
}

/** {amount u64, treasury u8, from u8}, by anybody. */
export function deposit(context: Context): void {
  context.require(context.argumentsLength === 10, REFUSED.malformed);
  const amount = context.argU64(0);
  const key = context.argU8(8);
  requireRecord(context, key, TREASURY);
  debit(context, context.argU8(9), context.bytes(key, TREASURY_RECORD.asset, ASSET_BYTES), amount);
  const sum = context.u64(key, TREASURY_RECORD.amount) + amount;
  context.require(sum <= MAX_AMOUNT, REFUSED.amount);
  context.setU64(key, TREASURY_RECORD.amount, sum);
}

/**
 * {amount u64, deadline u64, quorum u64, proposal u8, electorate u8, treasury u8 or 0, options u8, question 32, recipient
 * 20}, by anybody. With a treasury, option 0 is "yes"; without, amount and recipient are zero. The question is a hash cut
 * to 248 bits, little-endian: it is the scope of the voters' proofs, too.
 */
export function propose(context: Context): void {
  context.require(context.argumentsLength === 80, REFUSED.malformed);
  const [amount, deadline, quorum] = [context.argU64(0), context.argU64(8), context.argU64(16)];
  const key = context.argU8(24);
  const electorate = context.argU8(25);
  const treasury = context.argU8(26);
  const options = context.argU8(27);
  const question = context.argBytes(28, HASH_BYTES);
  const recipient = context.argBytes(60, ADDRESS_BYTES);
  context.require(options >= MIN_OPTIONS && options <= MAX_OPTIONS && quorum <= MAX_AMOUNT, REFUSED.malformed);
  context.require(question[HASH_BYTES - 1] === 0, REFUSED.malformed);
  context.require(deadline > context.time, REFUSED.tooEarly);
  context.require(deadline <= context.time + MAX_PERIOD, REFUSED.tooLate);
  requireRecord(context, electorate, ELECTORATE);
  requireNewId(context, key, PROPOSAL);
  const electorateId = idOf(context, electorate);
  context.create(key, PROPOSAL_RECORD.bytes);
  if (treasury === 0) {
    context.require(amount === 0n && sameBytes(recipient, NOBODY), REFUSED.malformed);
  } else {
    requireAmount(context, amount);
    context.require(!isZero(recipient), REFUSED.malformed);
    requireTerms(context, treasury, electorateId, quorum, deadline - context.time);
    context.setBytes(key, PROPOSAL_RECORD.treasury, idOf(context, treasury));
  }
  context.setU64(key, PROPOSAL_RECORD.opened, context.time);
  context.setU64(key, PROPOSAL_RECORD.deadline, deadline);
  context.setU64(key, PROPOSAL_RECORD.amount, amount);
  context.setU64(key, PROPOSAL_RECORD.quorum, quorum);
  context.setU8(key, PROPOSAL_RECORD.options, options);
  context.setBytes(key, PROPOSAL_RECORD.electorate, electorateId);
  context.setBytes(key, PROPOSAL_RECORD.recipient, recipient);
  context.setBytes(key, PROPOSAL_RECORD.question, question);
}

function requireTerms(
  context: Context,
  treasury: number,
  electorate: Uint8Array,
  quorum: bigint,
  period: bigint,
): void {
  requireRecord(context, treasury, TREASURY);
  const keeps =
    sameBytes(context.bytes(treasury, TREASURY_RECORD.electorate, ID_BYTES), electorate) &&
    quorum >= context.u64(treasury, TREASURY_RECORD.quorum) &&
    period >= context.u64(treasury, TREASURY_RECORD.period);
  context.require(keeps, VOTE_REFUSED.terms);
}
