import { U64_MAX } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { debit, pay, requireAmount } from '../holdings.ts';
import { BASIS_POINTS, mulDivDown, mulDivUp, smaller } from '../integer.ts';
import { REFUSED } from '../statuses.ts';
import {
  addTo,
  carries,
  collateralAsset,
  debtOf,
  lentAsset,
  openPool,
  priceOf,
  reduceDebt,
  requirePosition,
  requireThere,
  scaledDown,
  takeFrom,
  tidyPosition,
  worthOf,
} from './pool.ts';
import { CLOSE_FACTOR, LENDING_REFUSED, POOL_RECORD, POSITION_RECORD, SCALE } from './records.ts';

/** Event: paid u64, collateral taken u64, written off u64, the position's key without space and kind 30. */
export const LIQUIDATED = 1;

/**
 * {most u64, pool u8, position u8, from u8, collateral to u8, feed u8}: anybody pays part of a debt that its collateral
 * no longer carries and takes collateral of that worth and a bonus, rounded down. Half of the debt at a time, all of it
 * once the collateral with its bonus is worth no more than the debt. When no collateral is left, what is left of the debt
 * is written off: it is the suppliers' loss, and no position stays that nobody has a reason to close.
 */
export function liquidate(context: Context): void {
  context.require(context.argumentsLength === 13, REFUSED.malformed);
  const most = context.argU64(0);
  const pool = context.argU8(8);
  const position = context.argU8(9);
  requireAmount(context, most);
  openPool(context, pool);
  requirePosition(context, pool, position);
  requireThere(context, position);
  const price = priceOf(context, pool, context.argU8(12));
  const scaled = context.u64(position, POSITION_RECORD.scaledDebt);
  const collateral = context.u64(position, POSITION_RECORD.collateral);
  const debt = debtOf(context, pool, scaled);
  context.require(scaled > 0n, LENDING_REFUSED.noDebt);
  const isCarried = carries(collateral, price, debt, context.u32(pool, POOL_RECORD.threshold));
  context.require(!isCarried, LENDING_REFUSED.healthy);

  const withBonus = BASIS_POINTS + BigInt(context.u32(pool, POOL_RECORD.bonus));
  const isShort = worthOf(collateral, price) * BASIS_POINTS <= debt * withBonus;
  const limit = isShort ? debt : mulDivUp(debt, CLOSE_FACTOR, BASIS_POINTS);
  let paid = smaller(most, limit);
  let taken = mulDivDown(paid * SCALE, withBonus, BASIS_POINTS * price);
  let less = paid === debt ? scaled : scaledDown(context, pool, paid);
  let writtenOff = 0n;
  if (taken >= collateral) {
    taken = collateral;
    // What all of the collateral costs at this price, rounded up; never more than was offered.
    paid = smaller(paid, mulDivUp(collateral * BASIS_POINTS, price, withBonus * SCALE));
    less = scaled;
    writtenOff = debt - paid;
  }
  context.require(taken > 0n && less > 0n, LENDING_REFUSED.dust);
  debit(context, context.argU8(10), lentAsset(context, pool), paid);
  addTo(context, pool, POOL_RECORD.cash, paid);
  reduceDebt(context, pool, position, less);
  takeFrom(context, position, POSITION_RECORD.collateral, taken);
  pay(context, context.argU8(11), context.signer(), collateralAsset(context, pool), taken);
  report(context, position, paid, taken, writtenOff);
  tidyPosition(context, position);
}

function report(context: Context, position: number, paid: bigint, taken: bigint, writtenOff: bigint): void {
  const data = new Uint8Array(24 + 30);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, paid, true);
  view.setBigUint64(8, taken, true);
  // A debt that outgrew 64 bits is shown as the largest number.
  view.setBigUint64(16, smaller(writtenOff, U64_MAX), true);
  data.set(context.keyBytes(position, 2, 30), 24);
  context.emit(LIQUIDATED, data);
}
