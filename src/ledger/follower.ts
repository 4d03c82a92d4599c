import { setTimeout as sleep } from 'node:timers/promises';
import { equalBytes } from '../base/bytes.ts';
import { decodeHeader, encodeHeader } from './block/header.ts';
import { LedgerError } from './errors.ts';
import { after, type CheckedBlock, checkFetched, type Expected, type FetchedBlock } from './follower-check.ts';
import type { BlockLog, OrderedBlock } from './log/interface.ts';
import type { OrderingParts } from './options.ts';
import type { Admitted, OrderingHead, OrderingLog, Placed } from './ordering/interface.ts';
import { Signal } from './ordering/signal.ts';
import { mismatch } from './pipeline/recover.ts';
import { later } from './time.ts';

export type { FetchedBlock } from './follower-check.ts';

/** Where a follower has its blocks from. Whatever it throws is trouble on the way, and tried again. */
export interface BlockSource {
  /** Blocks from a height on, as they come; may end or fail at any time. */
  blocks(from: bigint, signal: AbortSignal): AsyncIterable<FetchedBlock>;
}

export interface FollowerStatus {
  /** `refused` is for good: nothing is asked for any more until the peer starts anew. */
  readonly state: 'following' | 'waiting' | 'refused';
  /** What the other peer says it has come to; 0 before it said anything. */
  readonly told: bigint;
  /** Why it was refused, or what the last trouble on the way was. */
  readonly error: Error | undefined;
  /** The refused block was executed before it was found out: the records are ahead of the head, so open the ledger anew. */
  readonly executed?: boolean;
}

export interface FollowerOptions {
  readonly source: BlockSource;
  /** First and longest pause after trouble on the way, milliseconds. */
  readonly retryFirstMs?: number;
  readonly retryMaxMs?: number;
  onChange?(status: FollowerStatus): void;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
const WRITE_AGAIN_MS = 200;

/**
 * Ordering by another peer's log. A block is checked before it is executed, and comes into this peer's own log only when
 * executing it came to the very header that the other peer gave for it: what is in the log was verified, and what differs
 * leaves nothing behind on the disk.
 */
export class FollowedOrdering implements OrderingLog {
  readonly #options: FollowerOptions;
  readonly #parts: OrderingParts;
  readonly #log: BlockLog;
  readonly #control = new AbortController();
  /** Handed out for execution and not committed yet; as many as the pipeline runs ahead. */
  readonly #open = new Map<bigint, CheckedBlock>();
  readonly #settled = new Signal();
  #status: FollowerStatus = { state: 'waiting', told: 0n, error: undefined };

  constructor(parts: OrderingParts, options: FollowerOptions) {
    this.#parts = parts;
    this.#log = parts.log;
    this.#options = options;
  }

  get status(): FollowerStatus {
    return this.#status;
  }

  submit(): Promise<Admitted> {
    return Promise.reject(
      new LedgerError('LEDGER_TRANSACTION_REFUSED', 'this peer follows another one and orders nothing itself', {
        hint: 'send it to the peer that is followed: ledger.follow names it',
      }),
    );
  }

  whenOrdered(): Promise<Placed> {
    return Promise.reject(new LedgerError('LEDGER_NOT_FOUND', 'this peer orders nothing, so nothing waits here'));
  }

  async *subscribe(fromHeight: bigint): AsyncGenerator<OrderedBlock, void, undefined> {
    // What a crash left in the log without its seal was verified before it came there.
    let from = fromHeight;
    for await (const block of this.#stored(from)) {
      yield block;
      from = block.height + 1n;
    }
    let next = await this.#continue(from);
    let pause = this.#options.retryFirstMs ?? RETRY_FIRST_MS;
    while (!this.#ended()) {
      try {
        for await (const fetched of ahead(this.#options.source.blocks(next.height, this.#control.signal))) {
          if (this.#ended()) return;
          const checked = await this.#check(fetched, next);
          if (checked === undefined) break;
          pause = this.#options.retryFirstMs ?? RETRY_FIRST_MS;
          this.#open.set(checked.block.height, checked);
          next = after(checked.expected);
          this.#set({ state: 'following', told: fetched.head, error: undefined });
          yield checked.block;
        }
      } catch (error) {
        this.#set({ state: 'waiting', told: this.#status.told, error: error as Error });
      }
      await this.#pause(pause);
      pause = Math.min(pause * 2, this.#options.retryMaxMs ?? RETRY_MAX_MS);
    }
    // A refusal leaves the ledger where it is: it goes on answering from the last block that was good.
    if (!this.#control.signal.aborted)
      await new Promise((resolve) => this.#control.signal.addEventListener('abort', resolve));
  }

  async commitRoot(height: bigint, header: Uint8Array): Promise<void> {
    if (this.#control.signal.aborted) throw new LedgerError('LEDGER_CLOSED', 'ordering is closed');
    const open = this.#open.get(height);
    if (open === undefined) {
      if (this.#log.sealed !== undefined && height <= this.#log.sealed) return;
      await this.#log.appendSeal(height, header);
      return;
    }
    if (!equalBytes(header, encodeHeader(open.expected))) {
      const error = mismatch(decodeHeader(header), open.expected, 'the peer that is followed');
      this.#refuse(error, true);
      throw error;
    }
    await this.#append(open.block);
    await this.#log.appendSeal(height, header);
    this.#open.delete(height);
    this.#settled.notify();
  }

  head(): OrderingHead {
    return { ...this.#log.head, sealed: this.#log.sealed };
  }

  /** Takes nothing more: what is under way and not in the log will be asked for again. */
  halt(): void {
    this.#control.abort();
    this.#settled.notify();
  }

  async close(): Promise<void> {
    this.halt();
    await this.#log.close();
  }

  /** Tries again while there is no room on the disk, as the peer that orders does. */
  async #append(block: OrderedBlock): Promise<void> {
    for (;;) {
      try {
        return await this.#log.append(block);
      } catch (error) {
        const full = error instanceof LedgerError && error.code === 'LEDGER_LOG_UNWRITABLE' && !this.#log.broken;
        if (!full || this.#control.signal.aborted) throw error;
        await sleep(WRITE_AGAIN_MS, undefined, { signal: this.#control.signal }).catch(() => undefined);
      }
    }
  }

  async *#stored(from: bigint): AsyncGenerator<OrderedBlock, void, undefined> {
    if (from <= this.#log.head.height) yield* this.#log.read(from);
  }

  /** What the first block that is fetched must continue. */
  async #continue(from: bigint): Promise<Expected> {
    if (this.#log.sealed !== undefined && from > this.#log.oldest) {
      for await (const seal of this.#log.seals(from - 1n)) {
        if (seal.height === from - 1n) return after(decodeHeader(seal.header));
      }
    }
    return { height: from, time: later(this.#log.head.time, this.#parts.notBefore), parent: undefined };
  }

  /** Undefined if the block is refused. */
  async #check(fetched: FetchedBlock, next: Expected): Promise<CheckedBlock | undefined> {
    try {
      return await checkFetched(fetched, next, this.#parts);
    } catch (error) {
      // Only what the block itself shows counts against the peer; a fault of ours must not pass for its lie.
      if (!(error instanceof LedgerError)) throw error;
      // An earlier block may be found out yet: what is told is the first difference.
      while (this.#open.size > 0 && !this.#ended()) await this.#settled.wait();
      this.#refuse(error, false);
      return undefined;
    }
  }

  #refuse(error: Error, executed: boolean): void {
    this.#set({ state: 'refused', told: this.#status.told, error, executed });
  }

  #set(status: FollowerStatus): void {
    if (this.#status.state === 'refused') return;
    this.#status = status;
    this.#options.onChange?.(status);
    this.#settled.notify();
  }

  #ended(): boolean {
    return this.#control.signal.aborted || this.#status.state === 'refused';
  }

  async #pause(ms: number): Promise<void> {
    if (this.#ended()) return;
    await sleep(ms, undefined, { signal: this.#control.signal }).catch(() => undefined);
  }
}

/** The same items, each asked for while the one before is used: the line does not wait for the processor. */
async function* ahead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let coming = iterator.next();
  try {
    for (;;) {
      const { done, value } = await coming;
      if (done === true) return;
      coming = iterator.next();
      // Thrown when it is asked for.
      coming.catch(() => undefined);
      yield value;
    }
  } finally {
    // Not waited for: it may be in the middle of a long question.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
