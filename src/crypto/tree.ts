import { CodedError } from '../base/errors.ts';
import type { Crypto } from './interface.ts';
import { TAGS } from './tags.ts';

/** Children of a node. Eight is the cheapest width per bit of depth in constraints (docs/circuits/README.md). */
export const TREE_ARITY = 8;

type Hasher = Pick<Crypto, 'poseidon'>;

/** For every level, leaf level first, all eight children of the node above: what `Membership` in circuits takes. */
export type TreePath = bigint[][];

export interface Tree {
  readonly root: bigint;
  readonly depth: number;
  readonly leaves: readonly bigint[];
  /** @throws RangeError if there is no such leaf. */
  path(index: number): TreePath;
}

export function hashNode(crypto: Hasher, children: readonly bigint[]): bigint {
  return crypto.poseidon([TAGS.node, ...children]);
}

/**
 * Fixed-depth tree of width 8; places without a leaf hold 0, which no leaf can be (every leaf is a hash).
 * Time and memory grow with the leaves, not with the capacity: empty subtrees are hashed once a level.
 * @throws CodedError CRYPTO_TREE_FULL when the leaves do not fit.
 */
export function buildTree(crypto: Hasher, leaves: readonly bigint[], depth: number): Tree {
  if (leaves.length > TREE_ARITY ** depth) {
    throw new CodedError('CRYPTO_TREE_FULL', `${leaves.length} leaves do not fit a tree of ${TREE_ARITY ** depth}`);
  }
  const levels: bigint[][] = [[...leaves]];
  const empty: bigint[] = [0n];
  for (let level = 0; level < depth; level++) {
    const below = levels[level] ?? [];
    const blank = empty[level] ?? 0n;
    const above: bigint[] = [];
    for (let i = 0; i < below.length; i += TREE_ARITY) above.push(hashNode(crypto, childrenAt(below, i, blank)));
    levels.push(above);
    empty.push(hashNode(crypto, new Array<bigint>(TREE_ARITY).fill(blank)));
  }
  return {
    root: levels[depth]?.[0] ?? empty[depth] ?? 0n,
    depth,
    leaves: levels[0] ?? [],
    path(index: number): TreePath {
      if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError('no such leaf');
      const path: TreePath = [];
      for (let level = 0, at = index; level < depth; level++, at = Math.floor(at / TREE_ARITY)) {
        path.push(childrenAt(levels[level] ?? [], at - (at % TREE_ARITY), empty[level] ?? 0n));
      }
      return path;
    },
  };
}

function childrenAt(nodes: readonly bigint[], start: number, blank: bigint): bigint[] {
  return Array.from({ length: TREE_ARITY }, (_, i) => nodes[start + i] ?? blank);
}
