import type { PlannedBlock } from '../execute/shared.ts';
import { keyRanges } from './components.ts';

/**
 * Levels of the transactions of one large component: each stands one above the highest of those before it whose keys
 * conflict with its own, so that one level can run at once (list scheduling by depth, Hu 1961).
 */
export class Waves {
  /** Highest level that wrote, or read, a slot so far, plus 1; valid where the stamp is this call's. */
  readonly #written: Int32Array;
  readonly #read: Int32Array;
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor(capacity: number) {
    this.#written = new Int32Array(capacity);
    this.#read = new Int32Array(capacity);
    this.#stamps = new Int32Array(capacity);
  }

  /** @returns levels from 0 on, one for each of `transactions`, which are in the block's order, and their number */
  levels(
    block: Pick<PlannedBlock, 'batch' | 'slots' | 'starts'>,
    transactions: Int32Array,
  ): { levels: Int32Array; count: number } {
    this.#stamp += 1;
    const levels = new Int32Array(transactions.length);
    let count = 0;
    transactions.forEach((index, i) => {
      const { slots, batch, starts } = block;
      const { writesFrom, writesTo, readsTo, replay } = keyRanges(batch, starts, index);
      let level = replay < 0 ? 0 : this.#above(slots[replay] as number, true);
      for (let at = writesFrom; at < readsTo; at += 1) {
        level = Math.max(level, this.#above(slots[at] as number, at < writesTo));
      }
      for (let at = writesFrom; at < readsTo; at += 1) this.#note(slots[at] as number, at < writesTo, level + 1);
      if (replay >= 0) this.#note(slots[replay] as number, true, level + 1);
      levels[i] = level;
      count = Math.max(count, level + 1);
    });
    return { levels, count };
  }

  #above(slot: number, writes: boolean): number {
    if (this.#stamps[slot] !== this.#stamp) return 0;
    const written = this.#written[slot] as number;
    return writes ? Math.max(written, this.#read[slot] as number) : written;
  }

  #note(slot: number, writes: boolean, level: number): void {
    if (this.#stamps[slot] !== this.#stamp) {
      this.#stamps[slot] = this.#stamp;
      this.#written[slot] = 0;
      this.#read[slot] = 0;
    }
    const of = writes ? this.#written : this.#read;
    of[slot] = Math.max(of[slot] as number, level);
  }
}
