import type { Describe } from '../record-view.ts';
import { SPACE } from '../spaces.ts';
import { ESCROW_RECORD } from './program.ts';

export const describeEscrow: Describe = (key, record) => {
  if (key.u8(0) !== SPACE.escrow) return undefined;
  return {
    kind: 'escrow',
    buyer: key.address(1),
    tag: key.u64(21),
    seller: record.address(ESCROW_RECORD.seller),
    arbiter: record.address(ESCROW_RECORD.arbiter),
    asset: record.asset(ESCROW_RECORD.asset),
    amount: record.u64(ESCROW_RECORD.amount),
    deadline: record.u64(ESCROW_RECORD.deadline),
  };
};
