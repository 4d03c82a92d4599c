import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { batchOf } from '../block/batch.ts';
import { HASH_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { BlockLog, OrderedBlock } from '../log/interface.ts';
import { later, steadyClock } from '../time.ts';
import { DEFAULTS, type Defaulted, type EmbeddedOptions } from './embedded-options.ts';
import { Feed } from './feed.ts';
import type { Admitted, OrderingHead, OrderingLog, Placed, TransactionSummary } from './interface.ts';
import { Mempool } from './mempool.ts';
import { Placements } from './placements.ts';
import { checkNext, compareSeal } from './seals.ts';
import { Signal } from './signal.ts';

/** Between attempts to write a block for which there was no room. */
const RETRY_MS = 200;
const LEAST_PAUSE_MS = 10;
/** Transactions of a submission that are judged together. */
const PART = 1_024;

/** Orders on one machine: what is in the log after its fdatasync is ordered. */
export class EmbeddedOrdering implements OrderingLog {
  readonly #options: EmbeddedOptions & Required<Pick<EmbeddedOptions, Defaulted>>;
  readonly #log: BlockLog;
  readonly #mempool: Mempool;
  readonly #placements: Placements;
  readonly #feed: Feed;
  readonly #changed = new Signal();
  readonly #clock: Clock;
  readonly #finished: Promise<void>;
  /** Of the block that is made next: one more than the log's while a block is being written. */
  #next: bigint;
  /** The head as it was when the log was opened. */
  readonly #found: bigint;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** The loop waits for a transaction. */
  #idle = false;
  #closed = false;
  /** Why nothing can be written now. */
  #stuck: Error | undefined;

  constructor(options: EmbeddedOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { log, accounts, mempool, blockGas, blockBytes, remembered, ahead } = this.#options;
    this.#log = log;
    this.#clock = options.clock ?? steadyClock();
    this.#found = log.head.height;
    this.#next = this.#found + 1n;
    this.#placements = new Placements(remembered);
    const onDropped = (id: Uint8Array, why: string) => this.#placements.dropped(id, why);
    this.#mempool = new Mempool(accounts, { ...mempool, blockGas, blockBytes, onDropped });
    this.#feed = new Feed(log, ahead + 2);
    this.#finished = this.#run();
  }

  /** Transactions that wait, and their bytes. */
  get waiting(): { transactions: number; bytes: number } {
    return { transactions: this.#mempool.size, bytes: this.#mempool.bytes };
  }

  async submit(transaction: Uint8Array): Promise<Admitted> {
    await this.#caughtUp();
    const summary = await this.#options.admit(transaction);
    this.#take(summary, transaction);
    this.#wake();
    return { id: toHex(summary.id) };
  }

  async submitMany(transactions: readonly Uint8Array[]): Promise<(Uint8Array | Error)[]> {
    await this.#caughtUp();
    const parts: Promise<(Uint8Array | Error)[]>[] = [];
    for (let i = 0; i < transactions.length; i += PART) parts.push(this.#submitPart(transactions.slice(i, i + PART)));
    return (await Promise.all(parts)).flat();
  }

  async #submitPart(transactions: readonly Uint8Array[]): Promise<(Uint8Array | Error)[]> {
    const { admit, admitMany } = this.#options;
    const summaries =
      (await admitMany?.(transactions)) ??
      (await Promise.all(transactions.map(async (one) => refusable(() => admit(one)))));
    const answers = summaries.map((summary, i) => {
      if (summary instanceof Error) return summary;
      try {
        this.#take(summary, transactions[i] as Uint8Array);
        return summary.id;
      } catch (error) {
        return error as Error;
      }
    });
    this.#wake();
    return answers;
  }

  whenOrdered(id: string): Promise<Placed> {
    const placed = this.#placements.placed(id);
    if (placed !== undefined) return Promise.resolve(placed);
    if (this.#closed) return Promise.reject(closed());
    const bytes = fromHex(id, HASH_BYTES);
    if (bytes !== undefined && this.#mempool.has(bytes)) return this.#placements.wait(id);
    return Promise.reject(
      new LedgerError('LEDGER_NOT_FOUND', 'no transaction with this id waits or was ordered lately'),
    );
  }

  subscribe(fromHeight: bigint): AsyncIterable<OrderedBlock> {
    if (this.#closed) throw closed();
    return this.#feed.subscribe(fromHeight);
  }

  async commitRoot(height: bigint, header: Uint8Array): Promise<void> {
    if (this.#closed) throw closed();
    const { sealed, head } = this.#log;
    if (height > head.height) throw new LedgerError('LEDGER_NOT_FOUND', `block ${height} is not ordered yet`);
    if (sealed !== undefined && height <= sealed) return await compareSeal(this.#log, height, header);
    checkNext(height, this.#executed());
    await this.#log.appendSeal(height, header);
    this.#mempool.settle(height);
    this.#changed.notify();
  }

  head(): OrderingHead {
    return { ...this.#log.head, sealed: this.#log.sealed };
  }

  /** A block that is being written is finished; what waits is lost. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changed.notify();
    await this.#finished;
    this.#placements.fail(closed());
    this.#feed.end(undefined);
    await this.#log.close();
  }

  async #run(): Promise<void> {
    try {
      while (await this.#due()) await this.#order();
    } catch (error) {
      // The log cannot go on, or the root could not be had: whoever waits must know.
      this.#stuck = error as Error;
      this.#placements.fail(error as Error);
      this.#feed.end(error as Error);
    }
  }

  /** Waits until there is something to order and it is time for it; false when closed. */
  async #due(): Promise<boolean> {
    const { blockTime, ahead } = this.#options;
    while (!this.#closed) {
      this.#idle = !this.#mempool.any(this.#next);
      const early = this.#lastAt + blockTime - performance.now();
      const far = this.#log.head.height - this.#executed() >= BigInt(ahead);
      if (this.#idle || far) await this.#changed.wait();
      else if (early > 0 && !this.#isFull()) await this.#changed.wait(early);
      else return true;
    }
    return false;
  }

  async #order(): Promise<void> {
    const { blockTransactions, blockBytes, blockGas, hotShare, accountShare, keyRoom, recordRoom, onPoint } =
      this.#options;
    const taken = this.#mempool.takeBlock({
      height: this.#next,
      transactions: blockTransactions,
      bytes: blockBytes,
      gas: blockGas,
      ...(keyRoom === undefined ? {} : { keys: keyRoom() }),
      ...(recordRoom === undefined ? {} : { records: recordRoom() }),
      ...(hotShare === undefined ? {} : { hotShare }),
      ...(accountShare === undefined ? {} : { accountShare }),
    });
    if (taken.length === 0) {
      // What waits does not fit now, for want of room in the state: nothing changes before a block is executed.
      await sleep(Math.max(this.#options.blockTime, LEAST_PAUSE_MS));
      return;
    }
    onPoint('order.taken');
    const height = this.#next++;
    const batch = batchOf(taken.map(({ bytes }) => bytes));
    const transactionsRoot = await this.#options.transactionsRoot(batch);
    const now = BigInt(Math.floor(this.#clock.nowMs()));
    const last = later(this.#log.head.time, this.#options.notBefore ?? 0n);
    const block = { height, time: now > last ? now : last, transactionsRoot, batch };
    this.#lastAt = performance.now();
    if (!(await this.#append(block))) return;
    this.#placements.acknowledge(this.#mempool.idsOf(taken), height);
    onPoint('order.acknowledged');
    this.#feed.push(block);
  }

  /** Tries again while there is no room: the block is made, and nothing else can be ordered before it. */
  async #append(block: OrderedBlock): Promise<boolean> {
    for (;;) {
      try {
        await this.#log.append(block);
        this.#stuck = undefined;
        return true;
      } catch (error) {
        this.#stuck = error as Error;
        if (this.#log.broken || (error as { code?: string }).code !== 'LEDGER_LOG_UNWRITABLE') throw error;
        if (this.#closed) return false;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Height of the last committed header, or that before the first block. */
  #executed(): bigint {
    return this.#log.sealed ?? this.#log.oldest - 1n;
  }

  /** What was ordered before a restart and not executed yet is in neither pool nor state: it could be taken twice. */
  async #caughtUp(): Promise<void> {
    while (!this.#closed && this.#executed() < this.#found) await this.#changed.wait();
    this.#usable();
  }

  /** Into the pool. @throws LEDGER_TRANSACTION_REFUSED, LEDGER_MEMPOOL_FULL, LEDGER_CLOSED, LEDGER_LOG_UNWRITABLE */
  #take(summary: TransactionSummary, transaction: Uint8Array): void {
    this.#usable();
    const before = this.#placements.heightOf(summary.id);
    if (before !== undefined) {
      throw new LedgerError('LEDGER_TRANSACTION_REFUSED', `it was ordered before, in block ${before}`, {
        hint: 'its receipt says what came of it; sign another one, with another window, to try again',
      });
    }
    this.#mempool.admit(summary, transaction, this.#next);
  }

  /** Tells the loop where that can make a difference. */
  #wake(): void {
    if (this.#idle || this.#isFull()) this.#changed.notify();
  }

  /** Whether there is as much as a block holds: then nothing is gained by waiting for more. */
  #isFull(): boolean {
    const { blockTransactions: transactions, blockBytes: bytes, blockGas: gas } = this.#options;
    return this.#mempool.fills({ transactions, bytes, gas });
  }

  #usable(): void {
    if (this.#closed) throw closed();
    if (this.#stuck !== undefined) throw this.#stuck;
  }
}

async function refusable<T>(work: () => T | Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error as Error;
  }
}

function closed(): LedgerError {
  return new LedgerError('LEDGER_CLOSED', 'ordering is closed');
}
