import type { Context } from '../../program/interface.ts';
import { debit, pay } from '../holdings.ts';
import { mulDivDown, mulDivUp, smaller } from '../integer.ts';
import { REFUSED } from '../statuses.ts';
import { addTo, carries, collateralAsset, debtOf, lentAsset, priceOf, takeFrom } from './pool.ts';
import { ensurePosition, openOwnKeys, openOwnPosition, openPosition, reduceDebt, tidyPosition } from './positions.ts';
import { LENDING_REFUSED, POOL_RECORD, POSITION_RECORD, SCALE } from './records.ts';

/** Program 6: those who borrow against collateral. */

/** {amount u64, pool u8, position u8, from u8}: collateral lies still; it is not lent on. */
export function depositCollateral(context: Context): void {
  const { amount, pool, position } = openOwnKeys(context, 11);
  debit(context, context.argU8(10), collateralAsset(context, pool), amount);
  ensurePosition(context, position);
  addTo(context, position, POSITION_RECORD.collateral, amount);
}

/** {amount u64, pool u8, position u8, to u8, feed u8}: what the debt does not need; without a debt the feed is not read. */
export function withdrawCollateral(context: Context): void {
  const { amount, pool, position } = openOwnPosition(context, 12);
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
  const { amount, pool, position } = openOwnPosition(context, 12);
  context.require(amount <= context.u64(pool, POOL_RECORD.cash), LENDING_REFUSED.illiquid);
  const scaled = mulDivUp(amount, SCALE, context.u64(pool, POOL_RECORD.index));
  addTo(context, pool, POOL_RECORD.scaledDebt, scaled);
  addTo(context, position, POSITION_RECORD.scaledDebt, scaled);
  takeFrom(context, pool, POOL_RECORD.cash, amount);
  requireCarried(context, pool, position, context.argU8(11));
  pay(context, context.argU8(10), context.signer(), lentAsset(context, pool), amount);
}

/**
 * {most u64, pool u8, position u8, from u8}: as much of a debt as `most` pays off, whosever it is. Debts are whole scaled
 * units, so what is taken is what those cost, rounded up: no more than `most`, nor than what is owed.
 */
export function repay(context: Context): void {
  const { amount: most, pool, position } = openPosition(context, 11);
  const scaled = context.u64(position, POSITION_RECORD.scaledDebt);
  context.require(scaled > 0n, LENDING_REFUSED.noDebt);
  const less = smaller(scaled, mulDivDown(most, SCALE, context.u64(pool, POOL_RECORD.index)));
  context.require(less > 0n, LENDING_REFUSED.dust);
  const paid = debtOf(context, pool, less);
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
