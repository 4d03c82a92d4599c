import { equalBytes } from '../../base/bytes.ts';
import { hashPairs, merkleRoot } from '../../crypto/blake3.ts';
import { HASH_BYTES, MAX_BLOCK_TRANSACTIONS } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { ROLES } from '../hashes.ts';

/**
 * Where a leaf stands in a list and what stands beside its way to the root. A leaf's place decides the shape of the way,
 * so that a node of the tree never passes for a leaf, as long as the verifier has `size` from a header.
 */
export interface ListProof {
  readonly index: number;
  /** Leaves of the list. */
  readonly size: number;
  /** 32 bytes each, from the leaf up; at most 32 of them. */
  readonly siblings: readonly Uint8Array[];
}

/**
 * Root of a list of 32-byte leaves in the shape of RFC 6962, section 2.1 (transactions, receipts): nodes are
 * BLAKE3[node](left || right), one leaf is its own root, no leaf is 32 zeros.
 */
export function listRoot(leaves: Uint8Array): Uint8Array {
  return merkleRoot(ROLES.node, leaves);
}

/**
 * @param leaves 32 bytes each
 * @throws LEDGER_NOT_FOUND if there is no leaf of this index
 */
export function proveInList(leaves: Uint8Array, index: number): ListProof {
  const size = leaves.length / HASH_BYTES;
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new LedgerError('LEDGER_NOT_FOUND', `the list has ${size} entries and none of index ${index}`);
  }
  const siblings: Uint8Array[] = [];
  let level = leaves;
  let at = index;
  while (level.length > HASH_BYTES) {
    const sibling = at ^ 1;
    // The last of an odd number goes up as it is.
    if (sibling * HASH_BYTES < level.length) {
      siblings.push(new Uint8Array(level.subarray(sibling * HASH_BYTES, (sibling + 1) * HASH_BYTES)));
    }
    level = levelAbove(level);
    at >>>= 1;
  }
  return { index, size, siblings };
}

/**
 * Whether the leaf stands in the list at the proof's place (RFC 9162, section 2.1.3.2). False for whatever is no such proof.
 * @param root 32 bytes, from a header that was checked
 * @param size leaves of the list, from that header
 */
export function verifyInList(root: Uint8Array, size: number, leaf: Uint8Array, proof: ListProof): boolean {
  const { index, siblings } = proof;
  if (root.length !== HASH_BYTES || leaf.length !== HASH_BYTES || proof.size !== size) return false;
  if (!Number.isSafeInteger(size) || size > MAX_BLOCK_TRANSACTIONS) return false;
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of siblings) {
    if (sibling.length !== HASH_BYTES || last === 0) return false;
    if (at % 2 === 1 || at === last) {
      // A lone last node goes up until it has a neighbour, which is on its left.
      while (at % 2 === 0) {
        at >>>= 1;
        last >>>= 1;
      }
      hash = nodeOf(sibling, hash);
    } else {
      hash = nodeOf(hash, sibling);
    }
    at >>>= 1;
    last >>>= 1;
  }
  return last === 0 && equalBytes(hash, root);
}

function levelAbove(level: Uint8Array): Uint8Array {
  const pairs = Math.floor(level.length / (2 * HASH_BYTES));
  const paired = pairs * 2 * HASH_BYTES;
  const above = new Uint8Array(pairs * HASH_BYTES + level.length - paired);
  hashPairs(ROLES.node, level, pairs, above);
  above.set(level.subarray(paired), pairs * HASH_BYTES);
  return above;
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(2 * HASH_BYTES);
  input.set(left);
  input.set(right, HASH_BYTES);
  const hash = new Uint8Array(HASH_BYTES);
  hashPairs(ROLES.node, input, 1, hash);
  return hash;
}
