import { toHex } from '../base/bytes.ts';
import { type BlockBatch, transactionAt } from './block/batch.ts';
import { BARRED_BEFORE, HASH_BYTES, STATUS } from './constants.ts';
import { LedgerError } from './errors.ts';
import { readEvents } from './execute/events.ts';
import type { ExecutedBlock } from './execute/executor.ts';
import { RECEIPT_WORDS } from './execute/shared.ts';
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

/** Receipts of the last transactions, by id, and who waits for one. Bounded by transactions, a block at a time. */
export class ReceiptBook {
  readonly #limit: number;
  readonly #pages: Page[] = [];
  readonly #places = new Map<string, Place>();
  readonly #waiting = new Map<string, Set<(receipt: Receipt | Error) => void>>();

  /** @param limit transactions; the last block is kept whatever its size */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(height: bigint, ids: Uint8Array, executed: ExecutedBlock): void {
    const { batch, receipts } = executed.planned;
    const kept = { height, ids, words: receipts.words, longs: receipts.longs, events: executed.events };
    const page: Page = { ...kept, count: batch.count, programs: failedPrograms(batch, receipts.words) };
    this.#pages.push(page);
    for (let index = 0; index < batch.count; index += 1) {
      const id = toHex(ids.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
      const there = this.#places.get(id);
      // What paid happens once; a barred attempt before or after it is not what people ask for.
      if (there === undefined || isBarred(there)) this.#places.set(id, { page, index });
      if (this.#waiting.size > 0) this.#settle(id);
    }
    while (this.#places.size > this.#limit && this.#pages.length > 1) this.#forget(this.#pages.shift());
  }

  get(id: Uint8Array): Receipt | undefined {
    const place = this.#places.get(toHex(id));
    return place === undefined ? undefined : receiptOf(place);
  }

  wait(id: Uint8Array, signal?: AbortSignal): Promise<Receipt> {
    const there = this.get(id);
    if (there !== undefined) return Promise.resolve(there);
    const name = toHex(id);
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const waiters = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiters);
      const done = (receipt: Receipt | Error) => {
        signal?.removeEventListener('abort', abort);
        waiters.delete(done);
        if (waiters.size === 0) this.#waiting.delete(name);
        if (receipt instanceof Error) reject(receipt);
        else resolve(receipt);
      };
      const abort = () => done(signal?.reason as Error);
      waiters.add(done);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Those who wait are told that nothing comes any more. */
  close(reason = new LedgerError('LEDGER_CLOSED', 'the ledger was closed')): void {
    for (const waiters of [...this.#waiting.values()]) for (const done of [...waiters]) done(reason);
  }

  #settle(id: string): void {
    const waiters = this.#waiting.get(id);
    const place = this.#places.get(id);
    if (waiters === undefined || place === undefined) return;
    for (const done of [...waiters]) done(receiptOf(place));
  }

  #forget(page: Page | undefined): void {
    if (page === undefined) return;
    for (let index = 0; index < page.count; index += 1) {
      const id = toHex(page.ids.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
      if (this.#places.get(id)?.page === page) this.#places.delete(id);
    }
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
  return Uint8Array.from({ length: batch.count }, (_, index) => {
    const word = words[index * RECEIPT_WORDS] as number;
    return (word & 0xffff) === STATUS.ok ? 0 : programOf(transactionAt(batch, index), word >>> 16);
  });
}

/** Program of the operation with that number. */
function programOf(bytes: Uint8Array, operation: number): number {
  let at = operationsAt(bytes[AT.writes] ?? 0, bytes[AT.reads] ?? 0, bytes[AT.credits] ?? 0);
  for (let i = 0; i < operation; i += 1) {
    at += OPERATION_HEAD_BYTES + padded((bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8));
  }
  return bytes[at] ?? 0;
}
