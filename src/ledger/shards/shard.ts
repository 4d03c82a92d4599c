import type { BlockBatch } from '../block/batch.ts';
import { KEY_BYTES, MAX_BLOCK_KEYS, SPACES } from '../constants.ts';
import { makeDeltaBuffer, openDelta } from '../execute/delta.ts';
import { FeeHolds } from '../execute/fee-holds.ts';
import { Lane } from '../execute/lane.ts';
import { BlockPlanner } from '../execute/planner.ts';
import type { PlannedBlock } from '../execute/shared.ts';
import { accountKey } from '../keys.ts';
import type { Program } from '../program/interface.ts';
import { keyRanges } from '../schedule/components.ts';
import { Waves } from '../schedule/waves.ts';
import { SLOT_BYTES } from '../state/slot.ts';
import { StateTable } from '../state/table.ts';
import { StateTree } from '../state/tree.ts';
import type { StateDelta } from '../state/tree-changes.ts';
import { KeyNumbers } from './block-keys.ts';
import { CreditSums, eachCredit } from './credits.ts';
import { decodeEntries, type Entry, EntryWriter, type Exchange, shardFailed } from './exchange.ts';
import { Owners } from './owners.ts';
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
  /** The transactions that ran here, numbered from 0, and their indexes in the block. */
  readonly planned: PlannedBlock;
  readonly members: Int32Array;
  /** Numbers of those whose receipts this shard answers for. */
  readonly home: Int32Array;
  readonly events: Uint8Array;
  readonly subtree: Subtree;
}

/** By shard: what goes there. */
type Messages = ReadonlyMap<number, EntryWriter>;

/** Records that are taken into the tree at once. */
const LOAD_CHUNK = 16_384;
const NOBODY: Messages = new Map();

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
  readonly #owners: Owners;
  readonly #numbers: KeyNumbers;
  readonly #waves: Waves;
  readonly #holds = new FeeHolds();
  readonly #lane: Lane;

  constructor(options: ShardOptions) {
    const { index, shards, capacity, programs, network } = options;
    this.#options = options;
    this.#bits = shardBits(shards);
    this.table = new StateTable(capacity);
    this.#tree = new StateTree(capacity);
    this.#planner = new BlockPlanner(this.table);
    this.#owners = new Owners(this.table, this.#bits);
    this.#numbers = new KeyNumbers(this.#bits);
    this.#waves = new Waves(MAX_BLOCK_KEYS);
    this.#lane = new Lane(this.table.shared, programs, { lane: index, lanes: shards, network });
  }

  get subtree(): Subtree {
    return subtreeOf(this.#tree, this.#options.index, this.#bits);
  }

  /** Takes those of the records that are this shard's; before the first block. @throws LEDGER_STATE_FULL */
  load(records: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): void {
    for (let from = 0; from < records.length; from += LOAD_CHUNK) this.#take(records.slice(from, from + LOAD_CHUNK));
  }

  #take(records: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): void {
    const owners = ownersOf(packed(records.map(([key]) => key)), this.#bits);
    const own = records.filter((_, i) => owners[i] === this.#options.index);
    const { memory } = this.#lane.runner;
    memory.changed = Int32Array.from(own, ([key, value]) => this.table.put(key, value));
    memory.changedCount = own.length;
    this.#seal();
    memory.changed = new Int32Array(1024);
  }

  /** @throws LEDGER_STATE_FULL; LEDGER_LANE_FAILED for messages that make no sense; LEDGER_TRANSACTION_INVALID */
  async execute(batch: BlockBatch, height: bigint, time: bigint): Promise<ShardBlock> {
    const { index, feeAccount } = this.#options;
    const keys = this.#numbers.of(batch, height);
    const routes = new Routes(batch, keys, this.#waves);
    const part = routes.partOf(index);
    const { members } = part;
    const planned = this.#planner.plan(part.batch, height, time);
    this.#holdFees(planned, members, this.#holds.of(batch, keys.slots, keys.starts, height));
    const feeSlot = this.#planner.name(accountKey(feeAccount));
    this.#owners.begin(planned.slots, feeSlot);
    const { runner } = this.#lane;
    this.#lane.begin(planned);
    for (const [wave, own] of part.waves.entries()) {
      const outgoing = this.#recordsFor(own, planned, members, routes);
      if (outgoing.size > 0) this.#keepRecords(await this.#swap(`${height}/${wave}`, outgoing));
      for (let i = 0; i < own.length; i += 1) runner.run(own[i] as number);
    }
    const home = Int32Array.from(members, (_, i) => i).filter((i) => routes.home(members[i] as number) === index);
    this.#keepCredits(await this.#swap(`${height}/credits`, this.#passCredits(planned, home, feeSlot)));
    this.#forgetOthers();
    this.#planner.finish(this.#seal());
    const { events } = runner;
    return { planned, members, home, events: events.bytes.slice(0, events.length), subtree: this.subtree };
  }

  /** What later transactions of a signer may cost: all of the block's count, also those that run elsewhere alone. */
  #holdFees({ holds }: PlannedBlock, members: Int32Array, ofBlock: BigUint64Array): void {
    for (let i = 0; i < members.length; i += 1) holds[i] = ofBlock[members[i] as number] as bigint;
  }

  /** What others need of this shard for a wave: a message to each shard that it shares a transaction with, even if empty. */
  #recordsFor(
    own: Int32Array,
    { batch, slots, starts }: PlannedBlock,
    members: Int32Array,
    { participants }: Routes,
  ): Messages {
    const { index, shards } = this.#options;
    let outgoing: Map<number, EntryWriter> | undefined;
    const sent = new Set<number>();
    for (let i = 0; i < own.length; i += 1) {
      const transaction = own[i] as number;
      const others = (participants[members[transaction] as number] as number) & ~(1 << index);
      if (others === 0) continue;
      outgoing ??= new Map();
      for (let other = 0; other < shards; other += 1) {
        if (((others >> other) & 1) === 1 && !outgoing.has(other)) outgoing.set(other, new EntryWriter());
      }
      const { writesFrom, readsTo, replay } = keyRanges(batch, starts, transaction);
      for (let at = writesFrom; at < readsTo; at += 1) this.#send(slots[at] as number, others, outgoing, sent);
      if (replay >= 0) this.#send(slots[replay] as number, others, outgoing, sent);
    }
    return outgoing ?? NOBODY;
  }

  /** Puts a record of this shard into the messages to some others, once in each. */
  #send(slot: number, others: number, outgoing: Messages, sent: Set<number>): void {
    const { index, shards } = this.#options;
    if (this.#owners.of(slot) !== index) return;
    for (let other = 0; other < shards; other += 1) {
      if (((others >> other) & 1) === 0 || sent.has(slot * shards + other)) continue;
      sent.add(slot * shards + other);
      outgoing.get(other)?.add(this.#keyOf(slot), this.#recordOf(slot));
    }
  }

  /** Takes records of others for a wave. @throws LEDGER_LANE_FAILED for one that nobody asked for or that is not the sender's */
  #keepRecords(incoming: ReadonlyMap<number, readonly Entry[]>): void {
    const { memory } = this.#lane.runner;
    for (const [from, entries] of incoming) {
      for (const { key, bytes } of entries) {
        const slot = this.table.find(key);
        if (slot < 0 || this.#owners.of(slot) !== from) {
          throw shardFailed(`shard ${from} sent a key that is not for it to send`);
        }
        memory.create(slot, bytes.length);
        memory.bytes.set(bytes, memory.byteAt(slot));
      }
    }
  }

  /** Credits and fees of the transactions at home: the own ones are added, the others' summed up for each shard. */
  #passCredits(planned: PlannedBlock, home: Int32Array, feeSlot: number): Messages {
    const { index, shards } = this.#options;
    const { memory } = this.#lane.runner;
    const foreign = new CreditSums();
    const take = (slot: number, low: number, high: number) => {
      if (this.#owners.of(slot) === index) memory.credit(slot, low, high);
      else foreign.add(slot, low, high);
    };
    for (let i = 0; i < home.length; i += 1) eachCredit(planned, home[i] as number, feeSlot, take);
    const outgoing = new Map(Array.from({ length: shards }, (_, to) => [to, new EntryWriter()]));
    outgoing.delete(index);
    for (const [slot, amount] of foreign.entries()) outgoing.get(this.#owners.of(slot))?.add(this.#keyOf(slot), amount);
    return outgoing;
  }

  /** Adds what others credit to keys of this shard. @throws LEDGER_LANE_FAILED for other keys, or amounts that are none */
  #keepCredits(incoming: ReadonlyMap<number, readonly Entry[]>): void {
    const { index } = this.#options;
    const { memory } = this.#lane.runner;
    for (const [from, entries] of incoming) {
      const owners = ownersOf(packed(entries.map(({ key }) => key)), this.#bits);
      for (const [i, { key, bytes }] of entries.entries()) {
        const space = key[0];
        if (owners[i] !== index || (space !== SPACES.account && space !== SPACES.balance)) {
          throw shardFailed(`shard ${from} sent a key that is not for it to send`);
        }
        if (bytes.length !== 8) throw shardFailed('an amount has 8 bytes');
        // Nobody who runs here may have named it.
        const slot = this.#planner.name(key);
        this.#owners.note(slot, index);
        const amount = new DataView(bytes.buffer, bytes.byteOffset);
        memory.credit(slot, amount.getUint32(0, true), amount.getUint32(4, true));
      }
    }
  }

  /** Sends to each and waits for an answer of each. */
  async #swap(round: string, outgoing: Messages): Promise<ReadonlyMap<number, readonly Entry[]>> {
    const { exchange, index } = this.#options;
    for (const [to, entries] of outgoing) exchange.send(round, index, to, entries.message());
    const answers = [...outgoing.keys()].map(async (from): Promise<[number, Entry[]]> => {
      return [from, decodeEntries(await exchange.receive(round, from, index))];
    });
    return new Map(await Promise.all(answers));
  }

  /** Records of others were here for the block alone. */
  #forgetOthers(): void {
    const { memory } = this.#lane.runner;
    const { index } = this.#options;
    for (const slot of this.#owners.slots) {
      if (this.#owners.of(slot) !== index && memory.lengthOf(slot) !== 0) memory.clear(slot);
    }
    const changed = memory.changed.subarray(0, memory.changedCount);
    const own = changed.filter((slot) => this.#owners.of(slot) === index);
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

  /** A view. */
  #recordOf(slot: number): Uint8Array {
    const { memory } = this.#lane.runner;
    const at = memory.byteAt(slot);
    return memory.bytes.subarray(at, at + memory.lengthOf(slot));
  }

  /** A view. */
  #keyOf(slot: number): Uint8Array {
    return this.table.views.bytes.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + KEY_BYTES);
  }
}

function packed(keys: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(keys.length * KEY_BYTES);
  for (const [i, key] of keys.entries()) bytes.set(key, i * KEY_BYTES);
  return bytes;
}
