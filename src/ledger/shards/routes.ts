import { type BlockBatch, openBatch } from '../block/batch.ts';
import { keyRanges } from '../schedule/components.ts';
import type { Waves } from '../schedule/waves.ts';
import type { BlockKeys } from './block-keys.ts';

/** Which shards run which transactions of a block, and when. Every shard comes to the same routes from the block alone. */
export class Routes {
  /** One bit a shard: who has a key that the transaction reads or writes, so runs it. */
  readonly participants: Uint32Array;
  /** Transactions of one wave do not conflict. */
  readonly waves: number;
  readonly #levels: Int32Array;
  readonly #batch: BlockBatch;
  readonly #keys: BlockKeys;

  constructor(batch: BlockBatch, keys: BlockKeys, waves: Waves) {
    this.#batch = batch;
    this.#keys = keys;
    const { count } = batch;
    this.participants = new Uint32Array(count);
    const all = new Int32Array(count);
    for (let i = 0; i < count; i += 1) {
      all[i] = i;
      this.participants[i] = this.#participantsOf(i);
    }
    const { levels, count: waveCount } = waves.levels({ batch, ...keys }, all);
    this.#levels = levels;
    this.waves = waveCount;
  }

  /** The shard of the signer's account: its receipt is the transaction's, and it passes the credits on. */
  home(index: number): number {
    const { slots, starts, owners } = this.#keys;
    return owners[slots[starts[index] as number] as number] as number;
  }

  /** What a shard runs. */
  partOf(shard: number): Part {
    const { count, offsets, buffer } = this.#batch;
    const members = new Int32Array(count);
    let size = 0;
    for (let i = 0; i < count; i += 1) {
      if ((((this.participants[i] as number) >> shard) & 1) === 0) continue;
      members[size] = i;
      size += 1;
    }
    const own = new Uint32Array(size + 1);
    const levels = new Int32Array(size);
    for (let i = 0; i < size; i += 1) {
      const index = members[i] as number;
      own[i] = offsets[index] as number;
      levels[i] = this.#levels[index] as number;
    }
    own[size] = offsets[count] as number;
    return {
      members: members.subarray(0, size),
      batch: openBatch(buffer, own),
      waves: listsOf(levels, this.waves),
    };
  }

  #participantsOf(index: number): number {
    const { slots, starts, owners } = this.#keys;
    const { writesFrom, readsTo, replay } = keyRanges(this.#batch, starts, index);
    let mask = replay < 0 ? 0 : 1 << (owners[slots[replay] as number] as number);
    for (let at = writesFrom; at < readsTo; at += 1) mask |= 1 << (owners[slots[at] as number] as number);
    return mask;
  }
}

/** The transactions of a block that are one shard's business, numbered from 0 in the block's order. */
interface Part {
  /** Their indexes in the block. */
  readonly members: Int32Array;
  /** Over the block's bytes. Others may lie between two of them: the offset behind one says nothing of its end. */
  readonly batch: BlockBatch;
  /** Numbers of each wave's transactions, ascending. */
  readonly waves: readonly Int32Array[];
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
