import { hashPairs } from '../../crypto/blake3.ts';
import { HASH_BYTES, KEY_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { ROLES } from '../hashes.ts';
import type { StateTree } from '../state/tree.ts';
import { EMPTY_HASH, ledgerHashes } from '../state/tree-hashes.ts';

export const MAX_SHARDS = 16;

/** Bits of a path that name the shard. @throws LEDGER_GENESIS_INVALID unless there are 1, 2, 4, 8 or 16 shards */
export function shardBits(shards: number): number {
  const bits = Math.log2(shards);
  if (Number.isInteger(bits) && shards >= 1 && shards <= MAX_SHARDS) return bits;
  throw new LedgerError('LEDGER_GENESIS_INVALID', `${shards} shards: the number is a power of two up to ${MAX_SHARDS}`);
}

/** Who has which key: the first bits of its path in the state tree, so that each shard is one subtree. */
export function ownersOf(keys: Uint8Array, bits: number): Uint8Array {
  const count = keys.length / KEY_BYTES;
  const paths = new Uint8Array(count * HASH_BYTES);
  ledgerHashes.paths(keys, count, paths);
  return Uint8Array.from({ length: count }, (_, i) => (paths[i * HASH_BYTES] as number) >> (8 - bits));
}

/** A shard's part of the state tree. */
export interface Subtree {
  /** A lone leaf stands as high as it is alone, so whether it is one must be known above. */
  readonly leaves: number;
  readonly hash: Uint8Array;
}

/**
 * The node that stands `bits` below the root of a tree all of whose paths begin with the shard's number.
 * @param shard that number
 */
export function subtreeOf(tree: StateTree, shard: number, bits: number): Subtree {
  const { leaves } = tree.size;
  if (leaves < 2) return { leaves, hash: tree.root };
  const path = new Uint8Array(HASH_BYTES);
  path[0] = shard << (8 - bits);
  const { siblings, leaf } = tree.trace(path);
  let hash = leaf?.hash ?? EMPTY_HASH;
  for (let depth = siblings.length - 1; depth >= bits; depth -= 1) {
    const right = ((path[depth >> 3] as number) >> (7 - (depth & 7))) & 1;
    const sibling = siblings[depth] as Uint8Array;
    hash = right === 1 ? nodeOf(sibling, hash) : nodeOf(hash, sibling);
  }
  return { leaves, hash };
}

/** The root of the whole state. @param subtrees of all shards, in their order; a power of two of them */
export function combine(subtrees: readonly Subtree[]): Uint8Array {
  let level = subtrees;
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      above(level[2 * i] as Subtree, level[2 * i + 1] as Subtree),
    );
  }
  return (level[0] as Subtree).hash;
}

function above(left: Subtree, right: Subtree): Subtree {
  const leaves = left.leaves + right.leaves;
  if (leaves > 1) return { leaves, hash: nodeOf(left.hash, right.hash) };
  return left.leaves === 1 ? left : right;
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(2 * HASH_BYTES);
  input.set(left);
  input.set(right, HASH_BYTES);
  const hash = new Uint8Array(HASH_BYTES);
  hashPairs(ROLES.node, input, 1, hash);
  return hash;
}
