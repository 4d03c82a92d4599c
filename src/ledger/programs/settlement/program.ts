import { ADDRESS_BYTES, ASSET_BYTES } from '../../constants.ts';
import type { Context, Program } from '../../program/interface.ts';
import { assetOf, debit, HOLDING_SPACES, isZero, pay, requireAmount, sameBytes } from '../holdings.ts';
import { BASIS_POINTS, mulDivDown, mulDivUp } from '../integer.ts';
import { ownerOf, requireNewOwned, requireRecord, SPACE } from '../spaces.ts';
import { OWN_STATUS, REFUSED, REFUSED_NAMES } from '../statuses.ts';

/**
 * Program 3: a maker locks goods under a price, takers fill it in whole or in part, goods against payment in one step.
 * The price is `price` for the whole `lot`; a part costs its share rounded up, so the maker is never short. The fee is
 * part of the payment: of the sum of all payments so far, rounded down, so that no part is too small for it.
 */

export const SETTLEMENT = 3;
export const SETTLEMENT_OPS = { offer: 0, fill: 1, cancel: 2, expire: 3 } as const;
export const SETTLEMENT_REFUSED = { whole: OWN_STATUS, overfill: OWN_STATUS + 1 } as const;
/** Basis points; the highest fee that an offer may name. */
export const MAX_FEE = 1_000;
export const MAX_OFFER_TERM = 365n * 86_400_000n;
/** Only the whole of what is left can be filled. */
export const FLAG_WHOLE = 1;
/** Key `[17][maker 20][tag u64][zero 3]`. `goods` is what is left of `lot`. */
export const OFFER_RECORD = {
  goods: 0,
  price: 8,
  lot: 16,
  expiry: 24,
  fee: 32,
  flags: 36,
  goodsAsset: 40,
  paymentAsset: 51,
  feeAccount: 62,
  taker: 82,
  /** Sum of the payments so far: each at most a unit above its part of the price, so below 2^64. */
  paid: 104,
  bytes: 112,
} as const;
/** Event: goods u64, payment u64, fee u64, the offer's key without its space 31. */
export const OFFER_FILLED = 1;

const PREFIX: Uint8Array = new Uint8Array([SPACE.settlement]);

/**
 * {goods u64, price u64, expiry u64, offer u8, from u8, fee u16, flags u8, payment asset 11, fee account 20, taker 20};
 * zeros as taker: anybody.
 */
function offer(context: Context): void {
  context.require(context.argumentsLength === 80, REFUSED.malformed);
  const goods = context.argU64(0);
  const price = context.argU64(8);
  const expiry = context.argU64(16);
  const key = context.argU8(24);
  const from = context.argU8(25);
  const fee = context.argU16(26);
  const flags = context.argU8(28);
  const feeAccount = context.argBytes(40, ADDRESS_BYTES);
  context.require(fee <= MAX_FEE && (flags & ~FLAG_WHOLE) === 0, REFUSED.malformed);
  context.require(fee === 0 || !isZero(feeAccount), REFUSED.malformed);
  requireNewOwned(context, key, SPACE.settlement);
  requireAmount(context, price);
  context.require(expiry > context.time, REFUSED.tooEarly);
  context.require(expiry <= context.time + MAX_OFFER_TERM, REFUSED.tooLate);
  const goodsAsset = assetOf(context, from);
  const paymentAsset = context.argBytes(29, ASSET_BYTES);
  context.require(!sameBytes(goodsAsset, paymentAsset), REFUSED.asset);
  debit(context, from, goodsAsset, goods);
  context.create(key, OFFER_RECORD.bytes);
  context.setU64(key, OFFER_RECORD.goods, goods);
  context.setU64(key, OFFER_RECORD.price, price);
  context.setU64(key, OFFER_RECORD.lot, goods);
  context.setU64(key, OFFER_RECORD.expiry, expiry);
  context.setU32(key, OFFER_RECORD.fee, fee);
  context.setU32(key, OFFER_RECORD.flags, flags);
  context.setBytes(key, OFFER_RECORD.goodsAsset, goodsAsset);
  context.setBytes(key, OFFER_RECORD.paymentAsset, paymentAsset);
  context.setBytes(key, OFFER_RECORD.feeAccount, feeAccount);
  context.setBytes(key, OFFER_RECORD.taker, context.argBytes(60, ADDRESS_BYTES));
}

/**
 * {goods u64, most to pay u64, offer u8, from u8, goods to u8, payment to u8, fee to u8}. The upper bound is the taker's
 * shield: a maker could take an offer back and put a dearer one under the same key before the taker's transaction runs.
 */
function fill(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const goods = context.argU64(0);
  const key = context.argU8(16);
  requireAmount(context, goods);
  requireRecord(context, key, PREFIX);
  context.require(context.time < context.u64(key, OFFER_RECORD.expiry), REFUSED.tooLate);
  const taker = context.bytes(key, OFFER_RECORD.taker, ADDRESS_BYTES);
  context.require(isZero(taker) || context.keyMatches(0, 1, taker), REFUSED.party);
  const left = context.u64(key, OFFER_RECORD.goods);
  context.require(goods <= left, SETTLEMENT_REFUSED.overfill);
  const isWhole = (context.u32(key, OFFER_RECORD.flags) & FLAG_WHOLE) !== 0;
  context.require(!isWhole || goods === left, SETTLEMENT_REFUSED.whole);
  // Bounded: goods <= lot, so the payment is at most the price, and the product below 2^126.
  const payment = mulDivUp(goods, context.u64(key, OFFER_RECORD.price), context.u64(key, OFFER_RECORD.lot));
  context.require(payment <= context.argU64(8), REFUSED.price);
  const before = context.u64(key, OFFER_RECORD.paid);
  const points = BigInt(context.u32(key, OFFER_RECORD.fee));
  const fee = mulDivDown(before + payment, points, BASIS_POINTS) - mulDivDown(before, points, BASIS_POINTS);
  const paymentAsset = context.bytes(key, OFFER_RECORD.paymentAsset, ASSET_BYTES);
  debit(context, context.argU8(17), paymentAsset, payment);
  pay(context, context.argU8(19), ownerOf(context, key), paymentAsset, payment - fee);
  pay(context, context.argU8(20), context.bytes(key, OFFER_RECORD.feeAccount, ADDRESS_BYTES), paymentAsset, fee);
  pay(context, context.argU8(18), context.signer(), goodsAssetOf(context, key), goods);
  report(context, key, goods, payment, fee);
  if (goods === left) {
    context.remove(key);
    return;
  }
  context.setU64(key, OFFER_RECORD.goods, left - goods);
  context.setU64(key, OFFER_RECORD.paid, before + payment);
}

/** {offer u8, to u8}: the maker, at any time. */
function cancel(context: Context): void {
  context.require(context.argumentsLength === 2, REFUSED.malformed);
  const key = context.argU8(0);
  requireRecord(context, key, PREFIX);
  context.require(context.keyIsSigners(key), REFUSED.party);
  giveBack(context, key, context.argU8(1));
}

/** {offer u8, to u8}: anybody, from the expiry on; what is left goes to the maker. */
function expire(context: Context): void {
  context.require(context.argumentsLength === 2, REFUSED.malformed);
  const key = context.argU8(0);
  requireRecord(context, key, PREFIX);
  context.require(context.time >= context.u64(key, OFFER_RECORD.expiry), REFUSED.tooEarly);
  giveBack(context, key, context.argU8(1));
}

function giveBack(context: Context, key: number, to: number): void {
  const goods = context.u64(key, OFFER_RECORD.goods);
  pay(context, to, ownerOf(context, key), goodsAssetOf(context, key), goods);
  context.remove(key);
}

function goodsAssetOf(context: Context, key: number): Uint8Array {
  return context.bytes(key, OFFER_RECORD.goodsAsset, ASSET_BYTES);
}

function report(context: Context, key: number, goods: bigint, payment: bigint, fee: bigint): void {
  const data = new Uint8Array(24 + 31);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, goods, true);
  view.setBigUint64(8, payment, true);
  view.setBigUint64(16, fee, true);
  data.set(context.keyBytes(key, 1, 31), 24);
  context.emit(OFFER_FILLED, data);
}

export const settlement: Program = {
  id: SETTLEMENT,
  name: 'settlement',
  spaces: [...HOLDING_SPACES, SPACE.settlement],
  operations: new Map([
    [SETTLEMENT_OPS.offer, { name: 'offer', gas: 120, run: offer }],
    [SETTLEMENT_OPS.fill, { name: 'fill', gas: 200, run: fill }],
    [SETTLEMENT_OPS.cancel, { name: 'cancel', gas: 80, run: cancel }],
    [SETTLEMENT_OPS.expire, { name: 'expire', gas: 80, run: expire }],
  ]),
  statuses: {
    ...REFUSED_NAMES,
    [SETTLEMENT_REFUSED.whole]: 'this offer is filled as a whole or not at all',
    [SETTLEMENT_REFUSED.overfill]: 'more than what is left of the offer',
  },
};
