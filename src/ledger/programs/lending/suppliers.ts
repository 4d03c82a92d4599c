import { ASSET_BYTES } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { debit, pay, sameBytes } from '../holdings.ts';
import { mulDivDown, mulDivUp } from '../integer.ts';
import { requireNew } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { addTo, isOwnFeed, lentAsset, openPool, POOL, poolValue, takeFrom } from './pool.ts';
import { ensurePosition, openOwnKeys, openOwnPosition, tidyPosition } from './positions.ts';
import {
  FEED_BYTES,
  FEED_RECORD,
  LENDING_REFUSED,
  MAX_AHEAD,
  MAX_RATE,
  OWNER_AT,
  PARAMETER_BYTES,
  POOL_RECORD,
  POSITION_RECORD,
  SCALE,
} from './records.ts';

/** Program 6: pools, prices and those who lend. */

const BASIS = 10_000;

/**
 * {rate u32, borrow limit u32, threshold u32, bonus u32, max age u32, pool u8, lent asset 11, collateral asset 11, feed's
 * name 10 and oracle 20}. A pool's terms never change. Limit < threshold, and threshold with bonus within the collateral,
 * so that a loan at the threshold is covered.
 */
export function createPool(context: Context): void {
  context.require(context.argumentsLength === PARAMETER_BYTES + 1, REFUSED.malformed);
  const [rate, limit, threshold, bonus] = [context.argU32(0), context.argU32(4), context.argU32(8), context.argU32(12)];
  const key = context.argU8(20);
  const [lent, collateral] = [context.argBytes(21, ASSET_BYTES), context.argBytes(32, ASSET_BYTES)];
  context.require(rate <= MAX_RATE && limit > 0 && limit < threshold && bonus <= BASIS, REFUSED.malformed);
  context.require(threshold * (BASIS + bonus) <= BASIS * BASIS, REFUSED.malformed);
  context.require(!sameBytes(lent, collateral), REFUSED.asset);
  context.require(context.keyMatches(key, 0, POOL), REFUSED.key);
  requireNew(context, key, OWNER_AT);
  context.create(key, POOL_RECORD.bytes);
  context.setU64(key, POOL_RECORD.index, SCALE);
  context.setU64(key, POOL_RECORD.accrued, context.time);
  context.setU32(key, POOL_RECORD.rate, rate);
  context.setU32(key, POOL_RECORD.borrowLimit, limit);
  context.setU32(key, POOL_RECORD.threshold, threshold);
  context.setU32(key, POOL_RECORD.bonus, bonus);
  context.setU32(key, POOL_RECORD.maxAge, context.argU32(16));
  context.setBytes(key, POOL_RECORD.lentAsset, lent);
  context.setBytes(key, POOL_RECORD.collateralAsset, collateral);
  context.setBytes(key, POOL_RECORD.feed, context.argBytes(43, FEED_BYTES));
}

/**
 * {price u64, seen u64, feed u8}, by the oracle whose address is in the feed's key. A price is as old as `seen` says, not as
 * its transaction: one that was kept back does not look fresh, and never takes the place of one that was seen later.
 */
export function postPrice(context: Context): void {
  context.require(context.argumentsLength === 17, REFUSED.malformed);
  const price = context.argU64(0);
  const seen = context.argU64(8);
  const feed = context.argU8(16);
  context.require(price > 0n, REFUSED.amount);
  context.require(isOwnFeed(context, feed), REFUSED.party);
  context.require(seen <= context.time + MAX_AHEAD, REFUSED.tooEarly);
  if (context.length(feed) === 0) context.create(feed, FEED_RECORD.bytes);
  context.require(seen >= context.u64(feed, FEED_RECORD.time), REFUSED.tooLate);
  context.setU64(feed, FEED_RECORD.price, price);
  context.setU64(feed, FEED_RECORD.time, seen);
}

/**
 * {most u64, pool u8, position u8, from u8}: as many whole shares as `most` buys, for exactly what they cost rounded up.
 * So nobody can make another's deposit round away, however dear a share has become: it costs less than one unit.
 */
export function supply(context: Context): void {
  const { amount: most, pool, position } = openOwnKeys(context, 11);
  const total = context.u64(pool, POOL_RECORD.shares);
  const value = poolValue(context, pool, mulDivUp);
  context.require(total === 0n || value > 0n, LENDING_REFUSED.insolvent);
  const shares = total === 0n ? most : mulDivDown(most, total, value);
  context.require(shares > 0n, LENDING_REFUSED.dust);
  const cost = total === 0n ? most : mulDivUp(shares, value, total);
  debit(context, context.argU8(10), lentAsset(context, pool), cost);
  ensurePosition(context, position);
  addTo(context, pool, POOL_RECORD.shares, shares);
  addTo(context, pool, POOL_RECORD.cash, cost);
  addTo(context, position, POSITION_RECORD.shares, shares);
}

/** {shares u64, pool u8, position u8, to u8}: their part of cash and debts, rounded down, as far as there is cash. */
export function withdraw(context: Context): void {
  const { amount: shares, pool, position } = openOwnPosition(context, 11);
  context.require(context.u64(position, POSITION_RECORD.shares) >= shares, REFUSED.funds);
  const amount = mulDivDown(shares, poolValue(context, pool, mulDivDown), context.u64(pool, POOL_RECORD.shares));
  context.require(amount <= context.u64(pool, POOL_RECORD.cash), LENDING_REFUSED.illiquid);
  takeFrom(context, pool, POOL_RECORD.shares, shares);
  takeFrom(context, pool, POOL_RECORD.cash, amount);
  takeFrom(context, position, POSITION_RECORD.shares, shares);
  pay(context, context.argU8(10), context.signer(), lentAsset(context, pool), amount);
  tidyPosition(context, position);
}

/** {pool u8}: brings the interest up to date; every other operation does so by itself. */
export function accrue(context: Context): void {
  context.require(context.argumentsLength === 1, REFUSED.malformed);
  openPool(context, context.argU8(0));
}
