import type { Context } from '../../program/interface.ts';
import { debit, pay, requireAmount } from '../holdings.ts';
import { mulDivUp, smaller } from '../integer.ts';
import { REFUSED } from '../statuses.ts';
import {
  addTo,
  carries,
  collateralAsset,
  debtOf,
  ensurePosition,
  lentAsset,
  openPool,
  priceOf,
  reduceDebt,
  requireOwnPosition,
  requirePosition,
  requireThere,
  scaledDown,
  takeFrom,
  tidyPosition,
} from './pool.ts';
import { LENDING_REFUSED, POOL_RECORD, POSITION_RECORD, SCALE } from './records.ts';

/** Program 6: those who borrow against collateral. */

/** {amount u64, pool u8, position u8, from u8}: collateral lies still; it is not lent on. */
export function depositCollateral(context: Context): void {
  context.require(context.argumentsLength === 11, REFUSED.malformed);
  const amount = context.argU64(0);
  const pool = context.argU8(8);
  const position = context.argU8(9);
  openPool(context, pool);
  requireOwnPosition(context, pool, position);
  debit(context, context.argU8(10), collateralAsset(context, pool), amount);
  ensurePosition(context, position);
  addTo(context, position, POSITION_RECORD.collateral, amount);
}

/** {amount u64, pool u8, position u8, to u8, feed u8}: what the debt does not need; without a debt the feed is not read. */
export function withdrawCollateral(context: Context): void {
  context.require(context.argumentsLength === 12, REFUSED.malformed);
  const amount = context.argU64(0);
  const pool = context.argU8(8);
  const position = context.argU8(9);
  requireAmount(context, amount);
  openPool(context, pool);
  requireOwnPosition(context, pool, position);
  requireThere(context, position);
  context.require(context.u64(position, POSITION_RECORD.collateral) >= amount, REFUSED.funds);
  takeFrom(context, position, POSITION_RECORD.collateral, amount);
  if (context.u64(position, POSITION_RECORD.scaledDebt) > 0n) {
    requireCarried(context, pool, position, context.argU8(11));
  }
  pay(context, context.argU8(10), context.signer(), collateralAsset(context, pool), amount);
  tidyPosition(context, position);
}

/** {amount u64, pool u8, position u8, to u8, feed u8}: up to the borrow limit; the debt is rounded up. */
export function borrow(context: Context): void {
  context.require(context.argumentsLength === 12, REFUSED.malformed);
  const amount = context.argU64(0);
  const pool = context.argU8(8);
  const position = context.argU8(9);
  requireAmount(context, amount);
  openPool(context, pool);
  requireOwnPosition(context, pool, position);
  requireThere(context, position);
  context.require(amount <= context.u64(pool, POOL_RECORD.cash), LENDING_REFUSED.illiquid);
  const scaled = mulDivUp(amount, SCALE, context.u64(pool, POOL_RECORD.index));
  addTo(context, pool, POOL_RECORD.scaledDebt, scaled);
  addTo(context, position, POSITION_RECORD.scaledDebt, scaled);
  takeFrom(context, pool, POOL_RECORD.cash, amount);
  requireCarried(context, pool, position, context.argU8(11));
  pay(context, context.argU8(10), context.signer(), lentAsset(context, pool), amount);
}

/** {most u64, pool u8, position u8, from u8}: the debt or `most` of it, whosever it is; no more than is owed is taken. */
export function repay(context: Context): void {
  context.require(context.argumentsLength === 11, REFUSED.malformed);
  const most = context.argU64(0);
  const pool = context.argU8(8);
  const position = context.argU8(9);
  requireAmount(context, most);
  openPool(context, pool);
  requirePosition(context, pool, position);
  requireThere(context, position);
  const scaled = context.u64(position, POSITION_RECORD.scaledDebt);
  context.require(scaled > 0n, LENDING_REFUSED.noDebt);
  const debt = debtOf(context, pool, scaled);
  const paid = smaller(most, debt);
  // A part is rounded down: the debt falls by no more than what was paid.
  const less = paid === debt ? scaled : scaledDown(context, pool, paid);
  context.require(less > 0n, LENDING_REFUSED.dust);
  debit(context, context.argU8(10), lentAsset(context, pool), paid);
  addTo(context, pool, POOL_RECORD.cash, paid);
  reduceDebt(context, pool, position, less);
  tidyPosition(context, position);
}

/** @faults unhealthy, and those of the price */
function requireCarried(context: Context, pool: number, position: number, feed: number): void {
  const price = priceOf(context, pool, feed);
  const debt = debtOf(context, pool, context.u64(position, POSITION_RECORD.scaledDebt));
  const limit = context.u32(pool, POOL_RECORD.borrowLimit);
  const isCarried = carries(context.u64(position, POSITION_RECORD.collateral), price, debt, limit);
  context.require(isCarried, LENDING_REFUSED.unhealthy);
}
