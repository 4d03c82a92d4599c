import type { BlockBatch } from '../block/batch.ts';
import { makeDeltaBuffer, openDelta } from '../execute/delta.ts';
import { Lane } from '../execute/lane.ts';
import { BlockPlanner } from '../execute/planner.ts';
import type { PlannedBlock } from '../execute/shared.ts';
import { accountKey } from '../keys.ts';
import type { Program } from '../program/interface.ts';
import { Waves } from '../schedule/waves.ts';
import { SLOT_BYTES } from '../state/slot.ts';
import { StateTable } from '../state/table.ts';
import { StateTree } from '../state/tree.ts';
import type { StateDelta } from '../state/tree-changes.ts';
import { decodeEntries, type Entry, type Exchange, encodeEntries, shardFailed } from './exchange.ts';
import { ownersOf, type Subtree, shardBits, subtreeOf } from './partition.ts';
import { Routes } from './routes.ts';

export interface ShardOptions {
  readonly index: number;
  /** 1, 2, 4, 8 or 16. */
  readonly shards: number;
  /** Records of this shard, and those of others that one block names, at most. */
  readonly capacity: number;
  readonly programs: ReadonlyMap<number, Program>;
  readonly network: Uint8Array;
  readonly feeAccount: Uint8Array;
  readonly exchange: Exchange;
}

export interface ShardBlock {
  readonly planned: PlannedBlock;
  /** Transactions whose receipts this shard answers for. */
  readonly home: readonly number[];
  readonly events: Uint8Array;
  readonly subtree: Subtree;
}

/**
 * A part of the state with an executor of its own. It reads the whole log, runs the transactions that read or write one
 * of its keys, and keeps what they wrote to its own. Where a transaction needs several shards, each gets the values of
 * the others first and runs it in full: all come to the same end, so there is nothing to vote on (Calvin, Thomson et al.
 * 2012). Blocks are executed one at a time.
 */
export class Shard {
  readonly table: StateTable;
  readonly #options: ShardOptions;
  readonly #bits: number;
  readonly #tree: StateTree;
  readonly #planner: BlockPlanner;
  readonly #waves: Waves;
  readonly #lane: Lane;

  constructor(options: ShardOptions) {
    const { index, shards, capacity, programs, network } = options;
    this.#options = options;
    this.#bits = shardBits(shards);
    this.table = new StateTable(capacity);
    this.#tree = new StateTree(capacity);
    this.#planner = new BlockPlanner(this.table);
    this.#waves = new Waves(capacity);
    this.#lane = new Lane(this.table.shared, programs, { lane: index, lanes: shards, network });
  }

  /** Takes those of the records that are this shard's; before the first block. */
  load(records: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): void {
    const { memory } = this.#lane.runner;
    const slots: number[] = [];
    for (const [key, value] of records) {
      if (ownersOf(key, this.#bits)[0] === this.#options.index) slots.push(this.table.put(key, value));
    }
    memory.changed = Int32Array.from(slots);
    memory.changedCount = slots.length;
    this.#seal();
    memory.changed = new Int32Array(1024);
  }

  /** @throws LEDGER_STATE_FULL; LEDGER_LANE_FAILED for messages that make no sense */
  async execute(batch: BlockBatch, height: bigint, time: bigint): Promise<ShardBlock> {
    const planned = this.#planner.plan(batch, height, time);
    const feeSlot = this.#planner.name(accountKey(this.#options.feeAccount));
    const routes = new Routes(this.table, planned, feeSlot, this.#waves, this.#bits);
    const { index } = this.#options;
    const { runner } = this.#lane;
    this.#lane.begin(planned);
    for (const [wave, members] of routes.waves.entries()) {
      const own = members.filter((i) => (((routes.participants[i] as number) >> index) & 1) === 1);
      await this.#swapRecords(`${height}/${wave}`, own, routes);
      for (const i of own) runner.run(i);
    }
    const home = Array.from({ length: batch.count }, (_, i) => i).filter((i) => routes.home(i) === index);
    await this.#swapCredits(`${height}/credits`, planned, home, feeSlot, routes);
    this.#forgetOthers(routes);
    this.#planner.finish(this.#seal());
    const { events } = runner;
    const subtree = subtreeOf(this.#tree, index, this.#bits);
    return { planned, home, events: events.bytes.slice(0, events.length), subtree };
  }

  /** Sends what others need of this shard for the wave, and takes what it needs of them. */
  async #swapRecords(round: string, own: readonly number[], routes: Routes): Promise<void> {
    const { index, shards } = this.#options;
    const outgoing = new Map<number, Map<number, Entry>>();
    for (const i of own) {
      for (let other = 0; other < shards; other += 1) {
        if (other === index || (((routes.participants[i] as number) >> other) & 1) === 0) continue;
        const entries = outgoing.get(other) ?? new Map<number, Entry>();
        outgoing.set(other, entries);
        for (const slot of routes.slotsOf(i)) if (routes.owner(slot) === index) entries.set(slot, this.#entryOf(slot));
      }
    }
    const incoming = await this.#swap(
      round,
      new Map([...outgoing].map(([to, entries]) => [to, [...entries.values()]])),
    );
    const { memory } = this.#lane.runner;
    for (const { slot, bytes } of this.#located(incoming, (slot, from) => routes.owners.get(slot) === from)) {
      memory.create(slot, bytes.length);
      memory.bytes.set(bytes, memory.byteAt(slot));
    }
  }

  /** The end of a block: every shard tells every other what to credit, fees included. */
  async #swapCredits(
    round: string,
    planned: PlannedBlock,
    home: readonly number[],
    feeSlot: number,
    routes: Routes,
  ): Promise<void> {
    const { index, shards } = this.#options;
    const { slots, starts, credits, receipts } = planned;
    const amounts = new Map<number, bigint>();
    const add = (slot: number, amount: bigint) => amounts.set(slot, (amounts.get(slot) ?? 0n) + amount);
    for (const i of home) {
      for (let at = starts[i] as number; at < (starts[i + 1] as number); at += 1) {
        add(slots[at] as number, credits[at] as bigint);
      }
      add(feeSlot, receipts.longs[i * 4 + 1] as bigint);
    }
    const outgoing = new Map(Array.from({ length: shards }, (_, to): [number, Entry[]] => [to, []]));
    const { memory } = this.#lane.runner;
    for (const [slot, amount] of amounts) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, amount, true);
      if (amount > 0n) outgoing.get(routes.owner(slot))?.push({ key: this.#keyOf(slot), bytes });
    }
    const own = outgoing.get(index) ?? [];
    outgoing.delete(index);
    const incoming = await this.#swap(round, outgoing);
    incoming.set(index, own);
    for (const { slot, bytes } of this.#located(incoming, (slot) => routes.owners.get(slot) === index)) {
      if (bytes.length !== 8) throw shardFailed('an amount has 8 bytes');
      const amount = new DataView(bytes.buffer, bytes.byteOffset);
      memory.credit(slot, amount.getUint32(0, true), amount.getUint32(4, true));
    }
  }

  /** Sends to each and waits for an answer of each. */
  async #swap(round: string, outgoing: ReadonlyMap<number, readonly Entry[]>): Promise<Map<number, Entry[]>> {
    const { exchange, index } = this.#options;
    for (const [to, entries] of outgoing) exchange.send(round, index, to, encodeEntries(entries));
    const answers = [...outgoing.keys()].map(async (from): Promise<[number, Entry[]]> => {
      return [from, decodeEntries(await exchange.receive(round, from, index))];
    });
    return new Map(await Promise.all(answers));
  }

  /** Slots of what came in. @throws LEDGER_LANE_FAILED for a key that the block does not name or `allowed` refuses */
  *#located(
    incoming: ReadonlyMap<number, readonly Entry[]>,
    allowed: (slot: number, from: number) => boolean,
  ): Generator<{ slot: number; bytes: Uint8Array }> {
    for (const [from, entries] of incoming) {
      for (const { key, bytes } of entries) {
        const slot = this.table.find(key);
        if (slot < 0 || !allowed(slot, from)) throw shardFailed(`shard ${from} sent a key that is not for it to send`);
        yield { slot, bytes };
      }
    }
  }

  /** Records of others were here for the block alone. */
  #forgetOthers({ owners }: Routes): void {
    const { memory } = this.#lane.runner;
    const { index } = this.#options;
    for (const [slot, owner] of owners) if (owner !== index) memory.clear(slot);
    const own = memory.changed.subarray(0, memory.changedCount).filter((slot) => owners.get(slot) === index);
    memory.changed.set(own);
    memory.changedCount = own.length;
  }

  /** Takes what changed into the tree. @returns the slots */
  #seal(): StateDelta {
    const { memory } = this.#lane.runner;
    const buffer = makeDeltaBuffer(memory.changedCount);
    this.#lane.writeDelta(buffer);
    const delta = openDelta(buffer);
    this.#tree.apply(delta);
    return delta;
  }

  #entryOf(slot: number): Entry {
    const { memory } = this.#lane.runner;
    const at = memory.byteAt(slot);
    return { key: this.#keyOf(slot), bytes: memory.bytes.slice(at, at + memory.lengthOf(slot)) };
  }

  #keyOf(slot: number): Uint8Array {
    return this.table.views.bytes.slice(slot * SLOT_BYTES, slot * SLOT_BYTES + 32);
  }
}
