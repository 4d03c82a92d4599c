import { fromHex, toHex } from '../../base/bytes.ts';
import { HASH_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { IdTable } from '../id-table.ts';
import type { Placed } from './interface.ts';

/** Who waits for which transaction, and where the last ones stand. */
export class Placements {
  readonly #remembered: number;
  readonly #ids = new IdTable();
  /** By number of the id. */
  #heights = new Float64Array(0);
  #places = new Uint32Array(0);
  /** Numbers in the order in which they were placed, a ring. */
  #order = new Int32Array(0);
  #oldest = 0;
  readonly #waiters = new Map<string, PromiseWithResolvers<Placed>>();

  /** @param remembered how many placed transactions can be asked for */
  constructor(remembered: number) {
    this.#remembered = remembered;
  }

  /** Height of its block, where one of 32 bytes was placed lately. */
  heightOf(id: Uint8Array): bigint | undefined {
    const slot = this.#ids.find(id);
    return slot < 0 ? undefined : BigInt(this.#heights[slot] as number);
  }

  placed(id: string): Placed | undefined {
    const slot = this.#ids.find(fromHex(id, HASH_BYTES) ?? new Uint8Array());
    return slot < 0
      ? undefined
      : { id, height: BigInt(this.#heights[slot] as number), index: this.#places[slot] as number };
  }

  wait(id: string): Promise<Placed> {
    const there = this.#waiters.get(id);
    if (there !== undefined) return there.promise;
    const waiter = Promise.withResolvers<Placed>();
    // Whoever asked may have gone; that is no failure of the process.
    waiter.promise.catch(() => undefined);
    this.#waiters.set(id, waiter);
    return waiter.promise;
  }

  /** @param ids 32 bytes each, in the order of the block */
  acknowledge(ids: Uint8Array, height: bigint): void {
    const words = new Uint32Array(ids.buffer, ids.byteOffset, ids.length / 4);
    const count = ids.length / HASH_BYTES;
    for (let index = 0; index < count; index += 1) {
      if (this.#ids.size >= this.#remembered) this.#forget();
      const { size } = this.#ids;
      const slot = this.#ids.addAt(words, (index * HASH_BYTES) / 4);
      if (slot >= this.#heights.length) this.#grow();
      this.#heights[slot] = Number(height);
      this.#places[slot] = index;
      if (this.#ids.size > size) this.#order[(this.#oldest + size) % this.#order.length] = slot;
      if (this.#waiters.size > 0) this.#tell(ids.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
    }
  }

  dropped(bytes: Uint8Array, why: string): void {
    if (this.#waiters.size === 0) return;
    const id = toHex(bytes);
    this.#waiters.get(id)?.reject(new LedgerError('LEDGER_TRANSACTION_REFUSED', `the transaction was dropped: ${why}`));
    this.#waiters.delete(id);
  }

  fail(error: Error): void {
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
  }

  #tell(bytes: Uint8Array): void {
    const id = toHex(bytes);
    const placed = this.placed(id);
    if (placed !== undefined) this.#waiters.get(id)?.resolve(placed);
    this.#waiters.delete(id);
  }

  #forget(): void {
    if (this.#ids.size === 0) return;
    this.#ids.remove(this.#order[this.#oldest] as number);
    this.#oldest = (this.#oldest + 1) % this.#order.length;
  }

  /** Numbers are used again before a higher one is given, so that the ring is full when the arrays are. */
  #grow(): void {
    const length = Math.max(64, this.#heights.length * 2);
    const heights = new Float64Array(length);
    const places = new Uint32Array(length);
    const order = new Int32Array(length);
    heights.set(this.#heights);
    places.set(this.#places);
    order.set(this.#order.subarray(this.#oldest));
    order.set(this.#order.subarray(0, this.#oldest), this.#order.length - this.#oldest);
    this.#heights = heights;
    this.#places = places;
    this.#order = order;
    this.#oldest = 0;
  }
}
