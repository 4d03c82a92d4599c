import { ADDRESS_BYTES } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { requireAmount } from '../holdings.ts';
import { SPACE } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { openPool, takeFrom } from './pool.ts';
import { ID_AT, KINDS, OWNER_AT, POOL_ID_BYTES, POOL_RECORD, POSITION_RECORD } from './records.ts';

/** What each operation on a position of program 6 begins and ends with. */

const POSITION: Uint8Array = new Uint8Array([SPACE.lending, KINDS.position]);

/** What the operations on a position begin with, and the keys that these arguments name. */
export interface Opened {
  readonly amount: bigint;
  readonly pool: number;
  readonly position: number;
}

/**
 * {amount u64, pool u8, position u8, ...}: brings the pool up to date; anybody's position, which is there.
 * @param length bytes that the arguments must have
 * @faults malformed, amount, key, missing
 */
export function openPosition(context: Context, length: number): Opened {
  const opened = openKeys(context, length);
  context.require(context.length(opened.position) !== 0, REFUSED.missing);
  return opened;
}

/** The same, of the signer's own position. @faults malformed, amount, key, party, missing */
export function openOwnPosition(context: Context, length: number): Opened {
  const opened = openOwnKeys(context, length);
  context.require(context.length(opened.position) !== 0, REFUSED.missing);
  return opened;
}

/**
 * The same, of the signer's own position, which is made by `ensurePosition` where there is none.
 * @faults malformed, amount, key, party
 */
export function openOwnKeys(context: Context, length: number): Opened {
  const opened = openKeys(context, length);
  context.require(context.keyMatches(opened.position, OWNER_AT, context.signer()), REFUSED.party);
  return opened;
}

function openKeys(context: Context, length: number): Opened {
  context.require(context.argumentsLength === length, REFUSED.malformed);
  const [amount, pool, position] = [context.argU64(0), context.argU8(8), context.argU8(9)];
  requireAmount(context, amount);
  openPool(context, pool);
  context.require(context.keyMatches(position, 0, POSITION), REFUSED.key);
  const isOfPool = context.keyMatches(position, ID_AT, context.keyBytes(pool, ID_AT, POOL_ID_BYTES));
  context.require(isOfPool, REFUSED.key);
  return { amount, pool, position };
}

/** Makes a position where there is none. */
export function ensurePosition(context: Context, position: number): void {
  if (context.length(position) === 0) context.create(position, POSITION_RECORD.bytes);
}

/** Whose position it is, 20 bytes. */
export function positionOwner(context: Context, position: number): Uint8Array {
  return context.keyBytes(position, OWNER_AT, ADDRESS_BYTES);
}

/** Removes a position of nothing. */
export function tidyPosition(context: Context, position: number): void {
  const isEmpty =
    context.u64(position, POSITION_RECORD.shares) === 0n &&
    context.u64(position, POSITION_RECORD.scaledDebt) === 0n &&
    context.u64(position, POSITION_RECORD.collateral) === 0n;
  if (isEmpty) context.remove(position);
}

/** Lowers a position's debt and the pool's by the same, so that the pool's stays the sum of them. */
export function reduceDebt(context: Context, pool: number, position: number, scaled: bigint): void {
  takeFrom(context, position, POSITION_RECORD.scaledDebt, scaled);
  takeFrom(context, pool, POOL_RECORD.scaledDebt, scaled);
}
