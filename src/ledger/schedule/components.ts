import type { BlockBatch } from '../block/batch.ts';
import type { PlannedBlock } from '../execute/shared.ts';
import { AT, FLAGS } from '../transaction/layout.ts';

/** Where a transaction's written and read keys stand in `slots`. */
export interface KeyRanges {
  readonly writesFrom: number;
  readonly writesTo: number;
  readonly readsTo: number;
  /** The replay key's place, or -1. */
  readonly replay: number;
}

/** The signer's account counts as written. */
export function keyRanges(batch: BlockBatch, starts: Uint32Array, index: number): KeyRanges {
  const at = batch.offsets[index] as number;
  const start = starts[index] as number;
  const writesTo = start + 1 + (batch.bytes[at + AT.writes] as number);
  const tagged = ((batch.bytes[at + AT.flags] as number) & FLAGS.tag) !== 0;
  return {
    writesFrom: start,
    writesTo,
    readsTo: writesTo + (batch.bytes[at + AT.reads] as number),
    replay: tagged ? (starts[index + 1] as number) - 1 : -1,
  };
}

/**
 * Transactions that may not be told apart in time: union-find over the keys that somebody writes (Tarjan 1975, with path
 * halving). Credits join nothing. Scratch memory is kept from block to block.
 */
export class Components {
  /** Parent of each transaction; roots are their own. */
  parents = new Int32Array(0);
  /** Who wrote a slot first, as transaction + 1, in the block whose number stands in `#stamps`. */
  readonly #writers: Int32Array;
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor(capacity: number) {
    this.#writers = new Int32Array(capacity);
    this.#stamps = new Int32Array(capacity);
  }

  build(block: PlannedBlock): void {
    const { batch, slots, starts } = block;
    const { count } = batch;
    if (this.parents.length < count) this.parents = new Int32Array(count * 2);
    this.#stamp += 1;
    let reads = false;
    for (let i = 0; i < count; i += 1) {
      this.parents[i] = i;
      const { writesFrom, writesTo, readsTo, replay } = keyRanges(batch, starts, i);
      for (let at = writesFrom; at < writesTo; at += 1) this.#write(i, slots[at] as number);
      if (replay >= 0) this.#write(i, slots[replay] as number);
      reads ||= readsTo > writesTo;
    }
    // A read meets the writers of its key wherever they stand in the block, so all of those come first.
    if (reads) this.#joinReads(block);
  }

  root(index: number): number {
    const { parents } = this;
    let at = index;
    for (;;) {
      const parent = parents[at] as number;
      if (parent === at) return at;
      const above = parents[parent] as number;
      parents[at] = above;
      at = above;
    }
  }

  #joinReads({ batch, slots, starts }: PlannedBlock): void {
    for (let i = 0; i < batch.count; i += 1) {
      const { writesTo, readsTo } = keyRanges(batch, starts, i);
      for (let at = writesTo; at < readsTo; at += 1) {
        const slot = slots[at] as number;
        if (this.#stamps[slot] === this.#stamp) this.#join(i, (this.#writers[slot] as number) - 1);
      }
    }
  }

  #write(index: number, slot: number): void {
    if (this.#stamps[slot] === this.#stamp) {
      this.#join(index, (this.#writers[slot] as number) - 1);
      return;
    }
    this.#stamps[slot] = this.#stamp;
    this.#writers[slot] = index + 1;
  }

  #join(a: number, b: number): void {
    const [x, y] = [this.root(a), this.root(b)];
    if (x < y) this.parents[y] = x;
    else this.parents[x] = y;
  }
}
