import { MAX_RECORD_BYTES, STATUS } from '../constants.ts';
import { faultOf } from '../program/fault.ts';
import type { SharedState } from '../state/table.ts';

export const RECORD_LONGS = MAX_RECORD_BYTES / 8;
export const RECORD_WORDS = MAX_RECORD_BYTES / 4;
/** The signer's account, the declared writes, the replay key. */
const MAX_UNDO = 66;

/**
 * Records as one thread of execution reads and writes them: in place, with the old value kept for the transaction under
 * way and a list of what the block changed.
 */
export class RecordMemory {
  readonly longs: BigUint64Array;
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  readonly lengths: Uint8Array;
  readonly keys: Uint8Array;
  readonly #dirty: Int32Array;
  #height = 0;
  /** Slots that this thread was the first to change in the block. */
  changed = new Int32Array(1024);
  changedCount = 0;
  readonly #undoSlots = new Int32Array(MAX_UNDO);
  readonly #undoLengths = new Uint8Array(MAX_UNDO);
  readonly #undoWords = new Uint32Array(MAX_UNDO * RECORD_WORDS);
  #undoCount = 0;

  constructor(shared: SharedState) {
    this.longs = new BigUint64Array(shared.values);
    this.words = new Uint32Array(shared.values);
    this.bytes = new Uint8Array(shared.values);
    this.lengths = new Uint8Array(shared.lengths);
    this.keys = new Uint8Array(shared.keys);
    this.#dirty = new Int32Array(shared.dirty);
  }

  beginBlock(height: bigint): void {
    this.#height = Number(BigInt.asIntN(32, height));
    this.changedCount = 0;
  }

  /** Notes that the block changes this slot. */
  touch(slot: number): void {
    if (this.#dirty[slot] === this.#height) return;
    this.#dirty[slot] = this.#height;
    if (this.changedCount === this.changed.length) {
      const larger = new Int32Array(this.changed.length * 2);
      larger.set(this.changed);
      this.changed = larger;
    }
    this.changed[this.changedCount] = slot;
    this.changedCount += 1;
  }

  /** From here on `undo` brings back what `keep` was called for. */
  beginUndo(): void {
    this.#undoCount = 0;
  }

  /** Keeps the record as it is now; once per slot and transaction, before its first change. */
  keep(slot: number): void {
    const at = this.#undoCount;
    const length = this.lengths[slot] as number;
    this.#undoSlots[at] = slot;
    this.#undoLengths[at] = length;
    const from = slot * RECORD_WORDS;
    const to = at * RECORD_WORDS;
    for (let i = 0; i < length; i += 4) {
      this.#undoWords[to + (i >> 2)] = this.words[from + (i >> 2)] as number;
    }
    this.#undoCount = at + 1;
    this.touch(slot);
  }

  undo(): void {
    for (let at = this.#undoCount - 1; at >= 0; at -= 1) {
      const slot = this.#undoSlots[at] as number;
      const length = this.#undoLengths[at] as number;
      this.clear(slot);
      for (let i = 0; i < length; i += 4) {
        this.words[slot * RECORD_WORDS + (i >> 2)] = this.#undoWords[at * RECORD_WORDS + (i >> 2)] as number;
      }
      this.lengths[slot] = length;
    }
    this.#undoCount = 0;
  }

  /** A record of zeros. */
  create(slot: number, length: number): void {
    this.clear(slot);
    this.lengths[slot] = length;
  }

  /** No record; its bytes are zero, as those of every record are behind its length. */
  clear(slot: number): void {
    const from = slot * RECORD_WORDS;
    this.words.fill(0, from, from + RECORD_WORDS);
    this.lengths[slot] = 0;
  }

  /** Whether `width` bytes at `offset` are inside of the record and aligned. @throws the fault badRecord */
  check(slot: number, offset: number, width: number, alignment: number): void {
    if (!(offset >= 0 && width >= 0) || offset % alignment !== 0 || offset + width > (this.lengths[slot] as number)) {
      throw faultOf(STATUS.badRecord);
    }
  }
}
