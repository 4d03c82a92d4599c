import type { Program } from '../program/interface.ts';
import { KEY_WORDS, SLOT_WORDS, VALUE_WORDS } from '../state/slot.ts';
import type { SharedState } from '../state/table.ts';
import type { DeltaBuffer } from './delta.ts';
import { TransactionRunner } from './runner.ts';
import type { PlannedBlock } from './shared.ts';

/** Slots that are fetched ahead at once. */
const AHEAD = 64;

/** Who of how many executes, and where the fees of a block go. */
export interface LaneSettings {
  readonly lane: number;
  readonly lanes: number;
  readonly network: Uint8Array;
}

/**
 * One thread's share of a block, in three steps with a barrier between them: run transactions; add the credits of the
 * slots that are this lane's; copy what this lane was the first to change.
 */
export class Lane {
  readonly runner: TransactionRunner;
  readonly #settings: LaneSettings;
  #block: PlannedBlock | undefined;

  constructor(shared: SharedState, programs: ReadonlyMap<number, Program>, settings: LaneSettings) {
    this.runner = new TransactionRunner(shared, programs, settings.network, settings.lane);
    this.#settings = settings;
  }

  begin(block: PlannedBlock): void {
    this.#block = block;
    this.runner.beginBlock(block);
  }

  run(order: Int32Array, from: number, to: number): void {
    for (let i = from; i < to; i += 1) this.runner.run(order[i] as number);
  }

  /** Transactions `from` to `to` of the block, in its own order. */
  runAll(from: number, to: number): void {
    for (let i = from; i < to; i += 1) this.runner.run(i);
  }

  /** @param fees of all lanes; added by the lane that the fee account's slot belongs to */
  applyCredits(feeSlot: number, fees: bigint): void {
    const { slots, credits } = this.#block as PlannedBlock;
    const { memory } = this.runner;
    const { lane, lanes } = this.#settings;
    // Words make no BigInt.
    const words = new Uint32Array(credits.buffer, credits.byteOffset, credits.length * 2);
    const due = new Int32Array(AHEAD);
    for (let from = 0; from < slots.length; from += AHEAD) {
      const to = Math.min(from + AHEAD, slots.length);
      let count = 0;
      for (let i = from; i < to; i += 1) {
        if (words[2 * i] === 0 && words[2 * i + 1] === 0) continue;
        const slot = slots[i] as number;
        if (lanes !== 1 && slot % lanes !== lane) continue;
        memory.fetch(slot);
        due[count] = i;
        count += 1;
      }
      for (let k = 0; k < count; k += 1) {
        const i = due[k] as number;
        memory.credit(slots[i] as number, words[2 * i] as number, words[2 * i + 1] as number);
      }
    }
    if (fees > 0n && feeSlot % lanes === lane) {
      memory.credit(feeSlot, Number(fees & 0xffff_ffffn), Number((fees >> 32n) & 0xffff_ffffn));
    }
  }

  /** Copies the records that this lane changed first, as they are after all credits. */
  writeDelta(buffer: DeltaBuffer): void {
    const { memory } = this.runner;
    const { changed, changedCount, words } = memory;
    const first = Atomics.add(new Int32Array(buffer.count), 0, changedCount);
    const slots = new Int32Array(buffer.slots);
    const keys = new Uint32Array(buffer.keys);
    const lengths = new Uint8Array(buffer.lengths);
    const values = new Uint32Array(buffer.values);
    for (let i = 0; i < changedCount; i += 1) {
      if (i % AHEAD === 0) this.#fetch(changed, i);
      const slot = changed[i] as number;
      const at = first + i;
      const length = memory.lengthOf(slot);
      slots[at] = slot;
      lengths[at] = length;
      const key = slot * SLOT_WORDS;
      for (let word = 0; word < KEY_WORDS; word += 1) keys[at * KEY_WORDS + word] = words[key + word] as number;
      const from = memory.wordAt(slot);
      const to = at * VALUE_WORDS;
      for (let word = 0; word < length >> 2; word += 1) values[to + word] = words[from + word] as number;
      if ((length & 3) !== 0) values[to + (length >> 2)] = words[from + (length >> 2)] as number;
    }
  }

  #fetch(slots: Int32Array, from: number): void {
    const to = Math.min(from + AHEAD, slots.length);
    for (let i = from; i < to; i += 1) this.runner.memory.fetch(slots[i] as number);
  }
}
