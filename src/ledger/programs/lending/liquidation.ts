import { U64_MAX } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { debit, pay } from '../holdings.ts';
import { smaller } from '../integer.ts';
import { addTo, carries, collateralAsset, debtOf, lentAsset, priceOf, takeFrom } from './pool.ts';
import { openPosition, positionOwner, reduceDebt, tidyPosition } from './positions.ts';
import { LENDING_REFUSED, POOL_RECORD, POSITION_RECORD } from './records.ts';
import { type Seizure, seizureOf } from './seizure.ts';

/**
 * Event: paid to the pool u64, collateral taken u64, written off u64, paid to the borrower u64, the position's key without
 * space and kind 30.
 */
export const LIQUIDATED = 1;

/**
 * {most u64, pool u8, position u8, from u8, collateral to u8, feed u8, to the borrower u8}: anybody pays part of a debt
 * that its collateral no longer carries and takes collateral of that worth and a bonus (`seizure.ts`), so that every such
 * position can be closed, however dear or cheap a unit. When no collateral is left, what is left of the debt is written
 * off: it is the suppliers' loss, and no position stays that nobody has a reason to close.
 */
export function liquidate(context: Context): void {
  const { amount: most, pool, position } = openPosition(context, 14);
  const price = priceOf(context, pool, context.argU8(12));
  const scaledDebt = context.u64(position, POSITION_RECORD.scaledDebt);
  const collateral = context.u64(position, POSITION_RECORD.collateral);
  context.require(scaledDebt > 0n, LENDING_REFUSED.noDebt);
  const debt = debtOf(context, pool, scaledDebt);
  const isCarried = carries(collateral, price, debt, context.u32(pool, POOL_RECORD.threshold));
  context.require(!isCarried, LENDING_REFUSED.healthy);
  const index = context.u64(pool, POOL_RECORD.index);
  const bonus = BigInt(context.u32(pool, POOL_RECORD.bonus));
  const seizure = seizureOf({ scaledDebt, index, collateral, price, bonus }, most);
  context.require(seizure.taken > 0n, LENDING_REFUSED.dust);

  const lent = lentAsset(context, pool);
  debit(context, context.argU8(10), lent, seizure.repaid + seizure.returned);
  addTo(context, pool, POOL_RECORD.cash, seizure.repaid);
  reduceDebt(context, pool, position, seizure.less);
  takeFrom(context, position, POSITION_RECORD.collateral, seizure.taken);
  pay(context, context.argU8(11), context.signer(), collateralAsset(context, pool), seizure.taken);
  pay(context, context.argU8(13), positionOwner(context, position), lent, seizure.returned);
  report(context, position, seizure);
  tidyPosition(context, position);
}

function report(context: Context, position: number, seizure: Seizure): void {
  const data = new Uint8Array(32 + 30);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, seizure.repaid, true);
  view.setBigUint64(8, seizure.taken, true);
  // A debt that outgrew 64 bits is shown as the largest number.
  view.setBigUint64(16, smaller(seizure.writtenOff, U64_MAX), true);
  view.setBigUint64(24, seizure.returned, true);
  data.set(context.keyBytes(position, 2, 30), 32);
  context.emit(LIQUIDATED, data);
}
