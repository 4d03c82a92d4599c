import { randomInt } from 'node:crypto';
import type { BlockBatch } from '../block/batch.ts';
import { AT } from '../transaction/layout.ts';
import { isTagged } from '../transaction/own-keys.ts';

const TWO_32 = 2 ** 32;
const LAST_WORD = TWO_32 - 1;
const SEEN_BITS = 16;

/**
 * What is held back of an account while one of its transactions runs: the highest fees of those of its transactions that
 * come later in the block and can still run, as far as the block alone tells: their window is open, their number is above all
 * before it, their tag was not there before. So no transaction can spend what the block's room was given out for, and what
 * was executed long ago holds nothing. Scratch memory is kept from block to block.
 */
export class FeeHolds {
  /** How many transactions have come by an account's hash: 0, 1 or more. Most accounts sign once, and are told by this. */
  readonly #seen = new Uint8Array(2 ** SEEN_BITS);
  /** Odd and this process's own: nobody can choose slots that meet (multiply-shift, Dietzfelbinger et al. 1997). */
  readonly #factor = randomInt(2 ** 31) * 2 + 1;
  /** Slots of accounts, + 1, by hash; 0 = empty. */
  #accounts = new Int32Array(0);
  /** Of each account: the sum so far, as a low word and what is above it. */
  #low = new Uint32Array(0);
  #high = new Float64Array(0);
  /** Of each account: the highest number so far, + 1, likewise. */
  #nextLow = new Uint32Array(0);
  #nextHigh = new Float64Array(0);
  /** Of each transaction: 1 if it counts for those before it. */
  #live = new Uint8Array(0);

  /** @returns shared; one u64 a transaction, 2^64 - 1 where the sum is larger */
  of(batch: BlockBatch, slots: Int32Array, starts: Uint32Array, height: bigint): BigUint64Array {
    const { words, offsets, count } = batch;
    const holds = new BigUint64Array(new SharedArrayBuffer(count * 8));
    if (!this.#findRepeated(count, slots, starts)) return holds;
    const held = new Uint32Array(holds.buffer);
    const bits = this.#clear(count);
    this.#findLive(batch, slots, starts, height, bits);
    for (let i = count - 1; i >= 0; i -= 1) {
      const slot = slots[starts[i] as number] as number;
      if (!this.#isRepeated(slot)) continue;
      const place = this.#placeOf(slot, bits);
      const [low, high] = [this.#low[place] as number, this.#high[place] as number];
      held[2 * i] = high > LAST_WORD ? LAST_WORD : low;
      held[2 * i + 1] = Math.min(high, LAST_WORD);
      if (this.#live[i] === 0) continue;
      // Gas limit times price in two words, exact for any two of them.
      const at = (offsets[i] as number) >> 2;
      const gas = words[at + AT.gasLimit / 4] as number;
      const upper = gas * (words[at + AT.gasPrice / 4 + 1] as number);
      addProduct(this.#low, this.#high, place, gas, words[at + AT.gasPrice / 4] as number, upper);
    }
    return holds;
  }

  /** @returns whether any account may have signed twice */
  #findRepeated(count: number, slots: Int32Array, starts: Uint32Array): boolean {
    const seen = this.#seen.fill(0);
    let repeated = 0;
    for (let i = 0; i < count; i += 1) {
      const at = this.#mix(slots[starts[i] as number] as number, SEEN_BITS);
      repeated |= seen[at] as number;
      seen[at] = Math.min((seen[at] as number) + 1, 2);
    }
    return repeated !== 0;
  }

  #isRepeated(slot: number): boolean {
    return (this.#seen[this.#mix(slot, SEEN_BITS)] as number) > 1;
  }

  /** Sets `#live`. */
  #findLive(
    { bytes, words, longs, offsets, count }: BlockBatch,
    slots: Int32Array,
    starts: Uint32Array,
    height: bigint,
    bits: number,
  ): void {
    let tags: Set<string> | undefined;
    for (let i = 0; i < count; i += 1) {
      this.#live[i] = 0;
      const slot = slots[starts[i] as number] as number;
      if (!this.#isRepeated(slot)) continue;
      const at = offsets[i] as number;
      const [from, until] = [longs[(at + AT.validFrom) >> 3] as bigint, longs[(at + AT.validUntil) >> 3] as bigint];
      if (height < from || height > until) continue;
      const place = this.#placeOf(slot, bits);
      if (isTagged(bytes, at)) {
        tags ??= new Set();
        const tag = `${slot}/${longs[(at + AT.sequence) >> 3]}`;
        if (tags.has(tag)) continue;
        tags.add(tag);
      } else {
        const [low, high] = [words[(at + AT.sequence) >> 2] as number, words[(at + AT.sequence + 4) >> 2] as number];
        const [nextLow, nextHigh] = [this.#nextLow[place] as number, this.#nextHigh[place] as number];
        if (high < nextHigh || (high === nextHigh && low < nextLow)) continue;
        this.#nextLow[place] = low + 1;
        this.#nextHigh[place] = high + (low === LAST_WORD ? 1 : 0);
      }
      this.#live[i] = 1;
    }
  }

  /** Empties the table and makes it at least twice as large as what comes. @returns the logarithm of its size */
  #clear(count: number): number {
    const bits = Math.ceil(Math.log2(Math.max(count, 8) * 2));
    const size = 2 ** bits;
    if (this.#accounts.length < size) {
      this.#accounts = new Int32Array(size);
      this.#low = new Uint32Array(size);
      this.#high = new Float64Array(size);
      this.#nextLow = new Uint32Array(size);
      this.#nextHigh = new Float64Array(size);
      this.#live = new Uint8Array(size);
      return bits;
    }
    for (const array of [this.#accounts, this.#low, this.#high, this.#nextLow, this.#nextHigh]) array.fill(0, 0, size);
    return bits;
  }

  #mix(slot: number, bits: number): number {
    return Math.imul(slot, this.#factor) >>> (32 - bits);
  }

  #placeOf(slot: number, bits: number): number {
    const accounts = this.#accounts;
    const mask = 2 ** bits - 1;
    let place = this.#mix(slot, bits);
    while (accounts[place] !== 0 && accounts[place] !== slot + 1) place = (place + 1) & mask;
    accounts[place] = slot + 1;
    return place;
  }
}

/** Adds `gas` times a u64 price (its low word; `upper` is gas times its high one) to the sum at a place. */
function addProduct(
  lows: Uint32Array,
  highs: Float64Array,
  place: number,
  gas: number,
  price: number,
  upper: number,
): void {
  // Halves of 16 bits, so that no product leaves what a double holds exactly.
  const [first, second] = [gas * (price & 0xffff), gas * (price >>> 16)];
  const low = first + (second % 0x1_0000) * 0x1_0000 + (lows[place] as number);
  lows[place] = low >>> 0;
  highs[place] = (highs[place] as number) + upper + Math.floor(second / 0x1_0000) + Math.floor(low / TWO_32);
}
