import { HASH_BYTES, KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { TreeHashes } from './tree-hashes.ts';
import { HASH_WORDS } from './tree-nodes.ts';
import { comparePaths, sortPaths } from './tree-sort.ts';

/** Changed records, each array in the order of the others; in shared memory where they come from another thread. */
export interface StateDelta {
  readonly count: number;
  /** The slot of the record; not read where it is removed. */
  readonly slots: Int32Array;
  /** 32 bytes each. A key that is named twice counts as it is named last. */
  readonly keys: Uint8Array;
  /** Bytes of the value; 0 = the record is removed, if it is there. */
  readonly lengths: Uint8Array | Uint16Array;
  /** 128 bytes each, of which `length` count. */
  readonly values: Uint8Array;
}

/** A delta as the tree takes it in: by path, one change a path. */
export interface Changes {
  readonly count: number;
  /** -1 = removed. */
  readonly slots: Int32Array;
  /** First 32 bits of the paths. */
  readonly prefixes: Uint32Array;
  readonly paths: Uint8Array;
  /** The same, eight words a path. */
  readonly pathWords: Int32Array;
  /** Hashes of the leaves, eight words each; of removed ones undefined. */
  readonly leaves: Int32Array;
}

/** Leaves hashed in one call, so that their bytes stay in the cache. */
const CHUNK = 4096;
const VALUE_WORDS = MAX_RECORD_BYTES / 4;
const LEAF_WORDS = HASH_WORDS + VALUE_WORDS;

/** @throws LEDGER_KEY_INVALID if a length or slot is out of range */
export function sortChanges(delta: StateDelta, hashes: TreeHashes, maxSlots: number): Changes {
  const { count } = delta;
  checkDelta(delta, maxSlots);
  const given = new Uint8Array(count * KEY_BYTES);
  // Out of shared memory first: what is hashed and what is sorted is then the same.
  hashes.paths(delta.keys.slice(0, count * KEY_BYTES), count, given);
  const prefixes = new Uint32Array(count);
  const view = new DataView(given.buffer);
  for (let i = 0; i < count; i += 1) prefixes[i] = view.getUint32(i * KEY_BYTES);
  const order = sortPaths(given, prefixes, count);

  const pathWords = new Int32Array(count * HASH_WORDS);
  const givenWords = new Int32Array(given.buffer);
  const slots = new Int32Array(count);
  let kept = 0;
  for (let i = 0; i < count; i += 1) {
    const index = order[i] as number;
    const following = i + 1 < count ? (order[i + 1] as number) : -1;
    if (following >= 0 && comparePaths(given, index * KEY_BYTES, following * KEY_BYTES) === 0) continue;
    for (let word = 0; word < HASH_WORDS; word += 1) {
      pathWords[kept * HASH_WORDS + word] = givenWords[index * HASH_WORDS + word] as number;
    }
    prefixes[kept] = prefixes[i] as number;
    slots[kept] = delta.lengths[index] === 0 ? -1 : (delta.slots[index] as number);
    order[kept] = index;
    kept += 1;
  }
  const leaves = hashLeaves(delta, order, pathWords, kept, hashes);
  return { count: kept, slots, prefixes, paths: new Uint8Array(pathWords.buffer), pathWords, leaves };
}

function checkDelta({ count, slots, lengths }: StateDelta, maxSlots: number): void {
  for (let i = 0; i < count; i += 1) {
    const length = lengths[i] as number;
    const slot = slots[i] as number;
    if (length > MAX_RECORD_BYTES || (length > 0 && (slot < 0 || slot >= maxSlots))) {
      throw new LedgerError('LEDGER_KEY_INVALID', `change ${i} has slot ${slot} and ${length} bytes`, {
        hint: `slots are below ${maxSlots}, records have at most ${MAX_RECORD_BYTES} bytes`,
      });
    }
  }
}

function hashLeaves(
  delta: StateDelta,
  order: Uint32Array,
  pathWords: Int32Array,
  count: number,
  hashes: TreeHashes,
): Int32Array {
  const { lengths } = delta;
  const output = new Int32Array(count * HASH_WORDS);
  const outputBytes = new Uint8Array(output.buffer);
  const input = new Int32Array(Math.min(CHUNK, count) * LEAF_WORDS);
  const inputBytes = new Uint8Array(input.buffer);
  const starts = Uint32Array.from({ length: Math.min(CHUNK, count) }, (_, i) => i * LEAF_WORDS * 4);
  const ends = new Uint32Array(starts.length);
  const values = wordsOf(delta.values, delta.count * MAX_RECORD_BYTES);
  for (let from = 0; from < count; from += CHUNK) {
    const size = Math.min(CHUNK, count - from);
    for (let i = 0; i < size; i += 1) {
      const index = order[from + i] as number;
      const length = lengths[index] as number;
      const base = i * LEAF_WORDS;
      for (let word = 0; word < HASH_WORDS; word += 1) {
        input[base + word] = pathWords[(from + i) * HASH_WORDS + word] as number;
      }
      for (let word = 0; word * 4 < length; word += 1) {
        input[base + HASH_WORDS + word] = values[index * VALUE_WORDS + word] as number;
      }
      ends[i] = base * 4 + HASH_BYTES + length;
    }
    const to = outputBytes.subarray(from * HASH_BYTES, (from + size) * HASH_BYTES);
    hashes.leaves(inputBytes, starts.subarray(0, size), ends.subarray(0, size), to);
  }
  return output;
}

/** Words over the bytes where they lie, or over a copy if they lie at an odd address. */
function wordsOf(bytes: Uint8Array, length: number): Int32Array {
  if (bytes.byteOffset % 4 === 0) return new Int32Array(bytes.buffer, bytes.byteOffset, length / 4);
  return new Int32Array(bytes.slice(0, length).buffer);
}
