import { fromHex, toHex } from '../../base/bytes.ts';
import { HASH_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { EMPTY_HASH } from './tree-hashes.ts';

/** Bits of a path: as deep as the tree gets. */
export const MAX_DEPTH = 256;
const KINDS = ['present', 'empty', 'other'] as const;
const HEAD_BYTES = 3;

/** What stands where the key's path ends: its own leaf, nothing, or the leaf of another path. */
export type StateProof = {
  /** Hash beside the way at each level, from the root down; 32 zeros where nothing is. 0 to 256 of them. */
  readonly siblings: readonly Uint8Array[];
} & (
  | { readonly kind: 'present' | 'empty' }
  | { readonly kind: 'other'; readonly path: Uint8Array; readonly value: Uint8Array }
);

/** The same in JSON: hashes in lower-case hex, null for 32 zeros. */
export interface StateProofJson {
  kind: 'present' | 'empty' | 'other';
  siblings: (string | null)[];
  leaf?: { path: string; value: string };
}

/**
 * `u8 kind (0 present, 1 empty, 2 other) | u16 LE depth | bitmap of the siblings that are not zero, one bit a level, first
 * level in the lowest bit of the first byte | those siblings, 32 bytes each | for 2: path 32, u8 length, value`.
 * Each proof has one spelling.
 */
export function encodeStateProof(proof: StateProof): Uint8Array {
  const { siblings } = proof;
  const shown = siblings.filter((sibling) => !isZero(sibling));
  const bitmap = Math.ceil(siblings.length / 8);
  const tail = proof.kind === 'other' ? HASH_BYTES + 1 + proof.value.length : 0;
  const bytes = new Uint8Array(HEAD_BYTES + bitmap + shown.length * HASH_BYTES + tail);
  bytes[0] = KINDS.indexOf(proof.kind);
  new DataView(bytes.buffer).setUint16(1, siblings.length, true);
  siblings.forEach((sibling, depth) => {
    if (!isZero(sibling))
      bytes[HEAD_BYTES + (depth >> 3)] = (bytes[HEAD_BYTES + (depth >> 3)] ?? 0) | (1 << (depth & 7));
  });
  shown.forEach((sibling, i) => {
    bytes.set(sibling, HEAD_BYTES + bitmap + i * HASH_BYTES);
  });
  if (proof.kind === 'other') {
    const at = bytes.length - tail;
    bytes.set(proof.path, at);
    bytes[at + HASH_BYTES] = proof.value.length;
    bytes.set(proof.value, at + HASH_BYTES + 1);
  }
  return bytes;
}

/** @throws LEDGER_PROOF_INVALID for anything that `encodeStateProof` does not give */
export function decodeStateProof(given: Uint8Array): StateProof {
  // A copy, and no Buffer, whose slices are views.
  const bytes = new Uint8Array(given);
  const kind = KINDS[bytes[0] ?? KINDS.length];
  const depth = (bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8);
  const bitmap = Math.ceil(depth / 8);
  let offset = HEAD_BYTES + bitmap;
  if (kind === undefined || depth > MAX_DEPTH || bytes.length < offset) throw invalid('its head is malformed');
  const siblings: Uint8Array[] = [];
  for (let level = 0; level < bitmap * 8; level += 1) {
    const isShown = (((bytes[HEAD_BYTES + (level >> 3)] as number) >> (level & 7)) & 1) === 1;
    if (level >= depth) {
      if (isShown) throw invalid('its bitmap has bits behind the last level');
      continue;
    }
    if (!isShown) {
      siblings.push(EMPTY_HASH);
      continue;
    }
    if (bytes.length < offset + HASH_BYTES) throw invalid('it ends within a sibling');
    siblings.push(bytes.slice(offset, offset + HASH_BYTES));
    offset += HASH_BYTES;
  }
  return checked(
    kind === 'other' ? { kind, siblings, ...decodeLeaf(bytes, offset) } : ended(kind, siblings, bytes, offset),
  );
}

export function stateProofToJson(proof: StateProof): StateProofJson {
  const siblings = proof.siblings.map((sibling) => (isZero(sibling) ? null : toHex(sibling)));
  if (proof.kind !== 'other') return { kind: proof.kind, siblings };
  return { kind: proof.kind, siblings, leaf: { path: toHex(proof.path), value: toHex(proof.value) } };
}

/** @throws LEDGER_PROOF_INVALID for anything that `stateProofToJson` does not give */
export function stateProofFromJson(json: unknown): StateProof {
  const { kind, siblings, leaf, ...rest } = fieldsOf(json);
  const known = KINDS.find((name) => name === kind);
  if (known === undefined || Object.keys(rest).length > 0 || !Array.isArray(siblings) || siblings.length > MAX_DEPTH) {
    throw invalid('it has not the fields of a proof');
  }
  const hashes = siblings.map((text: unknown) => (text === null ? EMPTY_HASH : hexOf(text, HASH_BYTES)));
  if (known !== 'other') {
    if (leaf !== undefined) throw invalid('only a proof of kind "other" shows a leaf');
    return checked({ kind: known, siblings: hashes });
  }
  const { path, value, ...more } = fieldsOf(leaf);
  if (Object.keys(more).length > 0) throw invalid('its leaf has unknown fields');
  return checked({ kind: known, siblings: hashes, path: hexOf(path, HASH_BYTES), value: hexOf(value) });
}

function decodeLeaf(bytes: Uint8Array, offset: number): { path: Uint8Array; value: Uint8Array } {
  const start = offset + HASH_BYTES + 1;
  const length = bytes[start - 1];
  if (length === undefined || bytes.length !== start + length) throw invalid('its leaf has another length');
  return { path: bytes.slice(offset, offset + HASH_BYTES), value: bytes.slice(start) };
}

function ended(kind: 'present' | 'empty', siblings: Uint8Array[], bytes: Uint8Array, offset: number): StateProof {
  if (bytes.length !== offset) throw invalid('bytes follow its end');
  return { kind, siblings };
}

/** What holds in each tree: a way goes on only where two leaves are, so the last sibling is never empty. */
function checked(proof: StateProof): StateProof {
  const { siblings } = proof;
  const last = siblings.at(-1);
  if (last !== undefined && isZero(last)) throw invalid('its last sibling is empty');
  // An empty sibling that is shown has a shorter spelling.
  if (siblings.some((sibling) => sibling !== EMPTY_HASH && isZero(sibling))) {
    throw invalid('it spells an empty sibling out');
  }
  if (proof.kind === 'other' && (proof.value.length === 0 || proof.value.length > MAX_RECORD_BYTES)) {
    throw invalid('its leaf has no value or a too long one');
  }
  return proof;
}

function fieldsOf(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('it is no object');
  return json as Record<string, unknown>;
}

function hexOf(text: unknown, length?: number): Uint8Array {
  // The longest text first: nothing long is ever parsed.
  const bytes = typeof text === 'string' && text.length <= 2 * MAX_RECORD_BYTES ? fromHex(text, length) : undefined;
  if (bytes === undefined) throw invalid('what should be lower-case hex of a certain length is not');
  return bytes;
}

function isZero(hash: Uint8Array): boolean {
  return hash.every((byte) => byte === 0);
}

function invalid(why: string): LedgerError {
  return new LedgerError('LEDGER_PROOF_INVALID', `this is no proof of state: ${why}`);
}
