import type { BlockBatch } from '../block/batch.ts';
import { ADDRESS_BYTES, KEY_BYTES, MAX_BLOCK_KEYS, SPACES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { NAMED_WORD, SLOT_WORDS } from '../state/slot.ts';
import type { StateTable } from '../state/table.ts';
import { AT, FLAGS } from '../transaction/layout.ts';
import { makeReceipts, type PlannedBlock } from './shared.ts';

/**
 * Finds the slot of every key of a block. Slots that the block alone took for keys without a record are given back by
 * `finish`, so that failing transactions leave nothing behind.
 */
export class BlockPlanner {
  readonly #table: StateTable;
  readonly #ints: Int32Array;
  readonly #key = new Uint8Array(KEY_BYTES);
  readonly #keyWords = new Uint32Array(this.#key.buffer);
  #planned = 0;
  #finished = 0;
  /** Slots that may be without record, by the number of the block after which to look. */
  #suspects: number[] = [];

  constructor(table: StateTable) {
    this.#table = table;
    this.#ints = table.views.ints;
  }

  /** @throws LEDGER_STATE_FULL; the block then counts as never planned */
  plan(batch: BlockBatch, height: bigint, time: bigint): PlannedBlock {
    this.#planned += 1;
    try {
      return this.#resolve(batch, height, time);
    } catch (error) {
      this.#planned -= 1;
      throw error;
    }
  }

  #resolve(batch: BlockBatch, height: bigint, time: bigint): PlannedBlock {
    const { bytes, words, offsets, count } = batch;
    const starts = new Uint32Array(new SharedArrayBuffer((count + 1) * 4));
    let total = 0;
    for (let i = 0; i < count; i += 1) {
      starts[i] = total;
      total += slotCount(bytes, offsets[i] as number);
    }
    starts[count] = total;
    if (total > MAX_BLOCK_KEYS) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `block ${height} names more than ${MAX_BLOCK_KEYS} keys`);
    }
    const slots = new Int32Array(new SharedArrayBuffer(total * 4));
    let next = 0;
    for (let i = 0; i < count; i += 1) {
      const at = offsets[i] as number;
      slots[next] = this.#signerSlot(bytes, at);
      next += 1;
      const end = at + AT.keys + KEY_BYTES * keyCount(bytes, at);
      for (let key = at + AT.keys; key < end; key += KEY_BYTES) {
        slots[next] = this.#name(this.#table.slotOf(words, bytes, key, this.#suspects));
        next += 1;
      }
      if (((bytes[at + AT.flags] as number) & FLAGS.tag) !== 0) {
        slots[next] = this.#replaySlot(bytes, at);
        next += 1;
      }
    }
    const credits = new BigUint64Array(new SharedArrayBuffer(total * 8));
    return { batch, slots, starts, credits, receipts: makeReceipts(count), height, time };
  }

  /** A slot that the block needs beside those of its transactions, such as the fee account's. */
  name(key: Uint8Array): number {
    return this.#name(this.#table.take(key, this.#suspects));
  }

  /** After a block was executed: gives back slots without a record. `changed` are those that the block changed. */
  finish(changed: Int32Array): void {
    this.#finished += 1;
    const kept: number[] = [];
    for (const slot of changed) if (this.#table.lengthOf(slot) === 0) this.#suspects.push(slot);
    const suspects = new Set(this.#suspects);
    for (const slot of suspects) {
      if (this.#table.lengthOf(slot) !== 0) continue;
      // A block that was planned ahead names it: its turn to look comes.
      if ((this.#ints[slot * SLOT_WORDS + NAMED_WORD] as number) > this.#finished) kept.push(slot);
      else this.#table.release(slot);
    }
    this.#suspects = kept;
  }

  #name(slot: number): number {
    this.#ints[slot * SLOT_WORDS + NAMED_WORD] = this.#planned;
    return slot;
  }

  #signerSlot(bytes: Uint8Array, at: number): number {
    const key = this.#key;
    key[0] = SPACES.account;
    for (let i = 0; i < ADDRESS_BYTES; i += 1) key[1 + i] = bytes[at + AT.signer + i] as number;
    for (let i = 1 + ADDRESS_BYTES; i < KEY_BYTES; i += 1) key[i] = 0;
    return this.#name(this.#table.slotOf(this.#keyWords, key, 0, this.#suspects));
  }

  #replaySlot(bytes: Uint8Array, at: number): number {
    const key = this.#key;
    key[0] = SPACES.replay;
    for (let i = 0; i < ADDRESS_BYTES; i += 1) key[1 + i] = bytes[at + AT.signer + i] as number;
    for (let i = 0; i < 8; i += 1) key[1 + ADDRESS_BYTES + i] = bytes[at + AT.sequence + i] as number;
    for (let i = 9 + ADDRESS_BYTES; i < KEY_BYTES; i += 1) key[i] = 0;
    return this.#name(this.#table.slotOf(this.#keyWords, key, 0, this.#suspects));
  }
}

/** Declared keys of the transaction at byte `at`. */
function keyCount(bytes: Uint8Array, at: number): number {
  return (bytes[at + AT.writes] as number) + (bytes[at + AT.reads] as number) + (bytes[at + AT.credits] as number);
}

function slotCount(bytes: Uint8Array, at: number): number {
  return 1 + keyCount(bytes, at) + (((bytes[at + AT.flags] as number) & FLAGS.tag) === 0 ? 0 : 1);
}
