import { ADDRESS_BYTES, ASSET_BYTES } from '../../constants.ts';
import { join } from '../../keys.ts';
import { type Call, callOf } from '../call.ts';
import { holdingKey } from '../holdings.ts';
import { SPACE } from '../spaces.ts';
import { LENDING, LENDING_OPS } from './program.ts';
import { KINDS, POOL_ID_BYTES } from './records.ts';

/** Builders of program 6. A pool's id and a feed's name have 10 bytes; the first to take a pool's id has it. */

export interface Feed {
  readonly name: Uint8Array;
  /** Address of who posts the price. */
  readonly oracle: Uint8Array;
}

export interface Pool {
  readonly id: Uint8Array;
  readonly lent: Uint8Array;
  readonly collateral: Uint8Array;
  readonly feed: Feed;
}

export function poolKey(id: Uint8Array): Uint8Array {
  return join(SPACE.lending, new Uint8Array([KINDS.pool]), id);
}

export function positionKey(id: Uint8Array, owner: Uint8Array): Uint8Array {
  return join(SPACE.lending, new Uint8Array([KINDS.position]), id, owner);
}

export function feedKey({ name, oracle }: Feed): Uint8Array {
  return join(SPACE.lending, new Uint8Array([KINDS.feed]), name, oracle);
}

export interface PoolTerms {
  /** Interest per second, units of 10^-12; 3,170 is about 10 % a year. */
  readonly rate: number;
  /** Basis points of the collateral's worth up to which one can borrow. */
  readonly borrowLimit: number;
  /** Basis points above which a loan can be liquidated. */
  readonly threshold: number;
  /** Basis points that a liquidator gets on top. */
  readonly bonus: number;
  /** Milliseconds for which a price holds. */
  readonly maxAge: number;
}

export function createPool(pool: Pool, terms: PoolTerms): Call {
  const key = poolKey(pool.id);
  return callOf(LENDING, LENDING_OPS.createPool, { writes: [key] }, (at, out) =>
    out
      .u32(terms.rate)
      .u32(terms.borrowLimit)
      .u32(terms.threshold)
      .u32(terms.bonus)
      .u32(terms.maxAge)
      .u8(at.write(key))
      .bytes(pool.lent, ASSET_BYTES)
      .bytes(pool.collateral, ASSET_BYTES)
      .bytes(pool.feed.name, POOL_ID_BYTES)
      .bytes(pool.feed.oracle, ADDRESS_BYTES),
  );
}

/**
 * Signed by the oracle.
 * @param price units of the lent asset for one of collateral, times 10^12
 * @param seen when the oracle saw it, milliseconds since 1970; no older than the price that is there
 */
export function postPrice(feed: Feed, price: bigint, seen: bigint): Call {
  const key = feedKey(feed);
  return callOf(LENDING, LENDING_OPS.postPrice, { writes: [key] }, (at, out) =>
    out.u64(price).u64(seen).u8(at.write(key)),
  );
}

/** @param most what the shares may cost; they are whole, so they may cost a little less */
export function supply(signer: Uint8Array, pool: Pool, most: bigint): Call {
  return payIn(LENDING_OPS.supply, pool, signer, holdingKey(signer, pool.lent), most);
}

/** @param shares as in the position's record */
export function withdraw(signer: Uint8Array, pool: Pool, shares: bigint): Call {
  const [key, position] = [poolKey(pool.id), positionKey(pool.id, signer)];
  const to = holdingKey(signer, pool.lent);
  return callOf(LENDING, LENDING_OPS.withdraw, { writes: [key, position], credits: [to] }, (at, out) =>
    out.u64(shares).u8(at.write(key)).u8(at.write(position)).u8(at.credit(to)),
  );
}

export function depositCollateral(signer: Uint8Array, pool: Pool, amount: bigint): Call {
  return payIn(LENDING_OPS.depositCollateral, pool, signer, holdingKey(signer, pool.collateral), amount);
}

export function withdrawCollateral(signer: Uint8Array, pool: Pool, amount: bigint): Call {
  return payOut(LENDING_OPS.withdrawCollateral, pool, signer, holdingKey(signer, pool.collateral), amount);
}

export function borrow(signer: Uint8Array, pool: Pool, amount: bigint): Call {
  return payOut(LENDING_OPS.borrow, pool, signer, holdingKey(signer, pool.lent), amount);
}

/** @param most no more than is owed is taken, so 2^63 - 1 pays all of it */
export function repay(signer: Uint8Array, pool: Pool, borrower: Uint8Array, most: bigint): Call {
  return payIn(LENDING_OPS.repay, pool, borrower, holdingKey(signer, pool.lent), most);
}

/** @param most to pay; as much is taken as can be liquidated, and what a dear unit costs beyond the debt is the borrower's */
export function liquidate(signer: Uint8Array, pool: Pool, borrower: Uint8Array, most: bigint): Call {
  const [key, position] = [poolKey(pool.id), positionKey(pool.id, borrower)];
  const [from, to] = [holdingKey(signer, pool.lent), holdingKey(signer, pool.collateral)];
  const [back, feed] = [holdingKey(borrower, pool.lent), feedKey(pool.feed)];
  const keys = { writes: [key, position, from], reads: [feed], credits: [to, back] };
  return callOf(LENDING, LENDING_OPS.liquidate, keys, (at, out) =>
    out
      .u64(most)
      .u8(at.write(key))
      .u8(at.write(position))
      .u8(at.write(from))
      .u8(at.credit(to))
      .u8(at.read(feed))
      .u8(at.credit(back)),
  );
}

export function accrue({ id }: Pool): Call {
  const key = poolKey(id);
  return callOf(LENDING, LENDING_OPS.accrue, { writes: [key] }, (at, out) => out.u8(at.write(key)));
}

function payIn(operation: number, { id }: Pool, owner: Uint8Array, from: Uint8Array, amount: bigint): Call {
  const [key, position] = [poolKey(id), positionKey(id, owner)];
  return callOf(LENDING, operation, { writes: [key, position, from] }, (at, out) =>
    out.u64(amount).u8(at.write(key)).u8(at.write(position)).u8(at.write(from)),
  );
}

function payOut(operation: number, pool: Pool, owner: Uint8Array, to: Uint8Array, amount: bigint): Call {
  const [key, position] = [poolKey(pool.id), positionKey(pool.id, owner)];
  const feed = feedKey(pool.feed);
  return callOf(LENDING, operation, { writes: [key, position], reads: [feed], credits: [to] }, (at, out) =>
    out.u64(amount).u8(at.write(key)).u8(at.write(position)).u8(at.credit(to)).u8(at.read(feed)),
  );
}
