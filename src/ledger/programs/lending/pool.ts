import { ADDRESS_BYTES, ASSET_BYTES, MAX_AMOUNT } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { requireAmount } from '../holdings.ts';
import { BASIS_POINTS, mulDivDown, mulDivUp, smaller } from '../integer.ts';
import { requireRecord, SPACE } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import {
  FEED_BYTES,
  FEED_RECORD,
  KINDS,
  LENDING_REFUSED,
  MAX_INDEX,
  POOL_ID_BYTES,
  POOL_RECORD,
  POSITION_RECORD,
  SCALE,
} from './records.ts';

/** What the operations of program 6 share: interest, values, positions, prices. */

export const POOL: Uint8Array = new Uint8Array([SPACE.lending, KINDS.pool]);
export const POSITION: Uint8Array = new Uint8Array([SPACE.lending, KINDS.position]);
export const FEED: Uint8Array = new Uint8Array([SPACE.lending, KINDS.feed]);
const ID_AT = 2;
const OWNER_AT = ID_AT + POOL_ID_BYTES;
const MILLISECONDS = 1_000n;

/**
 * Opens a pool and brings its index up to the block's time: index + ceil(index * rate * ms / (1000 * 10^12)), rounded
 * against the borrowers. @faults key, missing
 */
export function openPool(context: Context, key: number): void {
  requireRecord(context, key, POOL);
  const elapsed = context.time - context.u64(key, POOL_RECORD.accrued);
  if (elapsed <= 0n) return;
  const index = context.u64(key, POOL_RECORD.index);
  const growth = mulDivUp(index, BigInt(context.u32(key, POOL_RECORD.rate)) * elapsed, MILLISECONDS * SCALE);
  context.setU64(key, POOL_RECORD.index, smaller(index + growth, MAX_INDEX));
  context.setU64(key, POOL_RECORD.accrued, context.time);
}

/** What a scaled debt comes to, rounded against the borrower. */
export function debtOf(context: Context, pool: number, scaled: bigint): bigint {
  return mulDivUp(scaled, context.u64(pool, POOL_RECORD.index), SCALE);
}

/** What belongs to the suppliers: cash and debts; debts rounded as `round` says. */
export function poolValue(context: Context, pool: number, round: typeof mulDivDown): bigint {
  const debts = round(context.u64(pool, POOL_RECORD.scaledDebt), context.u64(pool, POOL_RECORD.index), SCALE);
  return context.u64(pool, POOL_RECORD.cash) + debts;
}

export function lentAsset(context: Context, pool: number): Uint8Array {
  return context.bytes(pool, POOL_RECORD.lentAsset, ASSET_BYTES);
}

export function collateralAsset(context: Context, pool: number): Uint8Array {
  return context.bytes(pool, POOL_RECORD.collateralAsset, ASSET_BYTES);
}

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

/** Adds to a field of a record. @faults poolFull above 2^63 - 1 */
export function addTo(context: Context, key: number, field: number, amount: bigint): void {
  const sum = context.u64(key, field) + amount;
  context.require(sum <= MAX_AMOUNT, LENDING_REFUSED.poolFull);
  context.setU64(key, field, sum);
}

/** Takes from a field of a record; the caller knows that there is as much. @faults overflow */
export function takeFrom(context: Context, key: number, field: number, amount: bigint): void {
  context.setU64(key, field, context.u64(key, field) - amount);
}

/** Lowers a position's debt and the pool's by the same, so that the pool's stays the sum of them. */
export function reduceDebt(context: Context, pool: number, position: number, scaled: bigint): void {
  takeFrom(context, position, POSITION_RECORD.scaledDebt, scaled);
  takeFrom(context, pool, POOL_RECORD.scaledDebt, scaled);
}

/**
 * Units of the lent asset for one of collateral, times 10^12, from the pool's own feed.
 * @faults key, missing, stalePrice
 */
export function priceOf(context: Context, pool: number, feed: number): bigint {
  requireRecord(context, feed, FEED);
  context.require(context.keyMatches(feed, ID_AT, context.bytes(pool, POOL_RECORD.feed, FEED_BYTES)), REFUSED.key);
  const age = context.time - context.u64(feed, FEED_RECORD.time);
  context.require(age <= BigInt(context.u32(pool, POOL_RECORD.maxAge)), LENDING_REFUSED.stalePrice);
  return context.u64(feed, FEED_RECORD.price);
}

/** Whether debt * 10,000 <= worth of the collateral, rounded down, * limit, limit in basis points. */
export function carries(collateral: bigint, price: bigint, debt: bigint, limit: number): boolean {
  return debt * BASIS_POINTS <= mulDivDown(collateral, price, SCALE) * BigInt(limit);
}

/** Owner of a feed's key. */
export function isOwnFeed(context: Context, feed: number): boolean {
  return context.keyMatches(feed, 0, FEED) && context.keyMatches(feed, OWNER_AT, context.signer());
}

export const POOL_KEY_END = OWNER_AT;
