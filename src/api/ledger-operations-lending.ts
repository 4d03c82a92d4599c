import { z } from 'zod';
import * as lending from '../ledger/programs/lending/build.ts';
import { address, asset, shortId, u32, u64 } from './ledger-fields.ts';
import { type Entry, entry } from './ledger-operation.ts';

const feed = z.strictObject({ name: shortId, oracle: address });
const pool = z.strictObject({ id: shortId, lent: asset, collateral: asset, feed });
const amount = { pool, amount: u64 };

export const LENDING_OPERATIONS: readonly Entry[] = [
  entry(
    'lending.createPool',
    { pool, rate: u32, borrowLimit: u32, threshold: u32, bonus: u32, maxAge: u32 },
    (_, { pool: of, ...terms }) => lending.createPool(of, terms),
  ),
  entry('lending.postPrice', { feed, price: u64, seen: u64 }, (_, { feed: of, price, seen }) =>
    lending.postPrice(of, price, seen),
  ),
  entry('lending.supply', { pool, most: u64 }, (signer, { pool: of, most }) => lending.supply(signer, of, most)),
  entry('lending.withdraw', { pool, shares: u64 }, (signer, { pool: of, shares }) =>
    lending.withdraw(signer, of, shares),
  ),
  entry('lending.depositCollateral', amount, (signer, input) =>
    lending.depositCollateral(signer, input.pool, input.amount),
  ),
  entry('lending.withdrawCollateral', amount, (signer, input) =>
    lending.withdrawCollateral(signer, input.pool, input.amount),
  ),
  entry('lending.borrow', amount, (signer, input) => lending.borrow(signer, input.pool, input.amount)),
  entry('lending.repay', { pool, borrower: address, most: u64 }, (signer, { pool: of, borrower, most }) =>
    lending.repay(signer, of, borrower, most),
  ),
  entry('lending.liquidate', { pool, borrower: address, most: u64 }, (signer, { pool: of, borrower, most }) =>
    lending.liquidate(signer, of, borrower, most),
  ),
  entry('lending.accrue', { pool }, (_, { pool: of }) => lending.accrue(of)),
];
