import {
  borrow,
  createPool,
  depositCollateral,
  type PoolTerms,
  poolKey,
  positionKey,
  postPrice,
  supply,
} from '../../../../src/ledger/programs/lending/build.ts';
import { SCALE } from '../../../../src/ledger/programs/lending/records.ts';
import { assetId, person, TestLedger } from './ledger.ts';

/** A pool that lends euros against gold, and its people. */

export const [lena, bob, liz, oracle, eve] = [person(1), person(2), person(3), person(4), person(5)];
export const [euro, gold] = [assetId(1), assetId(2)];
export const name = (byte: number) => new Uint8Array(10).fill(byte);
export const pool = { id: name(1), lent: euro, collateral: gold, feed: { name: name(2), oracle } };
export const terms: PoolTerms = { rate: 3170, borrowLimit: 7500, threshold: 8000, bonus: 500, maxAge: 3_600_000 };
export const YEAR = 365n * 86_400_000n;

/** A pool with 10,000 lent in; one gold is worth 10 euros; Bob has 100 gold. */
export function pooled(change: Partial<PoolTerms> = {}): TestLedger {
  const ledger = new TestLedger();
  ledger.give(lena, 10_000n, euro);
  ledger.give(bob, 100n, gold);
  ledger.give(liz, 10_000n, euro);
  ledger.ok(lena, createPool(pool, { ...terms, ...change }), supply(lena, pool, 10_000n));
  post(ledger, 10n * SCALE);
  return ledger;
}
export function borrowed(amount: bigint, change: Partial<PoolTerms> = {}): TestLedger {
  const ledger = pooled(change);
  ledger.ok(bob, depositCollateral(bob, pool, 100n), borrow(bob, pool, amount));
  return ledger;
}
/** The oracle's price, seen now. */
export function post(ledger: TestLedger, price: bigint): void {
  ledger.ok(oracle, postPrice(pool.feed, price, ledger.time));
}
export const shown = (ledger: TestLedger, field: string) => ledger.shown(poolKey(pool.id))?.[field];
export const debtField = (ledger: TestLedger) => ledger.shown(positionKey(pool.id, bob))?.['scaledDebt'];
