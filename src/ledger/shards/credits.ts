import { type PlannedBlock, RECEIPT_WORDS } from '../execute/shared.ts';

/** u64 in two words, each kept as a sum of at most 2^20 words: a double holds it exactly. */
const TWO_32 = 2 ** 32;

/** What the transactions of one shard credit to keys of others, one sum a key. */
export class CreditSums {
  readonly #places = new Map<number, number>();
  readonly #low: number[] = [];
  readonly #high: number[] = [];

  add(slot: number, low: number, high: number): void {
    const place = this.#places.get(slot);
    if (place === undefined) {
      this.#places.set(slot, this.#low.length);
      this.#low.push(low);
      this.#high.push(high);
      return;
    }
    this.#low[place] = (this.#low[place] as number) + low;
    this.#high[place] = (this.#high[place] as number) + high;
  }

  /** Slots, and their amounts as 8 bytes, little-endian: a view that holds until the next. */
  *entries(): Generator<readonly [slot: number, amount: Uint8Array]> {
    const amount = new Uint8Array(8);
    const view = new DataView(amount.buffer);
    for (const [slot, place] of this.#places) {
      const low = this.#low[place] as number;
      const carried = Math.floor(low / TWO_32);
      view.setUint32(0, low % TWO_32, true);
      view.setUint32(4, ((this.#high[place] as number) + carried) % TWO_32, true);
      yield [slot, amount];
    }
  }
}

/** Calls back for each credit that is not zero of a transaction, and for its fee, in two words each. */
export function eachCredit(
  { starts, slots, credits, receipts }: PlannedBlock,
  index: number,
  feeSlot: number,
  take: (slot: number, low: number, high: number) => void,
): void {
  const words = new Uint32Array(credits.buffer, credits.byteOffset, credits.length * 2);
  const end = starts[index + 1] as number;
  for (let at = starts[index] as number; at < end; at += 1) {
    const [low, high] = [words[2 * at] as number, words[2 * at + 1] as number];
    if (low !== 0 || high !== 0) take(slots[at] as number, low, high);
  }
  const fee = index * RECEIPT_WORDS + 2;
  const [low, high] = [receipts.words[fee] as number, receipts.words[fee + 1] as number];
  if (low !== 0 || high !== 0) take(feeSlot, low, high);
}
