import { BALANCE_RECORD_BYTES, STATUS } from '../constants.ts';
import { faultOf } from '../program/fault.ts';
import {
  DIRTY_WORD,
  LENGTH_WORD,
  openSlots,
  SLOT,
  SLOT_BYTES,
  SLOT_LONGS,
  SLOT_WORDS,
  VALUE_LONG,
  VALUE_WORD,
  VALUE_WORDS,
} from '../state/slot.ts';
import type { SharedState } from '../state/table.ts';

/** The signer's account, the declared writes, the replay key. */
const MAX_UNDO = 66;
const LAST_WORD = 0xffff_ffff;

/**
 * Records as one thread of execution reads and writes them: in place, with the old value kept for the transaction under
 * way and a list of what the block changed.
 */
export class RecordMemory {
  readonly longs: BigUint64Array;
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
  readonly #ints: Int32Array;
  /** Of the block under way, as it is noted in slots. */
  #mark = 0;
  /** Of no meaning: what is read must be used, or the compiler leaves the reading out. */
  #fetched = 0;
  /** Slots that this thread was the first to change in the block. */
  changed = new Int32Array(1024);
  changedCount = 0;
  readonly #undoSlots = new Int32Array(MAX_UNDO);
  readonly #undoLengths = new Uint8Array(MAX_UNDO);
  readonly #undoWords = new Uint32Array(MAX_UNDO * VALUE_WORDS);
  #undoCount = 0;

  constructor(shared: SharedState) {
    const views = openSlots(shared.slots);
    this.longs = views.longs;
    this.words = views.words;
    this.bytes = views.bytes;
    this.#ints = views.ints;
  }

  /** Bytes of the record; 0 = none. */
  lengthOf(slot: number): number {
    return this.words[slot * SLOT_WORDS + LENGTH_WORD] as number;
  }

  /** Where the record stands in `longs`, `words` and `bytes`. */
  longAt(slot: number): number {
    return slot * SLOT_LONGS + VALUE_LONG;
  }

  wordAt(slot: number): number {
    return slot * SLOT_WORDS + VALUE_WORD;
  }

  byteAt(slot: number): number {
    return slot * SLOT_BYTES + SLOT.value;
  }

  /** Fetches a slot, so that several are on their way from memory before the first is used. */
  fetch(slot: number): void {
    this.#fetched ^= this.words[slot * SLOT_WORDS + LENGTH_WORD] as number;
  }

  beginBlock(height: bigint): void {
    // Never 0, which is what stands in slots that no block has changed yet.
    this.#mark = Number((height % BigInt(LAST_WORD)) + 1n) | 0;
    this.changedCount = 0;
  }

  /** Notes that the block changes this slot. */
  touch(slot: number): void {
    const dirty = slot * SLOT_WORDS + DIRTY_WORD;
    if (this.#ints[dirty] === this.#mark) return;
    this.#ints[dirty] = this.#mark;
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
    const length = this.lengthOf(slot);
    this.#undoSlots[at] = slot;
    this.#undoLengths[at] = length;
    const from = this.wordAt(slot);
    const to = at * VALUE_WORDS;
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
        this.words[this.wordAt(slot) + (i >> 2)] = this.#undoWords[at * VALUE_WORDS + (i >> 2)] as number;
      }
      this.words[slot * SLOT_WORDS + LENGTH_WORD] = length;
    }
    this.#undoCount = 0;
  }

  /** A record of zeros. */
  create(slot: number, length: number): void {
    this.clear(slot);
    this.words[slot * SLOT_WORDS + LENGTH_WORD] = length;
  }

  /** Adds two words to an account or a balance, made if need be; the end of a block. */
  credit(slot: number, low: number, high: number): void {
    this.touch(slot);
    if (this.lengthOf(slot) === 0) this.create(slot, BALANCE_RECORD_BYTES);
    const at = this.wordAt(slot);
    const sum = (this.words[at] as number) + low;
    this.words[at] = sum >>> 0;
    this.words[at + 1] = ((this.words[at + 1] as number) + high + (sum > LAST_WORD ? 1 : 0)) >>> 0;
  }

  /** No record; its bytes are zero, as those of every record are behind its length. */
  clear(slot: number): void {
    const from = this.wordAt(slot);
    this.words.fill(0, from, from + VALUE_WORDS);
    this.words[slot * SLOT_WORDS + LENGTH_WORD] = 0;
  }

  /** Whether `width` bytes at `offset` are inside of the record and aligned. @throws the fault badRecord */
  check(slot: number, offset: number, width: number, alignment: number): void {
    if (!inside(offset, width, this.lengthOf(slot)) || offset % alignment !== 0) {
      throw faultOf(STATUS.badRecord);
    }
  }
}

/** Whether whole bytes from `offset` on lie within `length`. What a program computed may be no integer. */
export function inside(offset: number, width: number, length: number): boolean {
  return Number.isInteger(offset) && Number.isInteger(width) && offset >= 0 && width >= 0 && offset + width <= length;
}
