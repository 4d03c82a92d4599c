import { randomFillSync } from 'node:crypto';
import { loadNative } from '../../base/native/load.ts';
import { KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { KEY_WORDS, LENGTH_WORD, openSlots, SLOT, SLOT_BYTES, SLOT_WORDS, type SlotViews, slotsBytes } from './slot.ts';

/** Entries of the index per slot, so that probes stay short. */
const SPREAD = 2;
/** Records from which on the index may take all its memory at once. */
const LARGE = 100_000;

/** What lanes need of the table; posted to a worker once. */
export interface SharedState {
  readonly capacity: number;
  /** `slot.ts` has the layout. */
  readonly slots: SharedArrayBuffer;
}

/**
 * The records in shared memory, one slot each, and the index from key to slot. Only the thread that plans blocks looks
 * keys up and takes slots; lanes know slots alone. Memory that no slot has used yet is not taken from the system.
 */
export class StateTable {
  readonly shared: SharedState;
  readonly views: SlotViews;
  /** Pairs of hash and slot + 1; 0 = empty. */
  readonly #index: Int32Array;
  readonly #mask: number;
  /**
   * Two multilinear sums over the words (Carter and Wegman 1979), one of them over halves exchanged, so that no difference of
   * two keys stands in high bits alone in both: chosen keys meet with a chance of at most 2^-17. The factors are this
   * process's own, so nobody can choose keys that meet in the index.
   */
  readonly #factors = randomFillSync(new Int32Array(2 * KEY_WORDS));
  readonly #free: number[] = [];
  #next = 0;
  #hashes = new Int32Array(0);
  /** Of no meaning: what is read must be used, or the compiler leaves the reading out. */
  fetched = 0;
  readonly #scratch = new Uint32Array(KEY_WORDS);
  readonly #scratchBytes = new Uint8Array(this.#scratch.buffer);

  /**
   * @param capacity records at most; the ledger stops with LEDGER_STATE_FULL before it would drop one
   * @param expected records that are about to be put in
   */
  constructor(capacity: number, expected = 0) {
    this.shared = { capacity, slots: new SharedArrayBuffer(slotsBytes(capacity)) };
    this.views = openSlots(this.shared.slots);
    const entries = 2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * SPREAD));
    this.#mask = entries - 1;
    this.#index = new Int32Array(entries * 2);
    // Slots are taken one after the other; the index is visited at random, so that a few records would take all of it.
    const { addon } = loadNative();
    addon?.adviseLargePages(this.views.bytes);
    if (expected > LARGE) addon?.adviseLargePages(new Uint8Array(this.#index.buffer));
  }

  /** Slots that are taken. */
  get size(): number {
    return this.#next - this.#free.length;
  }

  /** One above the highest slot that was ever taken. */
  get top(): number {
    return this.#next;
  }

  /** Slot of a key, or -1. */
  find(key: Uint8Array): number {
    this.#scratchBytes.set(key);
    const at = this.#probe(this.#scratch, 0, this.#hashWords(this.#scratch, 0));
    return (this.#index[at * 2 + 1] as number) - 1;
  }

  /**
   * Slot of the key at a place in words, taken if need be. A slot that was taken now is the last one of `taken` when there
   * is one.
   * @throws LEDGER_STATE_FULL
   */
  slotOf(words: Uint32Array, from: number, taken?: number[]): number {
    const hash = this.#hashWords(words, from);
    const at = this.#probe(words, from, hash) * 2;
    const found = this.#index[at + 1] as number;
    if (found !== 0) return found - 1;
    const slot = this.#free.pop() ?? this.#take();
    this.views.words.set(words.subarray(from, from + KEY_WORDS), slot * SLOT_WORDS);
    this.#index[at] = hash;
    this.#index[at + 1] = slot + 1;
    taken?.push(slot);
    return slot;
  }

  /**
   * Slots of as many keys as `slots` has places, -1 where there is none. In passes, so that the processor waits for many
   * places of memory at once and not for one after the other: with 1,000,000 records that is most of the time.
   * @param keys 8 words each
   * @returns whether all are there
   */
  findMany(keys: Uint32Array, slots: Int32Array): boolean {
    const count = slots.length;
    if (this.#hashes.length < count) this.#hashes = new Int32Array(count);
    const hashes = this.#hashes;
    for (let i = 0; i < count; i += 1) hashes[i] = this.#hashWords(keys, i * KEY_WORDS);
    for (let i = 0; i < count; i += 1) slots[i] = this.#first(hashes[i] as number);
    const { words } = this.views;
    let fetched = 0;
    for (let i = 0; i < count; i += 1) fetched ^= words[Math.max(slots[i] as number, 0) * SLOT_WORDS] as number;
    this.fetched = fetched;
    let all = true;
    for (let i = 0; i < count; i += 1) {
      const slot = slots[i] as number;
      if (slot >= 0 && !sameKey(words, slot * SLOT_WORDS, keys, i * KEY_WORDS)) {
        // Another key with the same 32 bits stands before it.
        slots[i] = (this.#index[this.#probe(keys, i * KEY_WORDS, hashes[i] as number) * 2 + 1] as number) - 1;
      }
      all &&= slots[i] !== -1;
    }
    return all;
  }

  /** The first slot whose key has this hash, or -1: then no key with it is there. */
  #first(hash: number): number {
    const index = this.#index;
    for (let at = hash & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = (index[at * 2 + 1] as number) - 1;
      if (slot < 0 || index[at * 2] === hash) return slot;
    }
  }

  /** `slotOf` for a key on its own. */
  take(key: Uint8Array, taken?: number[]): number {
    this.#scratchBytes.set(key);
    return this.slotOf(this.#scratch, 0, taken);
  }

  /** Gives a slot without record back. */
  release(slot: number): void {
    const { words } = this.views;
    let at = this.#probe(words, slot * SLOT_WORDS, this.#hashWords(words, slot * SLOT_WORDS));
    if ((this.#index[at * 2 + 1] as number) !== slot + 1) return;
    // Linear probing without tombstones: what stands behind and belongs before moves up (Knuth 6.4, algorithm R).
    for (
      let next = (at + 1) & this.#mask;
      (this.#index[next * 2 + 1] as number) !== 0;
      next = (next + 1) & this.#mask
    ) {
      const home = (this.#index[next * 2] as number) & this.#mask;
      if (((next - home) & this.#mask) < ((next - at) & this.#mask)) continue;
      this.#index[at * 2] = this.#index[next * 2] as number;
      this.#index[at * 2 + 1] = this.#index[next * 2 + 1] as number;
      at = next;
    }
    this.#index[at * 2] = 0;
    this.#index[at * 2 + 1] = 0;
    this.#free.push(slot);
  }

  /** The record of a key, a copy; undefined where there is none. */
  get(key: Uint8Array): Uint8Array | undefined {
    const slot = this.find(key);
    const length = slot < 0 ? 0 : this.lengthOf(slot);
    const at = slot * SLOT_BYTES + SLOT.value;
    return length === 0 ? undefined : this.views.bytes.slice(at, at + length);
  }

  /** Sets a record outside of any block: genesis and import. @throws LEDGER_STATE_FULL */
  put(key: Uint8Array, value: Uint8Array): number {
    const slot = this.take(key);
    const at = slot * SLOT_BYTES + SLOT.value;
    this.views.bytes.fill(0, at, at + MAX_RECORD_BYTES);
    this.views.bytes.set(value, at);
    this.views.words[slot * SLOT_WORDS + LENGTH_WORD] = value.length;
    return slot;
  }

  /** Every record; keys and values are views that hold until the next block. */
  *entries(): Generator<{ slot: number; key: Uint8Array; value: Uint8Array }> {
    for (let slot = 0; slot < this.#next; slot += 1) {
      const length = this.lengthOf(slot);
      if (length === 0) continue;
      const at = slot * SLOT_BYTES;
      const key = this.views.bytes.subarray(at, at + KEY_BYTES);
      yield { slot, key, value: this.views.bytes.subarray(at + SLOT.value, at + SLOT.value + length) };
    }
  }

  /** The record in a slot, a copy; no bytes where there is none. */
  valueOf(slot: number): Uint8Array {
    const at = slot * SLOT_BYTES + SLOT.value;
    return this.views.bytes.slice(at, at + this.lengthOf(slot));
  }

  /** Bytes of the slot's record; 0 = none. */
  lengthOf(slot: number): number {
    return this.views.words[slot * SLOT_WORDS + LENGTH_WORD] as number;
  }

  #take(): number {
    if (this.#next >= this.shared.capacity) {
      throw new LedgerError(
        'LEDGER_STATE_FULL',
        `the state has room for ${this.shared.capacity} records, and all are taken`,
        {
          hint: 'start the peer again with a larger ledger.capacity; nothing was lost',
        },
      );
    }
    this.#next += 1;
    return this.#next - 1;
  }

  #hashWords(words: Uint32Array, from: number): number {
    const factors = this.#factors;
    let straight = 0;
    let turned = 0;
    for (let i = 0; i < KEY_WORDS; i += 1) {
      const word = words[from + i] as number;
      straight = (straight + Math.imul(word, factors[i] as number)) | 0;
      turned = (turned + Math.imul((word >>> 16) | (word << 16), factors[KEY_WORDS + i] as number)) | 0;
    }
    // Both to the low bits, which choose the place (the mixing of MurmurHash3).
    let hash = Math.imul(straight ^ (straight >>> 15), 0x85eb_ca6b) ^ turned;
    hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2_ae35);
    return hash ^ (hash >>> 13);
  }

  /** Where the key stands in the index, or the empty place where it would. */
  #probe(words: Uint32Array, from: number, hash: number): number {
    const index = this.#index;
    const keys = this.views.words;
    let at = hash & this.#mask;
    for (;;) {
      const slot = index[at * 2 + 1] as number;
      if (slot === 0) return at;
      if (index[at * 2] === hash) {
        if (sameKey(keys, (slot - 1) * SLOT_WORDS, words, from)) return at;
      }
      at = (at + 1) & this.#mask;
    }
  }
}

function sameKey(a: Uint32Array, from: number, b: Uint32Array, to: number): boolean {
  for (let i = 0; i < KEY_WORDS; i += 1) if (a[from + i] !== b[to + i]) return false;
  return true;
}
