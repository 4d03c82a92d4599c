import { setTimeout as sleep } from 'node:timers/promises';
import { equalBytes } from '../base/bytes.ts';
import { decodeHeader, encodeHeader } from './block/header.ts';
import { LedgerError } from './errors.ts';
import { after, type CheckedBlock, checkFetched, type Expected, type FetchedBlock } from './follower-check.ts';
import type { BlockLog, OrderedBlock } from './log/interface.ts';
import type { OrderingParts } from './options.ts';
import type { Admitted, OrderingHead, OrderingLog, Placed } from './ordering/interface.ts';
import { checkHeights, checkNext, compareSeal } from './ordering/seals.ts';
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
/** Blocks that are fetched ahead of the last committed header. */
const AHEAD = 4n;

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
  /** Fetched and checked, and not committed yet. */
  readonly #open = new Map<bigint, CheckedBlock>();
  /** Blocks were fetched or committed, or nothing more will be. */
  readonly #changed = new Signal();
  /** Since somebody subscribed. */
  #fetching: Promise<void> | undefined;
  #fault: Error | undefined;
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

  subscribe(fromHeight: bigint): AsyncIterable<OrderedBlock> {
    this.#usable();
    checkHeights(this.#log, fromHeight);
    this.#fetching ??= this.#fetch();
    return this.#blocks(fromHeight);
  }

  async commitRoot(height: bigint, header: Uint8Array): Promise<void> {
    this.#usable();
    const { sealed, oldest, head } = this.#log;
    if (sealed !== undefined && height <= sealed) return await compareSeal(this.#log, height, header);
    const open = this.#open.get(height);
    checkNext(height, sealed ?? oldest - 1n);
    if (open === undefined) {
      if (height > head.height) throw new LedgerError('LEDGER_NOT_FOUND', `block ${height} is not ordered yet`);
      // What a crash left in the log without its seal was verified before it came there.
      return await this.#log.appendSeal(height, header);
    }
    if (!equalBytes(header, encodeHeader(open.expected))) {
      const error = mismatch(decodeHeader(header), open.expected, 'the peer that is followed');
      this.#refuse(error, true);
      throw error;
    }
    await this.#append(open.block);
    await this.#log.appendSeal(height, header);
    this.#open.delete(height);
    this.#changed.notify();
  }

  head(): OrderingHead {
    return { ...this.#log.head, sealed: this.#log.sealed };
  }

  /** Takes nothing more: what is under way and not in the log will be asked for again. */
  halt(): void {
    this.#control.abort();
    this.#changed.notify();
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

  /** From what is fetched, or from the log: every subscriber at its own pace. */
  async *#blocks(from: bigint): AsyncGenerator<OrderedBlock, void, undefined> {
    let next = from;
    while (!this.#control.signal.aborted) {
      const open = this.#open.get(next);
      if (open !== undefined) {
        yield open.block;
        next += 1n;
      } else if (next <= this.#log.head.height) {
        for await (const block of this.#log.read(next)) {
          yield block;
          next = block.height + 1n;
          if (this.#control.signal.aborted) return;
        }
      } else if (this.#fault !== undefined) throw this.#fault;
      else await this.#changed.wait();
    }
  }

  /** Until it is closed, or a block is refused: then the ledger goes on answering from the last one that was good. */
  async #fetch(): Promise<void> {
    let pause = this.#options.retryFirstMs ?? RETRY_FIRST_MS;
    try {
      let next = await this.#continue(this.#log.head.height + 1n);
      while (!this.#ended()) {
        try {
          for await (const fetched of ahead(this.#options.source.blocks(next.height, this.#control.signal))) {
            if (this.#ended()) return;
            const checked = await this.#check(fetched, next);
            if (checked === undefined) return;
            pause = this.#options.retryFirstMs ?? RETRY_FIRST_MS;
            this.#open.set(checked.block.height, checked);
            next = after(checked.expected);
            this.#set({ state: 'following', told: fetched.head, error: undefined });
            while (!this.#ended() && next.height > this.#log.head.height + AHEAD) await this.#changed.wait();
          }
        } catch (error) {
          this.#set({ state: 'waiting', told: this.#status.told, error: error as Error });
        }
        await this.#pause(pause);
        pause = Math.min(pause * 2, this.#options.retryMaxMs ?? RETRY_MAX_MS);
      }
    } catch (error) {
      // Its own log cannot be read.
      this.#fault = error as Error;
      this.#changed.notify();
    }
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
      while (this.#open.size > 0 && !this.#ended()) await this.#changed.wait();
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
    this.#changed.notify();
  }

  #usable(): void {
    if (this.#control.signal.aborted) throw new LedgerError('LEDGER_CLOSED', 'ordering is closed');
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
