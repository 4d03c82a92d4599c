import type { Describe, RecordView } from '../record-view.ts';
import { SPACE } from '../spaces.ts';
import { FEED_RECORD, KINDS, POOL_RECORD, POSITION_RECORD } from './records.ts';

export const describeLending: Describe = (key, record) => {
  if (key.u8(0) !== SPACE.lending) return undefined;
  const id = key.hex(2, 10);
  switch (key.u8(1)) {
    case KINDS.pool:
      return { kind: 'pool', pool: id, ...poolFields(record) };
    case KINDS.position:
      return {
        kind: 'position',
        pool: id,
        owner: key.address(12),
        shares: record.u64(POSITION_RECORD.shares),
        scaledDebt: record.u64(POSITION_RECORD.scaledDebt),
        collateral: record.u64(POSITION_RECORD.collateral),
      };
    default:
      return {
        kind: 'feed',
        name: id,
        oracle: key.address(12),
        price: record.u64(FEED_RECORD.price),
        time: record.u64(FEED_RECORD.time),
      };
  }
};

function poolFields(record: RecordView) {
  return {
    cash: record.u64(POOL_RECORD.cash),
    shares: record.u64(POOL_RECORD.shares),
    scaledDebt: record.u64(POOL_RECORD.scaledDebt),
    index: record.u64(POOL_RECORD.index),
    accrued: record.u64(POOL_RECORD.accrued),
    rate: record.u32(POOL_RECORD.rate),
    borrowLimit: record.u32(POOL_RECORD.borrowLimit),
    threshold: record.u32(POOL_RECORD.threshold),
    bonus: record.u32(POOL_RECORD.bonus),
    maxAge: record.u32(POOL_RECORD.maxAge),
    lentAsset: record.asset(POOL_RECORD.lentAsset),
    collateralAsset: record.asset(POOL_RECORD.collateralAsset),
    feed: record.hex(POOL_RECORD.feed, 10),
    oracle: record.address(POOL_RECORD.feed + 10),
  };
}
