import type { BlockBatch } from '../block/batch.ts';

/** One block, resolved: what every lane needs to run its transactions. All arrays are over shared memory. */
export interface PlannedBlock {
  readonly batch: BlockBatch;
  /**
   * Slots of the keys, transaction after transaction: the signer's account, writes, reads, credits, and the replay key
   * where the transaction carries a tag.
   */
  readonly slots: Int32Array;
  /** Where each transaction's slots begin; one entry more than transactions. */
  readonly starts: Uint32Array;
  /** As long as `slots`: what the transaction credits to the key there, written when it has succeeded; zeros before. */
  readonly credits: BigUint64Array;
  /** A transaction: what the later ones of its signer may cost, and it cannot spend; `fee-holds.ts`. */
  readonly holds: BigUint64Array;
  readonly receipts: Receipts;
  readonly height: bigint;
  /** Milliseconds since 1970. */
  readonly time: bigint;
}

/** Of every transaction, over shared memory; events stand in the arena of the lane that ran it. */
export interface Receipts {
  readonly buffer: SharedArrayBuffer;
  /** RECEIPT_WORDS a transaction: status | op << 16, gasUsed, fee low, fee high, events' offset, their length, lane, 0. */
  readonly words: Uint32Array;
  readonly longs: BigUint64Array;
}

export const RECEIPT_WORDS = 8;

export function makeReceipts(count: number, buffer = new SharedArrayBuffer(count * RECEIPT_WORDS * 4)): Receipts {
  return { buffer, words: new Uint32Array(buffer), longs: new BigUint64Array(buffer) };
}
