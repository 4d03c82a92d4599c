import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js';
import { loadNative } from '../base/native/load.ts';
import { type Blake3Kernels, portableKernels } from './blake3-portable.ts';

/**
 * BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs), plain and keyed, one input or many in a call. By the addon where
 * it is there, else by @noble/hashes: the same bytes. Everything runs on the calling thread; views may lie in a
 * SharedArrayBuffer, as long as nobody writes to them meanwhile. An output must not overlap an input.
 */
export const BLAKE3_BYTES = 32;
export const BLAKE3_KEY_BYTES = 32;
const PAIR_BYTES = 64;

export interface Blake3 {
  /** Hash of 32 bytes. */
  hash(bytes: Uint8Array): Uint8Array;
  /** Hash under a key of 32 bytes. @throws RangeError for a key of another length (as below) */
  keyed(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /**
   * Keyed hashes of `count` inputs of 64 bytes each.
   * @param input 64 bytes times `count` or more, of which the first `count` count
   * @param output takes 32 bytes times `count`
   * @throws RangeError where input or output is too short (as below)
   */
  hashPairs(key: Uint8Array, input: Uint8Array, count: number, output: Uint8Array): void;
  /**
   * Keyed hashes of `bytes[starts[i]..ends[i]]` for each i.
   * @param output takes 32 bytes times `starts.length`
   */
  hashRanges(key: Uint8Array, bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array): void;
  /**
   * Root of a list in the shape of RFC 6962 (split at the largest power of two below the number of leaves): a node is the
   * keyed hash of left || right, one leaf is its own root, none is 32 zeros.
   * @param leaves 32 bytes each
   */
  merkleRoot(nodeKey: Uint8Array, leaves: Uint8Array): Uint8Array;
}

/** The faces over given kernels, so that tests can hold one against the other. */
export function blake3Over(kernels: Blake3Kernels): Blake3 {
  return {
    hash(bytes) {
      const output = new Uint8Array(BLAKE3_BYTES);
      kernels.blake3(null, bytes, output);
      return output;
    },
    keyed(key, bytes) {
      checkKey(key);
      const output = new Uint8Array(BLAKE3_BYTES);
      kernels.blake3(key, bytes, output);
      return output;
    },
    hashPairs(key, input, count, output) {
      checkKey(key);
      if (!(count >= 0) || input.length < count * PAIR_BYTES || output.length < count * BLAKE3_BYTES) {
        throw new RangeError('a pair takes 64 bytes of input and 32 bytes of output');
      }
      kernels.blake3Pairs(key, input.subarray(0, count * PAIR_BYTES), output.subarray(0, count * BLAKE3_BYTES));
    },
    hashRanges(key, bytes, starts, ends, output) {
      checkKey(key);
      const length = starts.length * BLAKE3_BYTES;
      if (starts.length !== ends.length || output.length < length) {
        throw new RangeError('a range has a start, an end and 32 bytes of output');
      }
      for (let i = 0; i < starts.length; i++) {
        const end = ends[i] ?? 0;
        if ((starts[i] ?? 0) > end || end > bytes.length) throw new RangeError('a range leaves the bytes');
      }
      kernels.blake3Ranges(key, bytes, starts, ends, output.subarray(0, length));
    },
    merkleRoot(nodeKey, leaves) {
      checkKey(nodeKey);
      if (leaves.length % BLAKE3_BYTES !== 0) throw new RangeError('a leaf has 32 bytes');
      const output = new Uint8Array(BLAKE3_BYTES);
      kernels.blake3MerkleRoot(nodeKey, leaves, output);
      return output;
    },
  };
}

function checkKey(key: Uint8Array): void {
  if (key.length !== BLAKE3_KEY_BYTES) throw new RangeError('a BLAKE3 key has 32 bytes');
}

const chosen = blake3Over(loadNative().addon ?? portableKernels);

export const blake3: Blake3['hash'] = chosen.hash;
export const blake3Keyed: Blake3['keyed'] = chosen.keyed;
export const { hashPairs, hashRanges, merkleRoot } = chosen;

/**
 * The key of a role: BLAKE3's derive_key mode over no input, so that hashes of one role are none of another.
 * @param context fixed text of the application, such as `zkbazaar ledger v1 leaf`
 */
export function blake3Key(context: string): Uint8Array {
  return nobleBlake3(new Uint8Array(), { context: new TextEncoder().encode(context) });
}
