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

/**
 * A delta as the tree takes it in. `order` and `prefixes` are by path, one entry a path; everything else lies as the delta
 * has it, at the index that `order` names.
 */
export interface Changes {
  readonly count: number;
  readonly order: Uint32Array;
  /** First 32 bits of the paths. */
  readonly prefixes: Uint32Array;
  /** -1 = removed. */
  readonly slots: Int32Array;
  readonly paths: Uint8Array;
  /** The same, eight words a path. */
  readonly pathWords: Int32Array;
  /** Hashes of the leaves, eight words each; of removed ones of no meaning. */
  readonly leaves: Int32Array;
}

/** Leaves hashed in one call, so that their bytes stay in the cache. */
const CHUNK = 4096;
const VALUE_WORDS = MAX_RECORD_BYTES / 4;
const LEAF_WORDS = HASH_WORDS + VALUE_WORDS;

/** @throws LEDGER_KEY_INVALID if a length or slot is out of range */
export function sortChanges(delta: StateDelta, hashes: TreeHashes, maxSlots: number): Changes {
  const { count } = delta;
  const slots = slotsOf(delta, maxSlots);
  const pathWords = new Int32Array(count * HASH_WORDS);
  const paths = new Uint8Array(pathWords.buffer);
  // Keys by themselves: a copy of part of the shared memory, so that no one else's write can come between.
  hashes.paths(new Uint8Array(delta.keys.subarray(0, count * KEY_BYTES)), count, paths);
  const leaves = hashLeaves(delta, pathWords, hashes);
  const prefixes = new Uint32Array(count);
  const view = new DataView(pathWords.buffer);
  for (let i = 0; i < count; i += 1) prefixes[i] = view.getUint32(i * KEY_BYTES);
  const order = sortPaths(paths, prefixes, count);

  let kept = 0;
  for (let i = 0; i < count; i += 1) {
    const index = order[i] as number;
    if (i + 1 < count && prefixes[i] === prefixes[i + 1]) {
      const next = order[i + 1] as number;
      if (comparePaths(paths, index * KEY_BYTES, next * KEY_BYTES) === 0) continue;
    }
    prefixes[kept] = prefixes[i] as number;
    order[kept] = index;
    kept += 1;
  }
  return { count: kept, order, prefixes, slots, paths, pathWords, leaves };
}

function slotsOf({ count, slots, lengths }: StateDelta, maxSlots: number): Int32Array {
  const checked = new Int32Array(count);
  for (let i = 0; i < count; i += 1) {
    const length = lengths[i] as number;
    const slot = slots[i] as number;
    checked[i] = length === 0 ? -1 : slot;
    if (length > MAX_RECORD_BYTES || (length > 0 && (slot < 0 || slot >= maxSlots))) {
      throw new LedgerError('LEDGER_KEY_INVALID', `change ${i} has slot ${slot} and ${length} bytes`, {
        hint: `slots are below ${maxSlots}, records have at most ${MAX_RECORD_BYTES} bytes`,
      });
    }
  }
  return checked;
}

function hashLeaves({ count, lengths, values }: StateDelta, pathWords: Int32Array, hashes: TreeHashes): Int32Array {
  const output = new Int32Array(count * HASH_WORDS);
  const outputBytes = new Uint8Array(output.buffer);
  const chunk = Math.min(CHUNK, count);
  const input = new Int32Array(chunk * LEAF_WORDS);
  const inputBytes = new Uint8Array(input.buffer);
  const starts = new Uint32Array(chunk);
  const ends = new Uint32Array(chunk);
  const valueWords = wordsOf(values, count * MAX_RECORD_BYTES);
  for (let from = 0; from < count; from += CHUNK) {
    const size = Math.min(CHUNK, count - from);
    for (let i = 0; i < size; i += 1) {
      const length = lengths[from + i] as number;
      const path = (from + i) * HASH_WORDS;
      const value = (from + i) * VALUE_WORDS;
      const base = i * LEAF_WORDS;
      for (let word = 0; word < HASH_WORDS; word += 1) input[base + word] = pathWords[path + word] as number;
      for (let word = 0; word * 4 < length; word += 1) {
        input[base + HASH_WORDS + word] = valueWords[value + word] as number;
      }
      starts[i] = base * 4;
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
  return new Int32Array(new Uint8Array(bytes.subarray(0, length)).buffer);
}
