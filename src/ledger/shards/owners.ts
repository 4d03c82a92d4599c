import { KEY_BYTES } from '../constants.ts';
import { KEY_WORDS, SLOT_WORDS } from '../state/slot.ts';
import type { StateTable } from '../state/table.ts';
import { ownersOf } from './partition.ts';

/** Which shard has the key of which slot, for the slots that one block names. Its memory is used again for the next. */
export class Owners {
  readonly #table: StateTable;
  readonly #bits: number;
  /** By slot; valid where the stamp is this block's. */
  readonly #owners: Uint8Array;
  readonly #stamps: Int32Array;
  #stamp = 0;
  #slots = new Int32Array(1024);
  #count = 0;
  #keys = new Uint32Array(1024 * KEY_WORDS);

  constructor(table: StateTable, bits: number) {
    this.#table = table;
    this.#bits = bits;
    this.#owners = new Uint8Array(table.shared.capacity);
    this.#stamps = new Int32Array(table.shared.capacity);
  }

  /** Slots that the block began with, each once. */
  get slots(): Int32Array {
    return this.#slots.subarray(0, this.#count);
  }

  /** Begins a block. @param slots in which one may stand more than once */
  begin(slots: Int32Array, feeSlot: number): void {
    this.#stamp += 1;
    this.#count = 0;
    if (this.#slots.length < slots.length + 1) {
      this.#slots = new Int32Array(slots.length * 2);
      this.#keys = new Uint32Array(this.#slots.length * KEY_WORDS);
    }
    for (let i = 0; i < slots.length; i += 1) this.#name(slots[i] as number);
    this.#name(feeSlot);
    const keys = new Uint8Array(this.#keys.buffer, 0, this.#count * KEY_BYTES);
    const owners = ownersOf(keys, this.#bits);
    for (let i = 0; i < this.#count; i += 1) this.#owners[this.#slots[i] as number] = owners[i] as number;
  }

  /** The shard; -1 for a slot that the block does not name. */
  of(slot: number): number {
    return this.#stamps[slot] === this.#stamp ? (this.#owners[slot] as number) : -1;
  }

  /** Names another slot whose owner is known. */
  note(slot: number, owner: number): void {
    this.#stamps[slot] = this.#stamp;
    this.#owners[slot] = owner;
  }

  #name(slot: number): void {
    if (this.#stamps[slot] === this.#stamp) return;
    this.#stamps[slot] = this.#stamp;
    const { words } = this.#table.views;
    const from = slot * SLOT_WORDS;
    const to = this.#count * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word += 1) this.#keys[to + word] = words[from + word] as number;
    this.#slots[this.#count] = slot;
    this.#count += 1;
  }
}
