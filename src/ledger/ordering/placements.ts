import { toHex } from '../../base/bytes.ts';
import { LedgerError } from '../errors.ts';
import type { Placed } from './interface.ts';

/** Who waits for which transaction, and where the last ones stand. */
export class Placements {
  readonly #remembered: number;
  readonly #recent = new Map<string, Placed>();
  readonly #waiters = new Map<string, PromiseWithResolvers<Placed>>();

  /** @param remembered how many placed transactions can be asked for */
  constructor(remembered: number) {
    this.#remembered = remembered;
  }

  placed(id: string): Placed | undefined {
    return this.#recent.get(id);
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

  acknowledge(ids: readonly Uint8Array[], height: bigint): void {
    ids.forEach((bytes, index) => {
      const placed = { id: toHex(bytes), height, index };
      this.#recent.set(placed.id, placed);
      this.#waiters.get(placed.id)?.resolve(placed);
      this.#waiters.delete(placed.id);
    });
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= this.#remembered) return;
      this.#recent.delete(id);
    }
  }

  dropped(bytes: Uint8Array, why: string): void {
    const waiter = this.#waiters.get(toHex(bytes));
    if (waiter === undefined) return;
    this.#waiters.delete(toHex(bytes));
    waiter.reject(new LedgerError('LEDGER_TRANSACTION_REFUSED', `the transaction was dropped: ${why}`));
  }

  fail(error: Error): void {
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
  }
}
