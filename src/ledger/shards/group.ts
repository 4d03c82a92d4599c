import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { siblingModule } from '../../base/sibling.ts';
import { receiptsRoot } from '../block/receipts.ts';
import { LedgerError } from '../errors.ts';
import { makeReceipts } from '../execute/shared.ts';
import type { Roots } from '../hasher/work.ts';
import type { OrderedBlock } from '../log/interface.ts';
import type { ShardAnswer, ShardDone, ShardLoaded, ShardRequest, ShardStart, StartState } from './messages.ts';
import { combine, shardBits } from './partition.ts';

export interface GroupOptions extends Omit<ShardStart, 'index' | 'ports'> {
  /** Ends the threads; what is under way is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface Loaded {
  readonly stateRoot: Uint8Array;
  readonly records: number;
  readonly snapshot: ShardLoaded['snapshot'];
}

/** Answers of the shards to one request, by shard. */
interface Gathering<T> {
  readonly answers: (T | undefined)[];
  left: number;
  readonly done: PromiseWithResolvers<T[]>;
}

/**
 * Shards in worker threads of this process, each with its own table and tree and a port to each other one. One that
 * dies or refuses stops the whole group: the others would wait for it for ever.
 */
export class ShardGroup {
  readonly #workers: readonly Worker[];
  readonly #blocks = new Map<bigint, Gathering<ShardDone>>();
  readonly #failed = Promise.withResolvers<never>();
  #ready: Gathering<true>;
  #loaded: Gathering<ShardLoaded>;
  #failure: unknown;
  #closing: Promise<unknown> | undefined;

  private constructor(workers: readonly Worker[], signal: AbortSignal | undefined) {
    this.#workers = workers;
    this.#ready = gathering(workers.length);
    this.#loaded = gathering(workers.length);
    this.#failed.promise.catch(() => undefined);
    for (const [index, worker] of workers.entries()) {
      worker.on('message', (answer: ShardAnswer) => this.#take(index, answer));
      worker.on('messageerror', () => this.#fail(threadFailed(index, 'its answer cannot be read')));
      worker.on('error', (error) => this.#fail(threadFailed(index, messageOf(error))));
      worker.on('exit', () => this.#fail(threadFailed(index, 'its thread ended')));
    }
    const abort = () => this.#fail(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#failed.promise.catch(() => signal?.removeEventListener('abort', abort));
  }

  /** @throws LEDGER_GENESIS_INVALID for another number than 1, 2, 4, 8 or 16; LEDGER_LANE_FAILED; the signal's reason */
  static async start({ signal, ...common }: GroupOptions): Promise<ShardGroup> {
    shardBits(common.shards);
    const ports = portsOf(common.shards);
    const workers = ports.map((own, index) => {
      const workerData: ShardStart = { ...common, index, ports: own };
      const transferList = own.filter((port) => port !== undefined);
      return new Worker(siblingModule(import.meta.url, 'worker'), { workerData, transferList, execArgv: [] });
    });
    const group = new ShardGroup(workers, signal);
    try {
      await group.#all(group.#ready);
    } catch (error) {
      await group.close();
      throw error;
    }
    return group;
  }

  /** Gives every shard its part of a state; once, before the first block. @throws what reading it throws */
  async load(state: StartState): Promise<Loaded> {
    this.#post({ kind: 'load', state });
    const answers = await this.#all(this.#loaded);
    const subtrees = answers.map(({ subtree }) => subtree);
    const [first] = answers;
    return {
      stateRoot: combine(subtrees),
      records: subtrees.reduce((sum, { leaves }) => sum + leaves, 0),
      snapshot: first?.snapshot,
    };
  }

  /**
   * Executes a block; calls come in the order of heights and may overlap.
   * @throws LEDGER_LANE_FAILED, LEDGER_STATE_FULL; the group is of no use then
   */
  async execute({ batch, height, time }: OrderedBlock): Promise<Roots & { records: number }> {
    const { buffer, words } = makeReceipts(batch.count);
    const gathered = gathering<ShardDone>(this.#workers.length);
    this.#blocks.set(height, gathered);
    const job = { batch: batch.buffer, offsets: batch.offsets, receipts: buffer, height, time };
    this.#post({ kind: 'block', job });
    const answers = await this.#all(gathered);
    const answered = answers.reduce((sum, part) => sum + part.answered, 0);
    if (answered !== batch.count) {
      throw threadFailed(undefined, `block ${height} has ${batch.count} receipts, and ${answered} were written`);
    }
    const events = answers.map((part) => part.events);
    const subtrees = answers.map(({ subtree }) => subtree);
    return {
      stateRoot: combine(subtrees),
      receiptsRoot: receiptsRoot(words, batch.count, events),
      records: subtrees.reduce((sum, { leaves }) => sum + leaves, 0),
    };
  }

  async close(): Promise<void> {
    this.#fail(new LedgerError('LEDGER_CLOSED', 'the shards were stopped'));
    this.#closing ??= Promise.all(this.#workers.map((worker) => worker.terminate()));
    await this.#closing;
  }

  #post(request: ShardRequest): void {
    if (this.#failure !== undefined) return;
    for (const worker of this.#workers) worker.postMessage(request);
  }

  #all<T>({ done }: Gathering<T>): Promise<T[]> {
    return Promise.race([this.#failed.promise, done.promise]);
  }

  #take(index: number, answer: ShardAnswer): void {
    if (answer.kind === 'failed') {
      const { code, message, where, hint } = answer;
      this.#fail(new LedgerError(code, message, { where, hint }));
    } else if (answer.kind === 'ready') note(this.#ready, index, true);
    else if (answer.kind === 'loaded') note(this.#loaded, index, answer);
    else {
      const gathered = this.#blocks.get(answer.height);
      if (gathered === undefined) return;
      note(gathered, index, answer);
      if (gathered.left === 0) this.#blocks.delete(answer.height);
    }
  }

  /** The first failure counts: those that follow are its consequence. */
  #fail(failure: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#failed.reject(failure);
    // Threads that wait for the one that failed would never end.
    this.#closing ??= Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function gathering<T>(shards: number): Gathering<T> {
  return { answers: new Array(shards).fill(undefined), left: shards, done: Promise.withResolvers<T[]>() };
}

function note<T>(gathered: Gathering<T>, index: number, answer: T): void {
  if (gathered.answers[index] !== undefined) return;
  gathered.answers[index] = answer;
  gathered.left -= 1;
  if (gathered.left === 0) gathered.done.resolve(gathered.answers as T[]);
}

/** A channel between each two shards: by shard, its ports to the others. */
function portsOf(shards: number): (MessagePort | undefined)[][] {
  const ports: (MessagePort | undefined)[][] = Array.from({ length: shards }, () => new Array(shards).fill(undefined));
  for (let low = 0; low < shards; low += 1) {
    for (let high = low + 1; high < shards; high += 1) {
      const { port1, port2 } = new MessageChannel();
      (ports[low] as (MessagePort | undefined)[])[high] = port1;
      (ports[high] as (MessagePort | undefined)[])[low] = port2;
    }
  }
  return ports;
}

function threadFailed(index: number | undefined, reason: string): LedgerError {
  const who = index === undefined ? 'the shards stopped' : `shard ${index} stopped`;
  return new LedgerError('LEDGER_LANE_FAILED', `${who}: ${reason}`, {
    hint: 'nothing was changed; run it again, with fewer shards if memory is short',
  });
}
