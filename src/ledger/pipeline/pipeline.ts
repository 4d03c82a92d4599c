import { type BlockHeader, headerHash } from '../block/header.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { BlockExecutor, ExecutedBlock } from '../execute/executor.ts';
import type { Hasher, Roots } from '../hasher/work.ts';
import type { OrderedBlock } from '../log/interface.ts';

/** Blocks that may be executed and not yet sealed: one is hashed while the next is executed. */
const UNSEALED = 2;

export interface Sealed {
  readonly block: OrderedBlock;
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  readonly executed: ExecutedBlock;
  readonly times: Times;
}

/** Milliseconds that a block took in each part; parts of different blocks overlap. */
export interface Times {
  readonly execute: number;
  /** In the hasher's queue, and being hashed. */
  readonly hash: number;
}

export interface PipelineOptions {
  readonly executor: BlockExecutor;
  readonly hasher: Hasher;
  /** The header to go on from. */
  readonly head: BlockHeader;
  /** Called for each block in order; the block's memory is used again when it has settled. */
  onSealed(sealed: Sealed): Promise<void> | void;
  /** Called once, as soon as something has stopped the pipeline. */
  onFailure?(error: unknown): void;
}

/**
 * Ordered blocks to sealed ones: while one is executed, the next is planned and the one before is hashed. Whatever fails
 * stops it for good, since records may be ahead of what was sealed.
 */
export class BlockPipeline {
  readonly #options: PipelineOptions;
  #head: BlockHeader;
  #hash: Uint8Array;
  #executing: Promise<void> = Promise.resolve();
  readonly #sealing: Promise<void>[] = [];
  #lastSeal: Promise<void> = Promise.resolve();
  #turn: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#head = options.head;
    this.#hash = headerHash(options.head);
  }

  /** Header of the last sealed block, and its hash. */
  get head(): { readonly header: BlockHeader; readonly hash: Uint8Array } {
    return { header: this.#head, hash: this.#hash };
  }

  /** Takes the next block; resolves when there is room for another. Calls queue. */
  push(block: OrderedBlock): Promise<void> {
    return this.#inTurn(async () => {
      this.#check();
      try {
        checkSize(block);
        const planned = this.#options.executor.plan(block.batch, block.height, block.time);
        await this.#executing;
        while (this.#sealing.length >= UNSEALED) await this.#sealing[0];
        this.#check();
        this.#executing = this.#execute(block, planned);
      } catch (error) {
        this.#fail(error);
        throw error;
      }
    });
  }

  /** Resolves when everything that was pushed is sealed. @throws what stopped the pipeline */
  async idle(): Promise<void> {
    await this.#executing;
    while (this.#sealing.length > 0) await this.#sealing[0];
    await this.#lastSeal;
    this.#check();
  }

  /** Runs a task at a moment when the records are exactly those of the head's block. */
  pause<T>(task: () => Promise<T> | T): Promise<T> {
    return this.#inTurn(async () => {
      await this.idle();
      return task();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #execute(block: OrderedBlock, planned: Parameters<BlockExecutor['execute']>[0]): Promise<void> {
    try {
      const started = performance.now();
      const executed = await this.#options.executor.execute(planned);
      const hashing = performance.now();
      const { delta, events } = executed;
      const { receipts, batch } = planned;
      const hashed = this.#options.hasher.hash({ delta, receipts: receipts.words, count: batch.count, events });
      const roots = hashed.then((found) => {
        return { ...found, times: { execute: hashing - started, hash: performance.now() - hashing } };
      });
      roots.catch(() => undefined);
      const sealed = this.#seal(block, executed, roots, this.#lastSeal);
      this.#lastSeal = sealed;
      this.#sealing.push(sealed);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #seal(
    block: OrderedBlock,
    executed: ExecutedBlock,
    roots: Promise<Roots & { times: Times }>,
    before: Promise<void>,
  ): Promise<void> {
    try {
      await before;
      const { stateRoot, receiptsRoot, times } = await roots;
      this.#check();
      const { height, time, transactionsRoot, batch } = block;
      const { network } = this.#head;
      const parent = this.#hash;
      const header = {
        network,
        height,
        time,
        transactions: batch.count,
        parent,
        transactionsRoot,
        stateRoot,
        receiptsRoot,
      };
      const hash = headerHash(header);
      await this.#options.onSealed({ block, header, hash, executed, times });
      this.#head = header;
      this.#hash = hash;
      this.#options.executor.recycle(executed.delta);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#sealing.shift();
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#options.onFailure?.(error);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** @throws LEDGER_TRANSACTION_INVALID for a block that no driver may order */
function checkSize({ batch, height }: OrderedBlock): void {
  if (batch.count <= MAX_BLOCK_TRANSACTIONS && batch.bytes.length <= MAX_BLOCK_BYTES) return;
  throw new LedgerError(
    'LEDGER_TRANSACTION_INVALID',
    `block ${height} has more than ${MAX_BLOCK_TRANSACTIONS} transactions or ${MAX_BLOCK_BYTES} bytes`,
  );
}
