import type { PlannedBlock } from '../execute/shared.ts';
import { keyRanges } from '../schedule/components.ts';
import type { Waves } from '../schedule/waves.ts';
import type { Owners } from './owners.ts';

/** Which shards run which transactions of a block, and when. Every shard comes to the same routes from the block alone. */
export class Routes {
  /** One bit a shard: who has a key that the transaction reads or writes, so runs it. */
  readonly participants: Uint32Array;
  /** Transactions of each wave, in the block's order; within one none conflict. */
  readonly waves: readonly Int32Array[];
  readonly #block: PlannedBlock;
  readonly #owners: Owners;

  /** @param owners of this block's slots */
  constructor(block: PlannedBlock, owners: Owners, waves: Waves) {
    this.#block = block;
    this.#owners = owners;
    const { count } = block.batch;
    this.participants = new Uint32Array(count);
    const all = new Int32Array(count);
    for (let i = 0; i < count; i += 1) {
      all[i] = i;
      this.participants[i] = this.#participantsOf(i);
    }
    const { levels, count: waveCount } = waves.levels(block, all);
    this.waves = listsOf(levels, waveCount);
  }

  /** The shard of the signer's account: its receipt is the transaction's, and it passes the credits on. */
  home(index: number): number {
    return this.#owners.of(this.#block.slots[this.#block.starts[index] as number] as number);
  }

  /** Slots that the transaction reads or writes. */
  slotsOf(index: number): number[] {
    const { batch, slots, starts } = this.#block;
    const { writesFrom, readsTo, replay } = keyRanges(batch, starts, index);
    const declared = [...slots.subarray(writesFrom, readsTo)];
    return replay < 0 ? declared : [...declared, slots[replay] as number];
  }

  #participantsOf(index: number): number {
    const { batch, slots, starts } = this.#block;
    const { writesFrom, readsTo, replay } = keyRanges(batch, starts, index);
    let mask = replay < 0 ? 0 : 1 << this.#owners.of(slots[replay] as number);
    for (let at = writesFrom; at < readsTo; at += 1) mask |= 1 << this.#owners.of(slots[at] as number);
    return mask;
  }
}

/** The indexes of each level, ascending. */
function listsOf(levels: Int32Array, count: number): Int32Array[] {
  const sizes = new Int32Array(count);
  for (let i = 0; i < levels.length; i += 1) sizes[levels[i] as number] = (sizes[levels[i] as number] as number) + 1;
  const lists = Array.from(sizes, (size) => new Int32Array(size));
  sizes.fill(0);
  for (let i = 0; i < levels.length; i += 1) {
    const level = levels[i] as number;
    const at = sizes[level] as number;
    (lists[level] as Int32Array)[at] = i;
    sizes[level] = at + 1;
  }
  return lists;
}
