import { blake3 } from '@noble/hashes/blake3.js';
import type { NativeLedgerFace } from '../base/native/ledger.ts';

const HASH = 32;
const PAIR = 64;

/** What the addon and its stand-in do alike; the caller has checked all lengths. */
export type Blake3Kernels = Pick<NativeLedgerFace, 'blake3' | 'blake3Pairs' | 'blake3Ranges' | 'blake3MerkleRoot'>;

/** BLAKE3 by @noble/hashes, for machines without the addon: the same bytes, some hundred times slower. */
export const portableKernels: Blake3Kernels = {
  blake3(key, input, output) {
    output.set(key === null ? blake3(input) : blake3(input, { key }));
  },
  blake3Pairs(key, input, output) {
    for (let i = 0; i < output.length / HASH; i++) {
      output.set(blake3(input.subarray(i * PAIR, (i + 1) * PAIR), { key }), i * HASH);
    }
  },
  blake3Ranges(key, bytes, starts, ends, output) {
    for (let i = 0; i < starts.length; i++) {
      output.set(blake3(bytes.subarray(starts[i], ends[i]), { key }), i * HASH);
    }
  },
  blake3MerkleRoot(key, leaves, output) {
    // Pairing neighbours and passing an odd last one up gives RFC 6962's tree, level by level.
    let level = leaves;
    while (level.length > HASH) {
      const pairs = Math.floor(level.length / PAIR);
      const above = new Uint8Array(level.length - pairs * HASH);
      portableKernels.blake3Pairs(key, level.subarray(0, pairs * PAIR), above.subarray(0, pairs * HASH));
      above.set(level.subarray(pairs * PAIR), pairs * HASH);
      level = above;
    }
    output.fill(0);
    output.set(level);
  },
};
