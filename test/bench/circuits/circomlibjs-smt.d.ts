/** circomlibjs's sparse Merkle tree, which only the reference circuits' inputs need. Merges with src/crypto's declaration. */
import type { Element, PrimeField } from 'circomlibjs';

declare module 'circomlibjs' {
  export interface SparseTree {
    F: PrimeField;
    root: Element;
    insert(key: Element, value: Element): Promise<unknown>;
    /** From the root down; the last siblings that are zero are left out. */
    find(key: Element): Promise<{
      found: boolean;
      siblings: Element[];
      notFoundKey: Element;
      notFoundValue: Element;
      isOld0: boolean;
    }>;
  }

  export function newMemEmptyTrie(): Promise<SparseTree>;
}
