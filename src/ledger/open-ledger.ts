import type { AdmissionQueue } from './admission/queue.ts';
import { transactionAt } from './block/batch.ts';
import { type BlockHeader, decodeHeader, encodeHeader, headerHash } from './block/header.ts';
import { batchIds } from './block/identify.ts';
import { LedgerError } from './errors.ts';
import type { BlockExecutor } from './execute/executor.ts';
import { networkName } from './genesis.ts';
import type { Hasher } from './hasher/work.ts';
import type { Ledger, LedgerStatus, Receipt, SealedBlock, StateProof } from './interface.ts';
import type { BlockLog } from './log/interface.ts';
import type { LedgerOptions } from './options.ts';
import type { OrderingLog } from './ordering/interface.ts';
import type { BlockPipeline, Sealed } from './pipeline/pipeline.ts';
import { Snapshotter } from './pipeline/snapshotter.ts';
import { StateProver } from './pipeline/state-prover.ts';
import { PROGRAMS } from './programs/index.ts';
import { ReceiptBook } from './receipt-book.ts';
import { statsOf } from './sealed-stats.ts';
import type { StateTable } from './state/table.ts';

const RECEIPTS = 50_000;

export interface OpenLedgerParts {
  readonly options: LedgerOptions;
  readonly log: BlockLog;
  readonly table: StateTable;
  readonly executor: BlockExecutor;
  readonly hasher: Hasher;
  readonly pipeline: BlockPipeline;
  readonly ordering: OrderingLog;
  readonly queue: AdmissionQueue;
  /** Folder. */
  readonly snapshots: string;
  readonly lanes: number;
}

/** A ledger that runs: executes what ordering yields, and answers. `openLedger` makes it. */
export class OpenLedger implements Ledger {
  readonly network: Uint8Array;
  readonly #parts: OpenLedgerParts;
  readonly #receipts: ReceiptBook;
  readonly #snapshotter: Snapshotter;
  readonly #pending = new Set<(sealed: boolean) => void>();
  readonly #prover: StateProver;
  #running: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #closed = false;

  constructor(parts: OpenLedgerParts) {
    this.#parts = parts;
    this.network = parts.pipeline.head.header.network;
    this.#receipts = new ReceiptBook(parts.options.receiptLimit ?? RECEIPTS);
    this.#snapshotter = new Snapshotter(parts);
    this.#prover = new StateProver(parts);
  }

  get head(): BlockHeader {
    return this.#parts.pipeline.head.header;
  }

  /** Begins to execute what is ordered from here on. */
  begin(): void {
    this.#running = this.#run();
  }

  /** Takes an executed block: header to ordering and log, receipts to those who wait. */
  async sealed(sealed: Sealed): Promise<void> {
    const { block, header, executed } = sealed;
    const { options, ordering } = this.#parts;
    options.onPoint?.('execute.sealed');
    await ordering.commitRoot(header.height, encodeHeader(header));
    this.#receipts.add(header.height, batchIds(block.batch), executed);
    options.onSealed?.(statsOf(sealed, options.programs?.map ?? PROGRAMS));
    // The head moves when this call has settled.
    setImmediate(() => {
      for (const wake of [...this.#pending]) wake(true);
    });
    this.#snapshotter.due(header.height);
  }

  status(): LedgerStatus {
    const { pipeline, log, executor, lanes, ordering } = this.#parts;
    const { header, hash } = pipeline.head;
    const { transactions = 0 } = (ordering as { waiting?: { transactions: number } }).waiting ?? {};
    return {
      network: networkName(this.network),
      head: header,
      hash,
      oldest: log.oldest,
      records: executor.records,
      pending: transactions,
      lanes,
      bytes: log.bytes,
    };
  }

  async submit(bytes: Uint8Array): Promise<Uint8Array> {
    this.#usable();
    const { id } = await this.#parts.ordering.submit(bytes);
    return new Uint8Array(Buffer.from(id, 'hex'));
  }

  async submitMany(transactions: readonly Uint8Array[]): Promise<(Uint8Array | Error)[]> {
    const { ordering } = this.#parts;
    const refused = (error: unknown) => error as Error;
    if (ordering.submitMany === undefined) {
      return await Promise.all(transactions.map((bytes) => this.submit(bytes).catch(refused)));
    }
    try {
      this.#usable();
      return await ordering.submitMany(transactions);
    } catch (error) {
      return transactions.map(() => refused(error));
    }
  }

  receipt(id: Uint8Array): Receipt | undefined {
    return this.#receipts.get(id);
  }

  executed(id: Uint8Array, signal?: AbortSignal): Promise<Receipt> {
    if (this.#failure !== undefined || this.#closed) return Promise.reject(this.#failure ?? closed());
    return this.#receipts.wait(id, signal);
  }

  record(key: Uint8Array): Uint8Array | undefined {
    return this.#parts.table.get(key);
  }

  prove(key: Uint8Array): Promise<StateProof> {
    this.#usable();
    return this.#prover.prove(key);
  }

  async block(height: bigint): Promise<SealedBlock> {
    const { head } = this;
    if (height < 1n || height > head.height) {
      throw new LedgerError('LEDGER_NOT_FOUND', `block ${height} is not there: the head is ${head.height}`);
    }
    for await (const block of this.#read(height, height)) return block;
    throw new LedgerError('LEDGER_NOT_FOUND', `block ${height} was pruned`);
  }

  async *blocks(from: bigint, signal?: AbortSignal): AsyncGenerator<SealedBlock, void, undefined> {
    let next = from;
    while (!this.#closed && !isAborted(signal)) {
      this.#usable();
      if (next <= this.head.height) {
        for await (const block of this.#read(next, this.head.height)) {
          yield block;
          next = block.header.height + 1n;
          if (isAborted(signal)) return;
        }
        continue;
      }
      await this.#nextSeal(signal);
    }
  }

  async *headers(from: bigint, signal?: AbortSignal): AsyncGenerator<BlockHeader, void, undefined> {
    let next = from;
    while (!this.#closed && !isAborted(signal)) {
      this.#usable();
      const { height } = this.head;
      if (next <= height) {
        for await (const seal of this.#parts.log.seals(next)) {
          if (seal.height > height || isAborted(signal)) break;
          if (seal.height !== next) throw new LedgerError('LEDGER_NOT_FOUND', `the header of block ${next} was pruned`);
          yield decodeHeader(seal.header);
          next = seal.height + 1n;
        }
        if (next <= height && !isAborted(signal)) {
          throw new LedgerError('LEDGER_NOT_FOUND', `the header of block ${next} is not kept`);
        }
        continue;
      }
      await this.#nextSeal(signal);
    }
  }

  snapshot(): Promise<bigint> {
    this.#usable();
    return this.#snapshotter.write();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { ordering, pipeline, executor, hasher, log } = this.#parts;
    for (const wake of [...this.#pending]) wake(false);
    this.#receipts.close();
    await this.#snapshotter.settled();
    // What is ordered is executed before the threads end; the log keeps the rest for the next start.
    await pipeline.idle().catch(() => undefined);
    await log.flush().catch(() => undefined);
    await ordering.close();
    await this.#running;
    await Promise.allSettled([executor.close(), hasher.close()]);
  }

  async #run(): Promise<void> {
    const { ordering, pipeline } = this.#parts;
    try {
      for await (const block of ordering.subscribe(this.head.height + 1n)) {
        if (this.#closed) return;
        this.#parts.options.onPoint?.('execute.before');
        await pipeline.push(block);
      }
    } catch (error) {
      this.failed(error as Error);
    }
  }

  /** Something has stopped it for good: whoever waits is told, and nothing is taken any more. */
  failed(error: Error): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#failure = error;
    for (const wake of [...this.#pending]) wake(false);
    this.#receipts.close(error instanceof LedgerError ? error : closed());
    this.#parts.options.onFailure?.(error);
  }

  async *#read(from: bigint, to: bigint): AsyncGenerator<SealedBlock, void, undefined> {
    const { log } = this.#parts;
    const seals = log.seals(from);
    try {
      for await (const { batch, height } of log.read(from, to)) {
        const { value: seal } = await seals.next();
        if (seal === undefined || seal.height !== height) return;
        const header = decodeHeader(seal.header);
        const transactions = Array.from({ length: batch.count }, (_, i) => transactionAt(batch, i).slice());
        yield { header, hash: headerHash(header), transactions };
      }
    } finally {
      await seals.return();
    }
  }

  #nextSeal(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#pending.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#pending.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #usable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw closed();
  }
}

function closed(): LedgerError {
  return new LedgerError('LEDGER_CLOSED', 'the ledger is closed');
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
