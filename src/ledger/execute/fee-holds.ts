import type { BlockBatch } from '../block/batch.ts';
import { AT } from '../transaction/layout.ts';

const TWO_32 = 2 ** 32;
const LAST_WORD = TWO_32 - 1;
const SEEN = 2 ** 16;

/**
 * What is held back of an account while one of its transactions runs: the highest fees of those of its transactions that
 * come later in the block. So no transaction can spend what the block's room was given out for. Scratch memory is kept
 * from block to block.
 */
export class FeeHolds {
  /** How many transactions have come by an account's hash: 0, 1 or more. Most accounts sign once, and are told by this. */
  readonly #seen = new Uint8Array(SEEN);
  /** Slots of accounts, + 1, by hash; 0 = empty. With it the sum so far, as a low word and what is above it. */
  #accounts = new Int32Array(0);
  #low = new Uint32Array(0);
  #high = new Float64Array(0);

  /** @returns shared; one u64 a transaction, 2^64 - 1 where the sum is larger */
  of({ words, offsets, count }: BlockBatch, slots: Int32Array, starts: Uint32Array): BigUint64Array {
    const holds = new BigUint64Array(new SharedArrayBuffer(count * 8));
    const held = new Uint32Array(holds.buffer);
    const mask = this.#clear(count);
    const seen = this.#seen.fill(0);
    for (let i = 0; i < count; i += 1) {
      const at = mixed(slots[starts[i] as number] as number) & (SEEN - 1);
      seen[at] = Math.min((seen[at] as number) + 1, 2);
    }
    for (let i = count - 1; i >= 0; i -= 1) {
      const slot = slots[starts[i] as number] as number;
      if ((seen[mixed(slot) & (SEEN - 1)] as number) < 2) continue;
      const place = this.#placeOf(slot, mask);
      const [low, high] = [this.#low[place] as number, this.#high[place] as number];
      if (low !== 0 || high !== 0) {
        held[2 * i] = high > LAST_WORD ? LAST_WORD : low;
        held[2 * i + 1] = Math.min(high, LAST_WORD);
      }
      // Gas limit times price in two words, exact for any two of them.
      const at = (offsets[i] as number) >> 2;
      const gas = words[at + AT.gasLimit / 4] as number;
      const upper = gas * (words[at + AT.gasPrice / 4 + 1] as number);
      addProduct(this.#low, this.#high, place, gas, words[at + AT.gasPrice / 4] as number, upper);
    }
    return holds;
  }

  /** Empties the table and makes it at least twice as large as what comes. */
  #clear(count: number): number {
    const size = 2 ** Math.ceil(Math.log2(Math.max(count, 8) * 2));
    if (this.#accounts.length < size) {
      this.#accounts = new Int32Array(size);
      this.#low = new Uint32Array(size);
      this.#high = new Float64Array(size);
    } else {
      this.#accounts.fill(0, 0, size);
      this.#low.fill(0, 0, size);
      this.#high.fill(0, 0, size);
    }
    return size - 1;
  }

  #placeOf(slot: number, mask: number): number {
    const accounts = this.#accounts;
    let place = mixed(slot) & mask;
    while (accounts[place] !== 0 && accounts[place] !== slot + 1) place = (place + 1) & mask;
    accounts[place] = slot + 1;
    return place;
  }
}

function mixed(slot: number): number {
  return Math.imul(slot, 0x9e37_79b1) >>> 7;
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
