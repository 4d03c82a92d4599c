import { KEY_BYTES } from '../constants.ts';
import type { PlannedBlock } from '../execute/shared.ts';
import { keyRanges } from '../schedule/components.ts';
import type { Waves } from '../schedule/waves.ts';
import { SLOT_BYTES } from '../state/slot.ts';
import type { StateTable } from '../state/table.ts';
import { ownersOf } from './partition.ts';

/** Which shards run which transactions of a block, and when. Every shard comes to the same routes from the block alone. */
export class Routes {
  /** Owner of each of the block's slots. */
  readonly owners: ReadonlyMap<number, number>;
  /** One bit a shard: who has a key that the transaction reads or writes, so runs it. */
  readonly participants: Uint32Array;
  /** Transactions of each wave, in the block's order; within one none conflict. */
  readonly waves: readonly (readonly number[])[];
  readonly #block: PlannedBlock;

  constructor(table: StateTable, block: PlannedBlock, feeSlot: number, waves: Waves, bits: number) {
    this.#block = block;
    const slots = [...new Set([...block.slots, feeSlot])];
    const keys = new Uint8Array(slots.length * KEY_BYTES);
    slots.forEach((slot, i) => {
      keys.set(table.views.bytes.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + KEY_BYTES), i * KEY_BYTES);
    });
    const owners = ownersOf(keys, bits);
    this.owners = new Map(slots.map((slot, i) => [slot, owners[i] as number]));
    const { count } = block.batch;
    this.participants = Uint32Array.from({ length: count }, (_, i) =>
      this.slotsOf(i).reduce((mask, slot) => mask | (1 << this.owner(slot)), 0),
    );
    const { levels, count: waveCount } = waves.levels(
      block,
      Int32Array.from({ length: count }, (_, i) => i),
    );
    const lists: number[][] = Array.from({ length: waveCount }, () => []);
    levels.forEach((wave, i) => {
      lists[wave]?.push(i);
    });
    this.waves = lists;
  }

  owner(slot: number): number {
    return this.owners.get(slot) as number;
  }

  /** The shard of the signer's account: its receipt is the transaction's, and it passes the credits on. */
  home(index: number): number {
    return this.owner(this.#block.slots[this.#block.starts[index] as number] as number);
  }

  /** Slots that the transaction reads or writes. */
  slotsOf(index: number): number[] {
    const { batch, slots, starts } = this.#block;
    const { writesFrom, readsTo, replay } = keyRanges(batch, starts, index);
    const declared = [...slots.subarray(writesFrom, readsTo)];
    return replay < 0 ? declared : [...declared, slots[replay] as number];
  }
}
