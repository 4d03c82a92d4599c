import type { BlockBatch } from '../block/batch.ts';
import { MAX_BLOCK_KEYS } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { KEY_WORDS } from '../state/slot.ts';
import type { StateTable } from '../state/table.ts';
import type { StateDelta } from '../state/tree-changes.ts';
import { AT } from '../transaction/layout.ts';
import { declaredKeys, isTagged, keyStarts, writeAccountKey, writeReplayKey } from '../transaction/own-keys.ts';
import { FeeHolds } from './fee-holds.ts';
import { makeReceipts, type PlannedBlock } from './shared.ts';

/** Keys that are looked up together: enough to wait for many at once, few enough to stay in the nearest cache. */
const TOGETHER = 512;
/** Of one transaction, whatever its three counts of a byte say: the signer, the lists, the tag. */
const MOST_KEYS = 3 * 255 + 2;

/**
 * Finds the slot of every key of a block. Slots that the block alone took for keys without a record are given back by
 * `finish`, so that failing transactions leave nothing behind.
 */
export class BlockPlanner {
  readonly #table: StateTable;
  /** Of some transactions, 8 words each. */
  readonly #keys = new Uint32Array((TOGETHER + MOST_KEYS) * KEY_WORDS);
  readonly #holds = new FeeHolds();
  /** Slots that blocks name which are planned and not finished, a list of arrays each. */
  readonly #open: Int32Array[][] = [];
  /** Slots that may be without record. */
  #suspects: number[] = [];

  constructor(table: StateTable) {
    this.#table = table;
  }

  /** Slots that may be without record: those that planned blocks took. */
  get suspects(): number {
    return this.#suspects.length;
  }

  /** @throws LEDGER_STATE_FULL; the block then counts as never planned */
  plan(batch: BlockBatch, height: bigint, time: bigint): PlannedBlock {
    const planned = this.#resolve(batch, height, time);
    this.#open.push([planned.slots]);
    return planned;
  }

  #resolve(batch: BlockBatch, height: bigint, time: bigint): PlannedBlock {
    const { bytes, offsets, count } = batch;
    const starts = new Uint32Array(new SharedArrayBuffer((count + 1) * 4));
    keyStarts(bytes, offsets, starts);
    const total = starts[count] as number;
    if (total > MAX_BLOCK_KEYS) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `block ${height} names more than ${MAX_BLOCK_KEYS} keys`);
    }
    const slots = new Int32Array(new SharedArrayBuffer(total * 4));
    for (let from = 0; from < count; ) {
      const first = starts[from] as number;
      let to = from;
      let words = 0;
      while (to < count && words < TOGETHER * KEY_WORDS) {
        words = gatherKeys(batch, to, this.#keys, words);
        to += 1;
      }
      this.#lookUp(slots.subarray(first, starts[to]));
      from = to;
    }
    const credits = new BigUint64Array(new SharedArrayBuffer(total * 8));
    const holds = this.#holds.of(batch, slots, starts, height);
    return { batch, slots, starts, credits, holds, receipts: makeReceipts(count), height, time };
  }

  /** Slots of the first keys of `#keys`, taken where there is none. */
  #lookUp(slots: Int32Array): void {
    if (this.#table.findMany(this.#keys, slots)) return;
    for (let i = 0; i < slots.length; i += 1) {
      if ((slots[i] as number) < 0) slots[i] = this.#table.slotOf(this.#keys, i * KEY_WORDS, this.#suspects);
    }
  }

  /** A slot that the block planned last needs beside those of its transactions, such as the fee account's. */
  name(key: Uint8Array): number {
    const slot = this.#table.take(key, this.#suspects);
    this.#open.at(-1)?.push(Int32Array.of(slot));
    return slot;
  }

  /** After a block was executed: gives back slots without a record. */
  finish({ count, slots, lengths }: StateDelta): void {
    this.#open.shift();
    for (let i = 0; i < count; i += 1) if (lengths[i] === 0) this.#suspects.push(slots[i] as number);
    if (this.#suspects.length === 0) return;
    const empty = new Set(this.#suspects.filter((slot) => this.#table.lengthOf(slot) === 0));
    const kept = new Set<number>();
    // A block that was planned ahead names it: its turn to look comes.
    if (empty.size > 0) {
      for (const arrays of this.#open) {
        for (const named of arrays)
          for (let i = 0; i < named.length; i += 1) if (empty.has(named[i] as number)) kept.add(named[i] as number);
      }
    }
    for (const slot of empty) if (!kept.has(slot)) this.#table.release(slot);
    this.#suspects = [...kept];
  }
}

/**
 * Puts the keys of transaction `index` at word `to`, in the order of `PlannedBlock.slots`.
 * @returns the first word behind them
 */
function gatherKeys({ bytes, words, offsets }: BlockBatch, index: number, keys: Uint32Array, to: number): number {
  const at = offsets[index] as number;
  writeAccountKey(words, at, keys, to);
  const from = (at + AT.keys) >> 2;
  const first = to + KEY_WORDS;
  const declared = declaredKeys(bytes, at) * KEY_WORDS;
  for (let word = 0; word < declared; word += 1) keys[first + word] = words[from + word] as number;
  const end = first + declared;
  if (!isTagged(bytes, at)) return end;
  writeReplayKey(words, at, keys, end);
  return end + KEY_WORDS;
}
