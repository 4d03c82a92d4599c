import { type BlockBatch, transactionAt } from './block/batch.ts';
import { BARRED_BEFORE, HASH_BYTES, STATUS } from './constants.ts';
import { LedgerError } from './errors.ts';
import { readEvents } from './execute/events.ts';
import type { ExecutedBlock } from './execute/executor.ts';
import { RECEIPT_WORDS } from './execute/shared.ts';
import { IdTable } from './id-table.ts';
import type { Receipt } from './interface.ts';
import { AT, OPERATION_HEAD_BYTES, operationsAt, padded } from './transaction/layout.ts';

interface Page {
  readonly height: bigint;
  readonly ids: Uint8Array;
  readonly words: Uint32Array;
  readonly longs: BigUint64Array;
  readonly events: readonly Uint8Array[];
  readonly count: number;
  /** Program of the operation that failed, 0 where none did. */
  readonly programs: Uint8Array;
}

interface Place {
  readonly page: Page;
  readonly index: number;
}

/** One who waits for a receipt. */
interface Waiter {
  resolve(receipt: Receipt): void;
  reject(error: Error): void;
}

/** Receipts of the last transactions, by id, and who waits for one. Bounded by transactions, a block at a time. */
export class ReceiptBook {
  readonly #limit: number;
  readonly #pages: Page[] = [];
  readonly #ids = new IdTable();
  /** By number of the id: the page counted from the first one ever, and the place in it. */
  #pageOf = new Uint32Array(0);
  #indexOf = new Uint32Array(0);
  #dropped = 0;
  /** Ids that somebody waits for; who, by their numbers. */
  readonly #awaited = new IdTable();
  readonly #waiting: (Waiter[] | undefined)[] = [];

  /** @param limit transactions; the last block is kept whatever its size */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param ids 32 bytes each */
  add(height: bigint, ids: Uint8Array, executed: ExecutedBlock): void {
    const { batch, receipts } = executed.planned;
    const kept = { height, ids, words: receipts.words, longs: receipts.longs, events: executed.events };
    const page: Page = { ...kept, count: batch.count, programs: failedPrograms(batch, receipts.words) };
    const number = this.#dropped + this.#pages.push(page) - 1;
    const idWords = new Uint32Array(ids.buffer, ids.byteOffset, (batch.count * HASH_BYTES) / 4);
    for (let index = 0; index < batch.count; index += 1) {
      const at = (index * HASH_BYTES) / 4;
      const { size } = this.#ids;
      const slot = this.#ids.addAt(idWords, at);
      if (slot >= this.#pageOf.length) this.#grow();
      // What paid happens once; a barred attempt before or after it is not what people ask for.
      if (this.#ids.size > size || isBarred(this.#place(slot))) {
        this.#pageOf[slot] = number;
        this.#indexOf[slot] = index;
      }
      if (this.#awaited.size > 0) this.#settle(idWords, at, slot);
    }
    while (this.#ids.size > this.#limit && this.#pages.length > 1) this.#forget();
  }

  get(id: Uint8Array): Receipt | undefined {
    const slot = this.#ids.find(id);
    return slot < 0 ? undefined : receiptOf(this.#place(slot));
  }

  wait(id: Uint8Array, signal?: AbortSignal): Promise<Receipt> {
    const there = this.get(id);
    if (there !== undefined) return Promise.resolve(there);
    return new Promise((resolve, reject) => {
      if (signal === undefined) return this.#await(id, { resolve, reject });
      if (signal.aborted) return reject(signal.reason as Error);
      const abort = () => {
        this.#leave(id, waiter);
        reject(signal.reason as Error);
      };
      const over = () => signal.removeEventListener('abort', abort);
      const waiter = {
        resolve(receipt: Receipt) {
          over();
          resolve(receipt);
        },
        reject(error: Error) {
          over();
          reject(error);
        },
      };
      this.#await(id, waiter);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Those who wait are told that nothing comes any more. */
  close(reason = new LedgerError('LEDGER_CLOSED', 'the ledger was closed')): void {
    this.#waiting.forEach((waiters, slot) => {
      if (waiters === undefined) return;
      this.#nobody(slot);
      for (const { reject } of waiters) reject(reason);
    });
  }

  #await(id: Uint8Array, waiter: Waiter): void {
    const slot = this.#awaited.add(id);
    const there = this.#waiting[slot];
    if (there === undefined) this.#waiting[slot] = [waiter];
    else there.push(waiter);
  }

  #leave(id: Uint8Array, waiter: Waiter): void {
    const slot = this.#awaited.find(id);
    const left = this.#waiting[slot]?.filter((one) => one !== waiter) ?? [];
    if (left.length > 0) this.#waiting[slot] = left;
    else if (slot >= 0) this.#nobody(slot);
  }

  #nobody(slot: number): void {
    this.#waiting[slot] = undefined;
    this.#awaited.remove(slot);
  }

  /** Tells those who wait for the id at a place in words. */
  #settle(ids: Uint32Array, at: number, slot: number): void {
    const awaited = this.#awaited.findAt(ids, at);
    if (awaited < 0) return;
    const waiters = this.#waiting[awaited] ?? [];
    this.#nobody(awaited);
    for (const { resolve } of waiters) resolve(receiptOf(this.#place(slot)));
  }

  #place(slot: number): Place {
    const page = this.#pages[(this.#pageOf[slot] as number) - this.#dropped] as Page;
    return { page, index: this.#indexOf[slot] as number };
  }

  /** Drops the oldest page, and the ids whose receipt stands in it. */
  #forget(): void {
    const page = this.#pages.shift();
    if (page === undefined) return;
    const words = new Uint32Array(page.ids.buffer, page.ids.byteOffset, (page.count * HASH_BYTES) / 4);
    for (let index = 0; index < page.count; index += 1) {
      const slot = this.#ids.findAt(words, (index * HASH_BYTES) / 4);
      if (slot >= 0 && this.#pageOf[slot] === this.#dropped) this.#ids.remove(slot);
    }
    this.#dropped += 1;
  }

  #grow(): void {
    const length = Math.max(64, this.#pageOf.length * 2);
    const [pages, indices] = [new Uint32Array(length), new Uint32Array(length)];
    pages.set(this.#pageOf);
    indices.set(this.#indexOf);
    this.#pageOf = pages;
    this.#indexOf = indices;
  }
}

function isBarred({ page, index }: Place): boolean {
  const status = (page.words[index * RECEIPT_WORDS] as number) & 0xffff;
  return status !== STATUS.ok && status < BARRED_BEFORE;
}

function receiptOf({ page, index }: Place): Receipt {
  const at = index * RECEIPT_WORDS;
  const word = (i: number) => page.words[at + i] as number;
  const [status, operation] = [word(0) & 0xffff, word(0) >>> 16];
  return {
    id: page.ids.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    height: page.height,
    index,
    status,
    operation,
    program: page.programs[index] as number,
    gasUsed: word(1),
    fee: page.longs[(at + 2) >> 1] as bigint,
    events: readEvents((page.events[word(6)] as Uint8Array).subarray(word(4), word(4) + word(5))),
  };
}

/** By transaction, so that the block itself need not be kept. */
function failedPrograms(batch: BlockBatch, words: Uint32Array): Uint8Array {
  const programs = new Uint8Array(batch.count);
  for (let index = 0; index < batch.count; index += 1) {
    const word = words[index * RECEIPT_WORDS] as number;
    if ((word & 0xffff) !== STATUS.ok) programs[index] = programOf(transactionAt(batch, index), word >>> 16);
  }
  return programs;
}

/** Program of the operation with that number. */
function programOf(bytes: Uint8Array, operation: number): number {
  let at = operationsAt(bytes[AT.writes] ?? 0, bytes[AT.reads] ?? 0, bytes[AT.credits] ?? 0);
  for (let i = 0; i < operation; i += 1) {
    at += OPERATION_HEAD_BYTES + padded((bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8));
  }
  return bytes[at] ?? 0;
}
