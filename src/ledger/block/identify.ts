import { hashPairs, hashRanges, merkleRoot } from '../../crypto/blake3.ts';
import { HASH_BYTES } from '../constants.ts';
import { ROLES } from '../hashes.ts';
import { AT } from '../transaction/layout.ts';
import type { BlockBatch } from './batch.ts';

/** Of batches that are still about: a block's are asked for when it is checked, when it is ordered and when it is sealed. */
const KNOWN = new WeakMap<BlockBatch, Uint8Array>();

/**
 * Ids of a batch's transactions, 32 bytes each, not to be changed, as nothing in the batch is. Each transaction must have been
 * checked (`checkLayout`).
 */
export function batchIds(batch: BlockBatch): Uint8Array {
  const known = KNOWN.get(batch);
  if (known !== undefined) return known;
  const { offsets, words, bytes, count } = batch;
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = offsets[i] as number;
    ends[i] = at + (words[(at + AT.bodyLength) >> 2] as number);
  }
  const ids = new Uint8Array(count * HASH_BYTES);
  hashRanges(ROLES.transaction, bytes, offsets.subarray(0, count), ends, ids);
  KNOWN.set(batch, ids);
  return ids;
}

/** The leaves of a block's transactions root: `BLAKE3[node](id || BLAKE3[witness](public key and signature))`. */
export function batchLeaves(batch: BlockBatch, ids: Uint8Array): Uint8Array {
  const { offsets, words, bytes, count } = batch;
  const starts = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = offsets[i] as number;
    starts[i] = at + (words[(at + AT.bodyLength) >> 2] as number);
  }
  const witnesses = new Uint8Array(count * HASH_BYTES);
  hashRanges(ROLES.witness, bytes, starts, offsets.subarray(1, count + 1), witnesses);
  const pairs = new Uint8Array(count * 2 * HASH_BYTES);
  for (let i = 0; i < count; i += 1) {
    pairs.set(ids.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), i * 2 * HASH_BYTES);
    pairs.set(witnesses.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), (i * 2 + 1) * HASH_BYTES);
  }
  const leaves = new Uint8Array(count * HASH_BYTES);
  hashPairs(ROLES.node, pairs, count, leaves);
  return leaves;
}

/** A block's transactions root, in the shape of RFC 6962. */
export function transactionsRoot(batch: BlockBatch, ids: Uint8Array): Uint8Array {
  return merkleRoot(ROLES.node, batchLeaves(batch, ids));
}
