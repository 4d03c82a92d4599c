import { LedgerError } from '../errors.ts';

/**
 * The transactions of one block, one behind the other in shared memory, so that lanes read them in place. Each takes a
 * multiple of 8 bytes; `offsets` has one entry more than there are transactions.
 */
export interface BlockBatch {
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly longs: BigUint64Array;
  /** Shared, too. */
  readonly offsets: Uint32Array;
  readonly count: number;
}

/** @throws LEDGER_TRANSACTION_INVALID if a length is no multiple of 8: no canonical transaction is like that */
export function batchOf(transactions: readonly Uint8Array[]): BlockBatch {
  const total = transactions.reduce((sum, bytes) => sum + bytes.length, 0);
  const bytes = new Uint8Array(new SharedArrayBuffer(total));
  const offsets = new Uint32Array(new SharedArrayBuffer((transactions.length + 1) * 4));
  let offset = 0;
  transactions.forEach((transaction, i) => {
    if (transaction.length % 8 !== 0) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `transaction ${i} has a length that is no multiple of 8`);
    }
    bytes.set(transaction, offset);
    offset += transaction.length;
    offsets[i + 1] = offset;
  });
  return openBatch(bytes.buffer as SharedArrayBuffer, offsets);
}

/** The views over a batch that is there already: from the log, or from another thread. */
export function openBatch(buffer: SharedArrayBuffer, offsets: Uint32Array): BlockBatch {
  return {
    buffer,
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    longs: new BigUint64Array(buffer),
    offsets,
    count: offsets.length - 1,
  };
}

/** One transaction's bytes, in place. */
export function transactionAt(batch: BlockBatch, index: number): Uint8Array {
  return batch.bytes.subarray(batch.offsets[index], batch.offsets[index + 1]);
}
