import { equalBytes } from '../../base/bytes.ts';
import { blake3Keyed } from '../../crypto/blake3.ts';
import { HASH_BYTES, KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { ROLES } from '../hashes.ts';
import { decodeStateProof, MAX_DEPTH, type StateProof } from './proof-codec.ts';
import type { StateTree } from './tree.ts';
import { EMPTY_HASH, ledgerHashes, type TreeHashes } from './tree-hashes.ts';

/** What a light client is shown of one key: its record, or that there is none, under one state root. */
export interface ProvenRecord {
  /** Undefined = there is no record. */
  value: Uint8Array | undefined;
  proof: StateProof;
}

/**
 * Proves a record, or that there is none.
 * @param read value of a slot as it was when the tree took its last delta; a copy
 * @throws LEDGER_PROOF_INVALID if what `read` gives is not what the tree has: the table is ahead of it, ask again
 */
export function proveState(
  tree: Pick<StateTree, 'trace'>,
  key: Uint8Array,
  read: (slot: number) => Uint8Array,
  hashes: TreeHashes = ledgerHashes,
): ProvenRecord {
  const path = pathOf(key, hashes);
  const { siblings, leaf } = tree.trace(path);
  if (leaf === undefined) return { value: undefined, proof: { kind: 'empty', siblings } };
  const value = read(leaf.slot);
  if (!equalBytes(leafOf(leaf.path, value), leaf.hash)) {
    throw new LedgerError('LEDGER_PROOF_INVALID', 'the record has changed since the state root was made', {
      hint: 'ask again: a proof is made between two blocks',
    });
  }
  if (equalBytes(leaf.path, path)) return { value, proof: { kind: 'present', siblings } };
  return { value: undefined, proof: { kind: 'other', siblings, path: leaf.path, value } };
}

/**
 * Whether the proof shows that under this state root the key has this value, or none where it is undefined. Needs nothing
 * but its arguments; false for whatever is not such a proof, whichever bytes it is made of.
 *
 * A record is shown by hashing its leaf up to the root. That there is none is shown by what stands where its path ends:
 * nothing, or the leaf of another path with the same first bits. Leaves and nodes are hashed under different keys, so that
 * neither passes for the other.
 * @param root 32 bytes, from a header that was checked
 * @param proof binary form (`encodeStateProof`)
 */
export function verifyStateProof(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array | undefined,
  proof: Uint8Array,
  hashes: TreeHashes = ledgerHashes,
): boolean {
  if (root.length !== HASH_BYTES || key.length !== KEY_BYTES) return false;
  if (value !== undefined && (value.length === 0 || value.length > MAX_RECORD_BYTES)) return false;
  let shown: StateProof;
  try {
    shown = decodeStateProof(proof);
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
  const path = pathOf(key, hashes);
  const end = endOf(shown, path, value);
  return end !== undefined && equalBytes(rootOf(shown, path, end, hashes), root);
}

/** Hash of what the proof says stands at the end of the path; undefined if that does not show what it must. */
function endOf(proof: StateProof, path: Uint8Array, value: Uint8Array | undefined): Uint8Array | undefined {
  if ((proof.kind === 'present') !== (value !== undefined)) return undefined;
  if (value !== undefined) return leafOf(path, value);
  if (proof.kind !== 'other') return EMPTY_HASH;
  const shared = sharedBits(proof.path, path);
  return shared === MAX_DEPTH || shared < proof.siblings.length ? undefined : leafOf(proof.path, proof.value);
}

function rootOf({ siblings }: StateProof, path: Uint8Array, end: Uint8Array, hashes: TreeHashes): Uint8Array {
  const input = new Uint8Array(2 * HASH_BYTES);
  let hash = end;
  for (let depth = siblings.length - 1; depth >= 0; depth -= 1) {
    const right = ((path[depth >>> 3] as number) >>> (7 - (depth & 7))) & 1;
    input.set(hash, right * HASH_BYTES);
    input.set(siblings[depth] as Uint8Array, (1 - right) * HASH_BYTES);
    hash = new Uint8Array(HASH_BYTES);
    hashes.nodes(input, 1, hash);
  }
  return hash;
}

export function pathOf(key: Uint8Array, hashes: TreeHashes): Uint8Array {
  const path = new Uint8Array(HASH_BYTES);
  hashes.paths(key, 1, path);
  return path;
}

function leafOf(path: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES + value.length);
  bytes.set(path);
  bytes.set(value, HASH_BYTES);
  return blake3Keyed(ROLES.leaf, bytes);
}

/** How many bits two paths have in common from the first one on. */
function sharedBits(a: Uint8Array, b: Uint8Array): number {
  let byte = 0;
  while (byte < HASH_BYTES && a[byte] === b[byte]) byte += 1;
  if (byte === HASH_BYTES) return MAX_DEPTH;
  return byte * 8 + Math.clz32((a[byte] as number) ^ (b[byte] as number)) - 24;
}
