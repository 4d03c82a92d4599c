import { CodedError } from '../base/errors.ts';
import type { Crypto } from './interface.ts';
import { TAGS } from './tags.ts';
import { buildTree, type TreePath } from './tree.ts';

/** Upper sentinel; elements are 128-bit integers strictly between 0 and this. */
export const GAP_MAX = (1n << 128n) - 1n;

export interface GapProof {
  lo: bigint;
  hi: bigint;
  path: TreePath;
}

export interface GapTree {
  readonly root: bigint;
  /** Number of elements, sentinels not counted. */
  readonly size: number;
  has(element: bigint): boolean;
  /** The neighbours around an absent element; undefined when it is present or outside (0, GAP_MAX). */
  prove(element: bigint): GapProof | undefined;
}

/**
 * Non-membership by neighbours: leaf i is Poseidon(TAG_GAP, lo_i, hi_i) over the sorted set with 0 and MAX added.
 * @throws CodedError CRYPTO_GAP_ELEMENT for an element outside (0, GAP_MAX); CRYPTO_TREE_FULL when they do not fit.
 */
export function buildGapTree(crypto: Pick<Crypto, 'poseidon'>, elements: Iterable<bigint>, depth: number): GapTree {
  const sorted = [...new Set(elements)].sort((a, b) => (a < b ? -1 : 1));
  const outside = sorted.find((element) => element <= 0n || element >= GAP_MAX);
  if (outside !== undefined) {
    throw new CodedError('CRYPTO_GAP_ELEMENT', 'an element of a gap tree lies outside (0, 2^128 - 1)');
  }
  const bounds = [0n, ...sorted, GAP_MAX];
  const gaps = bounds.slice(0, -1).map((lo, i) => ({ lo, hi: bounds[i + 1] ?? GAP_MAX }));
  const tree = buildTree(
    crypto,
    gaps.map(({ lo, hi }) => crypto.poseidon([TAGS.gap, lo, hi])),
    depth,
  );

  /** Index of the last bound at or below the element. */
  const floor = (element: bigint): number => {
    let low = 0;
    let high = bounds.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((bounds[middle] ?? GAP_MAX) <= element) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  return {
    root: tree.root,
    size: sorted.length,
    has: (element) => element > 0n && element < GAP_MAX && bounds[floor(element)] === element,
    prove(element) {
      if (element <= 0n || element >= GAP_MAX) return undefined;
      const index = floor(element);
      const gap = gaps[index];
      return gap === undefined || gap.lo === element ? undefined : { ...gap, path: tree.path(index) };
    },
  };
}
