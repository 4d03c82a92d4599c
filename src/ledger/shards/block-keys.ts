import { randomFillSync } from 'node:crypto';
import type { BlockBatch } from '../block/batch.ts';
import { HASH_BYTES, KEY_BYTES, MAX_BLOCK_KEYS } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { KEY_WORDS } from '../state/slot.ts';
import { ledgerHashes } from '../state/tree-hashes.ts';
import { AT } from '../transaction/layout.ts';
import { isTagged, keyStarts, writeAccountKey, writeReplayKey } from '../transaction/own-keys.ts';

const HASH_WORDS = HASH_BYTES / 4;

/**
 * The keys by which the transactions of one block are told where to run and when: signers' accounts, writes, reads and
 * replay keys. Each gets a number, the same wherever it stands, and the shard that has it. Credits decide nothing and
 * have none. Needs no table, so a shard looks up only the keys of transactions that are its business.
 */
export interface BlockKeys {
  /** Numbers in the order of `PlannedBlock.slots`; -1 for credits. */
  readonly slots: Int32Array;
  /** Where each transaction's keys begin, one entry more than transactions. */
  readonly starts: Uint32Array;
  /** Shards, by number. */
  readonly owners: Uint8Array;
}

/** Numbers keys; its memory is used again for the next block. */
export class KeyNumbers {
  readonly #bits: number;
  /** Nobody can choose keys that meet in the index. */
  readonly #factors = randomFillSync(new Int32Array(2));
  #keys = new Uint32Array(0);
  #index = new Int32Array(0);
  /** Paths of the keys that have numbers so far, 8 words each. */
  #known = new Uint32Array(0);
  #count = 0;

  /** @param bits of a path that name the shard */
  constructor(bits: number) {
    this.#bits = bits;
  }

  /** @throws LEDGER_TRANSACTION_INVALID for more keys than a block may name */
  of(batch: BlockBatch, height: bigint): BlockKeys {
    const starts = new Uint32Array(batch.count + 1);
    keyStarts(batch.bytes, batch.offsets, starts);
    const places = starts[batch.count] as number;
    if (places > MAX_BLOCK_KEYS) {
      throw new LedgerError('LEDGER_TRANSACTION_INVALID', `block ${height} names more than ${MAX_BLOCK_KEYS} keys`);
    }
    const slots = new Int32Array(places).fill(-1);
    const at = this.#gather(batch, starts, places);
    const paths = new Uint32Array(at.length * HASH_WORDS);
    ledgerHashes.paths(
      new Uint8Array(this.#keys.buffer, 0, at.length * KEY_BYTES),
      at.length,
      new Uint8Array(paths.buffer),
    );
    this.#clear(at.length);
    const owners = new Uint8Array(at.length);
    for (let i = 0; i < at.length; i += 1) {
      const number = this.#numberOf(paths, i * HASH_WORDS);
      slots[at[i] as number] = number;
      // The first bits of the first byte, which is the lowest of a word here.
      owners[number] = ((paths[i * HASH_WORDS] as number) & 0xff) >> (8 - this.#bits);
    }
    return { slots, starts, owners: owners.subarray(0, this.#count) };
  }

  /** Puts the keys one behind the other. @returns where each stands in `slots` */
  #gather({ bytes, words, offsets, count }: BlockBatch, starts: Uint32Array, places: number): Int32Array {
    if (this.#keys.length < places * KEY_WORDS) this.#keys = new Uint32Array(places * KEY_WORDS * 2);
    const keys = this.#keys;
    const at = new Int32Array(places);
    let taken = 0;
    for (let i = 0; i < count; i += 1) {
      const offset = offsets[i] as number;
      const start = starts[i] as number;
      writeAccountKey(words, offset, keys, taken * KEY_WORDS);
      at[taken] = start;
      taken += 1;
      const declared = (bytes[offset + AT.writes] as number) + (bytes[offset + AT.reads] as number);
      const from = (offset + AT.keys) >> 2;
      const to = taken * KEY_WORDS;
      for (let word = 0; word < declared * KEY_WORDS; word += 1) keys[to + word] = words[from + word] as number;
      for (let key = 0; key < declared; key += 1) at[taken + key] = start + 1 + key;
      taken += declared;
      if (!isTagged(bytes, offset)) continue;
      writeReplayKey(words, offset, keys, taken * KEY_WORDS);
      at[taken] = (starts[i + 1] as number) - 1;
      taken += 1;
    }
    return at.subarray(0, taken);
  }

  #clear(keys: number): void {
    const size = 2 ** Math.ceil(Math.log2(Math.max(keys, 8) * 2));
    if (this.#index.length === size) this.#index.fill(0);
    else this.#index = new Int32Array(size);
    if (this.#known.length < keys * HASH_WORDS) this.#known = new Uint32Array(keys * HASH_WORDS);
    this.#count = 0;
  }

  #numberOf(paths: Uint32Array, from: number): number {
    const index = this.#index;
    const known = this.#known;
    const mask = index.length - 1;
    const [first, second] = this.#factors;
    const hash =
      Math.imul(paths[from + 1] as number, first as number) + Math.imul(paths[from + 2] as number, second as number);
    for (let place = (hash ^ (hash >>> 16)) & mask; ; place = (place + 1) & mask) {
      const number = (index[place] as number) - 1;
      if (number >= 0) {
        if (sameWords(known, number * HASH_WORDS, paths, from)) return number;
        continue;
      }
      index[place] = this.#count + 1;
      for (let word = 0; word < HASH_WORDS; word += 1) {
        known[this.#count * HASH_WORDS + word] = paths[from + word] as number;
      }
      this.#count += 1;
      return this.#count - 1;
    }
  }
}

function sameWords(a: Uint32Array, from: number, b: Uint32Array, to: number): boolean {
  for (let i = 0; i < HASH_WORDS; i += 1) if (a[from + i] !== b[to + i]) return false;
  return true;
}
