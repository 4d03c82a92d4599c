import type { Program } from '../../program/interface.ts';
import { HOLDING_SPACES } from '../holdings.ts';
import { SPACE } from '../spaces.ts';
import { REFUSED_NAMES } from '../statuses.ts';
import { borrow, depositCollateral, repay, withdrawCollateral } from './borrowers.ts';
import { liquidate } from './liquidation.ts';
import { LENDING_REFUSED } from './records.ts';
import { accrue, createPool, postPrice, supply, withdraw } from './suppliers.ts';

/** Program 6: pools that lend one asset against another as collateral. */

export const LENDING = 6;
export const LENDING_OPS = {
  createPool: 0,
  postPrice: 1,
  supply: 2,
  withdraw: 3,
  depositCollateral: 4,
  withdrawCollateral: 5,
  borrow: 6,
  repay: 7,
  liquidate: 8,
  accrue: 9,
} as const;

export const lending: Program = {
  id: LENDING,
  name: 'lending',
  spaces: [...HOLDING_SPACES, SPACE.lending],
  operations: new Map([
    [LENDING_OPS.createPool, { name: 'createPool', gas: 150, run: createPool }],
    [LENDING_OPS.postPrice, { name: 'postPrice', gas: 50, run: postPrice }],
    [LENDING_OPS.supply, { name: 'supply', gas: 250, run: supply }],
    [LENDING_OPS.withdraw, { name: 'withdraw', gas: 250, run: withdraw }],
    [LENDING_OPS.depositCollateral, { name: 'depositCollateral', gas: 200, run: depositCollateral }],
    [LENDING_OPS.withdrawCollateral, { name: 'withdrawCollateral', gas: 250, run: withdrawCollateral }],
    [LENDING_OPS.borrow, { name: 'borrow', gas: 300, run: borrow }],
    [LENDING_OPS.repay, { name: 'repay', gas: 250, run: repay }],
    [LENDING_OPS.liquidate, { name: 'liquidate', gas: 400, run: liquidate }],
    [LENDING_OPS.accrue, { name: 'accrue', gas: 80, run: accrue }],
  ]),
  statuses: {
    ...REFUSED_NAMES,
    [LENDING_REFUSED.illiquid]: 'the pool has not enough cash: it is lent out',
    [LENDING_REFUSED.unhealthy]: 'the collateral does not carry this debt',
    [LENDING_REFUSED.healthy]: 'the collateral carries this debt, so it cannot be liquidated',
    [LENDING_REFUSED.stalePrice]: 'the price is older than the pool accepts',
    [LENDING_REFUSED.dust]: 'so little that it would round to nothing',
    [LENDING_REFUSED.noDebt]: 'there is no debt',
    [LENDING_REFUSED.poolFull]: 'a sum of the pool would pass 2^63 - 1',
    [LENDING_REFUSED.insolvent]: 'the pool’s shares are worth nothing',
  },
};
