import { ADDRESS_BYTES, ASSET_BYTES } from '../../constants.ts';
import { type Call, callOf } from '../call.ts';
import { holdingKey, NATIVE, NOBODY } from '../holdings.ts';
import { ownedKey, SPACE } from '../spaces.ts';
import { FLAG_WHOLE, SETTLEMENT, SETTLEMENT_OPS } from './program.ts';

/** Builders of program 3. */

export interface OfferTerms {
  readonly maker: Uint8Array;
  /** A number that this maker has used for no other offer. */
  readonly tag: bigint;
  readonly goodsAsset: Uint8Array;
  readonly paymentAsset?: Uint8Array;
  /** Who gets the fee. */
  readonly feeAccount: Uint8Array;
}

export function offerKey(maker: Uint8Array, tag: bigint): Uint8Array {
  return ownedKey(SPACE.settlement, maker, tag);
}

export interface NewOffer extends OfferTerms {
  readonly goods: bigint;
  /** For all of the goods. */
  readonly price: bigint;
  /** Block time in milliseconds. */
  readonly expiry: bigint;
  /** Basis points of the payment, up to 1,000. */
  readonly fee: number;
  readonly taker?: Uint8Array;
  /** No partial fills. */
  readonly whole?: boolean;
}

/** Signed by the maker. */
export function makeOffer(terms: NewOffer): Call {
  const { maker, tag, goodsAsset, paymentAsset = NATIVE, feeAccount, taker = NOBODY } = terms;
  const key = offerKey(maker, tag);
  const from = holdingKey(maker, goodsAsset);
  return callOf(SETTLEMENT, SETTLEMENT_OPS.offer, { writes: [key, from] }, (at, out) =>
    out
      .u64(terms.goods)
      .u64(terms.price)
      .u64(terms.expiry)
      .u8(at.write(key))
      .u8(at.write(from))
      .u16(terms.fee)
      .u8(terms.whole === true ? FLAG_WHOLE : 0)
      .bytes(paymentAsset, ASSET_BYTES)
      .bytes(feeAccount, ADDRESS_BYTES)
      .bytes(taker, ADDRESS_BYTES),
  );
}

/** Signed by the taker. @param mostToPay the transaction fails rather than pay more */
export function fillOffer(taker: Uint8Array, terms: OfferTerms, goods: bigint, mostToPay: bigint): Call {
  const { maker, tag, goodsAsset, paymentAsset = NATIVE, feeAccount } = terms;
  const key = offerKey(maker, tag);
  const from = holdingKey(taker, paymentAsset);
  const goodsTo = holdingKey(taker, goodsAsset);
  const paymentTo = holdingKey(maker, paymentAsset);
  const feeTo = holdingKey(feeAccount, paymentAsset);
  const keys = { writes: [key, from], credits: [goodsTo, paymentTo, feeTo] };
  return callOf(SETTLEMENT, SETTLEMENT_OPS.fill, keys, (at, out) =>
    out
      .u64(goods)
      .u64(mostToPay)
      .u8(at.write(key))
      .u8(at.write(from))
      .u8(at.credit(goodsTo))
      .u8(at.credit(paymentTo))
      .u8(at.credit(feeTo)),
  );
}

/** Signed by the maker. */
export function cancelOffer(terms: OfferTerms): Call {
  return giveBack(SETTLEMENT_OPS.cancel, terms);
}

/** Signed by anybody, from the expiry on. */
export function expireOffer(terms: OfferTerms): Call {
  return giveBack(SETTLEMENT_OPS.expire, terms);
}

function giveBack(operation: number, { maker, tag, goodsAsset }: OfferTerms): Call {
  const key = offerKey(maker, tag);
  const to = holdingKey(maker, goodsAsset);
  return callOf(SETTLEMENT, operation, { writes: [key], credits: [to] }, (at, out) =>
    out.u8(at.write(key)).u8(at.credit(to)),
  );
}
