import { hashRanges, merkleRoot } from '../../crypto/blake3.ts';
import { HASH_BYTES } from '../constants.ts';
import { RECEIPT_WORDS } from '../execute/shared.ts';
import { ROLES } from '../hashes.ts';

/** u16 status, u16 operation, u32 gasUsed, u64 fee; events follow. */
const FIXED_BYTES = 16;
const FIXED_WORDS = FIXED_BYTES / 4;

/**
 * Root over the receipts of a block, each `BLAKE3[receipt](status u16, operation u16, gasUsed u32, fee u64, events)`.
 * @param words receipts as executors write them (`execute/shared.ts`)
 * @param events by lane
 */
export function receiptsRoot(words: Uint32Array, count: number, events: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(ROLES.node, receiptLeaves(words, count, events));
}

/** The leaves of that root, 32 bytes each. */
export function receiptLeaves(words: Uint32Array, count: number, events: readonly Uint8Array[]): Uint8Array {
  let total = count * FIXED_BYTES;
  for (let i = 0; i < count; i += 1) total += words[i * RECEIPT_WORDS + 5] as number;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const from = i * RECEIPT_WORDS;
    starts[i] = at;
    for (let word = 0; word < FIXED_WORDS; word += 1) view.setUint32(at + word * 4, words[from + word] as number, true);
    at += FIXED_BYTES;
    const length = words[from + 5] as number;
    if (length > 0) {
      const offset = words[from + 4] as number;
      bytes.set((events[words[from + 6] as number] as Uint8Array).subarray(offset, offset + length), at);
      at += length;
    }
    ends[i] = at;
  }
  const leaves = new Uint8Array(count * HASH_BYTES);
  hashRanges(ROLES.receipt, bytes, starts, ends, leaves);
  return leaves;
}
