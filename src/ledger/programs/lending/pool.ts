import { ASSET_BYTES, MAX_AMOUNT } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { BASIS_POINTS, mulDivDown, mulDivUp, smaller } from '../integer.ts';
import { requireRecord, SPACE } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import {
  FEED_BYTES,
  FEED_RECORD,
  ID_AT,
  KINDS,
  LENDING_REFUSED,
  MAX_INDEX,
  OWNER_AT,
  POOL_RECORD,
  SCALE,
} from './records.ts';

/** What the operations of program 6 share: interest, values, prices. */

export const POOL: Uint8Array = new Uint8Array([SPACE.lending, KINDS.pool]);
const FEED: Uint8Array = new Uint8Array([SPACE.lending, KINDS.feed]);
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
