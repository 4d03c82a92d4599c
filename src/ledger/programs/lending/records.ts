import { ADDRESS_BYTES, ASSET_BYTES, MAX_AMOUNT } from '../../constants.ts';
import { OWN_STATUS } from '../statuses.ts';

/** Keys, records and bounds of program 6; all of them are consensus. */

/** Bytes of a pool's id and of a price feed's name, chosen by whoever makes them. */
export const POOL_ID_BYTES = 10;
/** Where a key goes on behind space and kind: the pool's id or the feed's name, then the owner of a position or feed. */
export const ID_AT = 2;
export const OWNER_AT = ID_AT + POOL_ID_BYTES;
export const KINDS = { pool: 1, position: 2, feed: 3 } as const;

/** 10^12: of indexes, prices and rates. No product of two or three of them and an amount passes 2^192. */
export const SCALE = 1_000_000_000_000n;
/** No index grows above; from there on interest stands still, so that no loan ever becomes unpayable by overflow. */
export const MAX_INDEX = MAX_AMOUNT;
/** Interest per second in units of 10^-12; the highest is about 315 % a year before compounding. */
export const MAX_RATE = 100_000;
/** Milliseconds that an oracle's clock may be ahead of the block's. */
export const MAX_AHEAD = 60_000n;
/** A liquidator pays at most half of a debt at a time while the collateral covers all of it with the bonus. */
export const CLOSE_FACTOR = 5_000n;

/** Key `[20][1][pool 10][zero 20]`. */
export const POOL_RECORD = {
  /** Units of the lent asset that lie in the pool. */
  cash: 0,
  /** Of all suppliers. */
  shares: 8,
  /** Debts of all borrowers, divided by the index at the time. */
  scaledDebt: 16,
  index: 24,
  accrued: 32,
  rate: 40,
  borrowLimit: 44,
  threshold: 48,
  bonus: 52,
  maxAge: 56,
  lentAsset: 64,
  collateralAsset: 75,
  /** Name and owner of the price feed: bytes 2 to 32 of its key. */
  feed: 86,
  bytes: 120,
} as const;
export const FEED_BYTES = POOL_ID_BYTES + ADDRESS_BYTES;
export const PARAMETER_BYTES = 20 + 2 * ASSET_BYTES + FEED_BYTES;

/** Key `[20][2][pool 10][owner 20]`; removed when all three are 0. */
export const POSITION_RECORD = { shares: 0, scaledDebt: 8, collateral: 16, bytes: 24 } as const;
/** Key `[20][3][name 10][oracle 20]`; `time` is when the price was seen, in milliseconds. */
export const FEED_RECORD = { price: 0, time: 8, bytes: 16 } as const;

export const LENDING_REFUSED = {
  /** The pool has lent out what is asked for. */
  illiquid: OWN_STATUS,
  /** The loan would be above what the collateral carries, or is not, where it must be. */
  unhealthy: OWN_STATUS + 1,
  healthy: OWN_STATUS + 2,
  stalePrice: OWN_STATUS + 3,
  /** So little that it would round to nothing. */
  dust: OWN_STATUS + 4,
  noDebt: OWN_STATUS + 5,
  /** Sum of a pool above 2^63 - 1. */
  poolFull: OWN_STATUS + 6,
  /** Losses have eaten everything; the pool takes no new money. */
  insolvent: OWN_STATUS + 7,
} as const;
