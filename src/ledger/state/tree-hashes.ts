import { hashPairs, hashRanges } from '../../crypto/blake3.ts';
import { KEY_BYTES } from '../constants.ts';
import { ROLES } from '../hashes.ts';

/** Value of a subtree without leaves, and root of an empty state. */
export const EMPTY_HASH: Uint8Array = new Uint8Array(32);

/**
 * The three hashes of the state tree, many in a call. A port, so that tests can choose paths, which BLAKE3 would never
 * give them (two keys whose paths part in the last bit).
 */
export interface TreeHashes {
  /** Paths of `count` keys: 32 bytes in, 32 out. */
  paths(keys: Uint8Array, count: number, output: Uint8Array): void;
  /** Leaves: hashes of `bytes[starts[i]..ends[i]]`, each a path and its value. */
  leaves(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array): void;
  /** Inner nodes: `count` times left || right, 64 bytes in, 32 out. */
  nodes(input: Uint8Array, count: number, output: Uint8Array): void;
}

export const ledgerHashes: TreeHashes = {
  paths(keys, count, output) {
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) {
      starts[i] = i * KEY_BYTES;
      ends[i] = (i + 1) * KEY_BYTES;
    }
    hashRanges(ROLES.path, keys, starts, ends, output);
  },
  leaves: (bytes, starts, ends, output) => hashRanges(ROLES.leaf, bytes, starts, ends, output),
  nodes: (input, count, output) => hashPairs(ROLES.node, input, count, output),
};
