import { BASIS_POINTS, mulDivDown, mulDivUp, smaller } from '../integer.ts';
import { CLOSE_FACTOR, SCALE } from './records.ts';

/**
 * What a liquidator takes and pays: pure arithmetic, exact, in whole units of collateral and whole units of scaled debt.
 * Close factor and liquidation bonus are those of Compound v2 (`closeFactorMantissa`, `liquidationIncentiveMantissa`) and
 * Aave v3 (`LiquidationLogic`); what is written off is Aave v3.3's deficit. Two things are other than there: a unit of
 * collateral is taken whole, and what it costs beyond the debt goes to the borrower; and the bonus shrinks before the pool
 * loses, where theirs is paid in full at the lenders' cost.
 */

/** A loan that its collateral no longer carries. All integers; `scaledDebt`, `collateral` and `price` above 0. */
export interface Loan {
  /** Debt is scaledDebt * index / 10^12. */
  readonly scaledDebt: bigint;
  readonly index: bigint;
  readonly collateral: bigint;
  /** Units of the lent asset for one of collateral, times 10^12. */
  readonly price: bigint;
  /** Basis points that a liquidator gets on top. */
  readonly bonus: bigint;
}

export interface Seizure {
  /** Units of collateral; 0: what was offered buys none. */
  readonly taken: bigint;
  /** By the liquidator, units of the lent asset: to the pool, and back to the borrower. */
  readonly repaid: bigint;
  readonly returned: bigint;
  /** By how much the scaled debt falls. */
  readonly less: bigint;
  /** Of the debt, because there is no collateral left for it. */
  readonly writtenOff: bigint;
}

/** A unit of collateral costs `price` / (10^12 * `parts`). */
interface UnitCost {
  readonly price: bigint;
  readonly parts: bigint;
}

/**
 * Half of the debt at a time, rounded up to a whole unit of collateral; all of it, once collateral is worth no more than
 * debt and bonus. Within that, as much as `most` pays for.
 * @param most what the liquidator is ready to pay
 */
export function seizureOf(loan: Loan, most: bigint): Seizure {
  const { scaledDebt, index, collateral } = loan;
  const cost = unitCost(loan);
  const closing = isCovered(loan) ? mulDivUp(scaledDebt, CLOSE_FACTOR, BASIS_POINTS) : scaledDebt;
  const largest = billOf(loan, cost, smaller(collateral, mulDivUp(closing * index, cost.parts, cost.price)));
  if (largest.repaid + largest.returned <= most) return largest;
  // Fewer units than those above, since they cost less.
  const affordable = smaller(scaledDebt, mulDivDown(most, SCALE, index));
  return billOf(loan, cost, mulDivDown(affordable * index, cost.parts, cost.price));
}

/** Whether the collateral is worth the debt and the bonus. */
function isCovered({ scaledDebt, index, collateral, price, bonus }: Loan): boolean {
  return collateral * price * BASIS_POINTS >= scaledDebt * index * (BASIS_POINTS + bonus);
}

/**
 * The oracle's price less the bonus. Where that would not pay the debt although the collateral is worth as much, the
 * collateral costs the debt: the bonus is what it is worth beyond. Below, someone must have a reason to come.
 */
function unitCost(loan: Loan): UnitCost {
  const { scaledDebt, index, collateral, price, bonus } = loan;
  const isThin = !isCovered(loan) && collateral * price >= scaledDebt * index;
  if (isThin) return { price: scaledDebt * index, parts: collateral };
  return { price: price * BASIS_POINTS, parts: BASIS_POINTS + bonus };
}

/**
 * A part is paid in whole scaled units, rounded up, and the debt falls by just those. Taking all of the collateral, or more
 * than the debt is worth, ends the debt.
 */
function billOf({ scaledDebt, index, collateral }: Loan, { price, parts }: UnitCost, taken: bigint): Seizure {
  const less = mulDivUp(taken, price, parts * index);
  if (taken < collateral && less <= scaledDebt) {
    return { taken, repaid: mulDivUp(less, index, SCALE), returned: 0n, less, writtenOff: 0n };
  }
  const debt = mulDivUp(scaledDebt, index, SCALE);
  const paid = mulDivUp(taken, price, parts * SCALE);
  const repaid = smaller(paid, debt);
  return { taken, repaid, returned: paid - repaid, less: scaledDebt, writtenOff: debt - repaid };
}
