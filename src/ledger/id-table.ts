import { randomFillSync } from 'node:crypto';
import { HASH_BYTES } from './constants.ts';

const WORDS = HASH_BYTES / 4;
const LEAST_SLOTS = 64;
/** Words of an id that its place in the index depends on. */
const MIXED = 3;

/**
 * Numbers for ids of 32 bytes, from 0 on and as small as can be, so that what belongs to an id lies in arrays. All of it is
 * in two typed arrays: however many ids are held, and for however long, the garbage collector has nothing to look at.
 */
export class IdTable {
  #ids = new Uint32Array(LEAST_SLOTS * WORDS);
  /** Slot + 1, 0 = empty; twice as many as there are slots at least. */
  #index = new Int32Array(LEAST_SLOTS * 2);
  #shift = 32 - Math.log2(LEAST_SLOTS * 2);
  #free = new Int32Array(LEAST_SLOTS);
  #freeCount = 0;
  #next = 0;
  /** Odd, and this process's own (Dietzfelbinger 1997): nobody can search for ids that meet in the index. */
  readonly #factors = randomFillSync(new Int32Array(MIXED)).map((factor) => factor | 1);
  readonly #sought = new Uint32Array(WORDS);
  readonly #soughtBytes = new Uint8Array(this.#sought.buffer);

  /** Ids that are held. */
  get size(): number {
    return this.#next - this.#freeCount;
  }

  /** One more than the highest number that was ever given. */
  get top(): number {
    return this.#next;
  }

  /** Number of an id of 32 bytes, -1 where it is not held. */
  find(id: Uint8Array): number {
    if (id.length !== HASH_BYTES) return -1;
    this.#soughtBytes.set(id);
    return this.findAt(this.#sought, 0);
  }

  /** The same for 8 words at a place. */
  findAt(words: Uint32Array, at: number): number {
    return (this.#index[this.#probe(words, at)] as number) - 1;
  }

  /** Number of an id, given to it if it has none. */
  add(id: Uint8Array): number {
    if (id.length !== HASH_BYTES) throw new RangeError('an id has 32 bytes');
    this.#soughtBytes.set(id);
    return this.addAt(this.#sought, 0);
  }

  addAt(words: Uint32Array, at: number): number {
    const place = this.#probe(words, at);
    const there = (this.#index[place] as number) - 1;
    if (there >= 0) return there;
    if (this.#freeCount === 0 && this.#next === this.#free.length) {
      this.#grow();
      return this.addAt(words, at);
    }
    let slot = this.#next;
    if (this.#freeCount > 0) slot = this.#free[--this.#freeCount] as number;
    else this.#next += 1;
    for (let i = 0; i < WORDS; i += 1) this.#ids[slot * WORDS + i] = words[at + i] as number;
    this.#index[place] = slot + 1;
    return slot;
  }

  /** Gives a number back; the next id may get it. */
  remove(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let at = this.#probe(this.#ids, slot * WORDS);
    // As in the state's table: what stands behind and belongs before moves up (Knuth 6.4, algorithm R).
    for (let next = (at + 1) & mask; index[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(this.#ids, ((index[next] as number) - 1) * WORDS);
      if (((next - home) & mask) < ((next - at) & mask)) continue;
      index[at] = index[next] as number;
      at = next;
    }
    index[at] = 0;
    this.#free[this.#freeCount++] = slot;
  }

  /** A copy. */
  idOf(slot: number): Uint8Array {
    return new Uint8Array(this.#ids.buffer.slice(slot * HASH_BYTES, (slot + 1) * HASH_BYTES));
  }

  /** Writes an id to a place counted in words. */
  copyTo(slot: number, target: Uint32Array, at: number): void {
    for (let i = 0; i < WORDS; i += 1) target[at + i] = this.#ids[slot * WORDS + i] as number;
  }

  #grow(): void {
    const slots = this.#free.length * 2;
    const ids = new Uint32Array(slots * WORDS);
    ids.set(this.#ids);
    this.#ids = ids;
    this.#free = new Int32Array(slots);
    this.#index = new Int32Array(slots * 2);
    this.#shift -= 1;
    // None is free: all numbers are in use.
    for (let slot = 0; slot < this.#next; slot += 1) this.#index[this.#probe(ids, slot * WORDS)] = slot + 1;
  }

  /** Where an id stands in the index, or the empty place where it would. */
  #probe(words: Uint32Array, at: number): number {
    const index = this.#index;
    const ids = this.#ids;
    const mask = index.length - 1;
    for (let place = this.#home(words, at); ; place = (place + 1) & mask) {
      const slot = (index[place] as number) - 1;
      if (slot < 0 || sameId(ids, slot * WORDS, words, at)) return place;
    }
  }

  #home(words: Uint32Array, at: number): number {
    let sum = 0;
    for (let i = 0; i < MIXED; i += 1) {
      const word = words[at + i] as number;
      sum = (sum + Math.imul(word ^ (word >>> 15), this.#factors[i] as number)) | 0;
    }
    return sum >>> this.#shift;
  }
}

function sameId(a: Uint32Array, from: number, b: Uint32Array, at: number): boolean {
  for (let i = 0; i < WORDS; i += 1) if (a[from + i] !== b[at + i]) return false;
  return true;
}
