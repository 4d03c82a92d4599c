import type { Describe } from '../record-view.ts';
import { SPACE } from '../spaces.ts';
import { FLAG_WHOLE, OFFER_RECORD } from './program.ts';

export const describeSettlement: Describe = (key, record) => {
  if (key.u8(0) !== SPACE.settlement) return undefined;
  return {
    kind: 'offer',
    maker: key.address(1),
    tag: key.u64(21),
    goods: record.u64(OFFER_RECORD.goods),
    lot: record.u64(OFFER_RECORD.lot),
    paid: record.u64(OFFER_RECORD.paid),
    price: record.u64(OFFER_RECORD.price),
    expiry: record.u64(OFFER_RECORD.expiry),
    fee: record.u32(OFFER_RECORD.fee),
    whole: (record.u32(OFFER_RECORD.flags) & FLAG_WHOLE) !== 0,
    goodsAsset: record.asset(OFFER_RECORD.goodsAsset),
    paymentAsset: record.asset(OFFER_RECORD.paymentAsset),
    feeAccount: record.address(OFFER_RECORD.feeAccount),
    taker: record.address(OFFER_RECORD.taker),
  };
};
