/**
 * The parts of a ledger put together as `ledger.ts` does, each of which can be left out: signatures, log, roots. Blocks
 * come whole, as a follower gets them.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createSignatureChecker } from '../../src/crypto/signatures/index.ts';
import { checkBatch } from '../../src/ledger/admission/check-batch.ts';
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { type BlockHeader, encodeHeader } from '../../src/ledger/block/header.ts';
import { batchIds, transactionsRoot } from '../../src/ledger/block/identify.ts';
import { BlockExecutor } from '../../src/ledger/execute/executor.ts';
import { hasherThread } from '../../src/ledger/hasher/hasher.ts';
import type { Hasher } from '../../src/ledger/hasher/work.ts';
import { openBlockLog } from '../../src/ledger/log/block-log.ts';
import type { BlockLog, OrderedBlock } from '../../src/ledger/log/interface.ts';
import { BlockPipeline } from '../../src/ledger/pipeline/pipeline.ts';
import { PROGRAMS } from '../../src/ledger/programs/index.ts';
import { snapshotPath } from '../../src/ledger/state/snapshot-folder.ts';
import { writeSnapshot } from '../../src/ledger/state/snapshot-writer.ts';
import { BLOCK_TIME, operationsOf, requireSuccess } from './ledger-execute.ts';
import type { Sample } from './ledger-rows.ts';
import { FEE_ACCOUNT, type LedgerWorld, NETWORK } from './ledger-world.ts';

const ZEROS = new Uint8Array(32);
const NO_ROOTS: Hasher = {
  build: async () => ZEROS,
  hash: async () => ({ stateRoot: ZEROS, receiptsRoot: ZEROS }),
  trace: () => Promise.reject(new Error('nothing is hashed')),
  close: async () => undefined,
};

/** Blocks that fill the pipeline, and blocks of a sample. */
export const FILL = 2;
const WINDOW = 5;

export interface Parts {
  readonly signatures: boolean;
  /** Ed25519 by node:crypto, as where the addon is missing. */
  readonly portable?: boolean;
  readonly log: boolean;
  readonly roots: boolean;
  /** Where the log goes; a folder of its own that is removed at the end unless told. */
  readonly folder?: string;
}

export class Rig {
  readonly world: LedgerWorld;
  readonly #executor: BlockExecutor;
  readonly #hasher: Hasher;
  readonly #dir: string;
  /** With the roots of the state as it is. */
  #head: BlockHeader;

  private constructor(world: LedgerWorld, executor: BlockExecutor, hasher: Hasher, dir: string, head: BlockHeader) {
    this.world = world;
    this.#executor = executor;
    this.#hasher = hasher;
    this.#dir = dir;
    this.#head = head;
  }

  /** @param dir for logs */
  static async open(world: LedgerWorld, dir: string, lanes = 1): Promise<Rig> {
    const executor = await BlockExecutor.start({
      table: world.table,
      programs: PROGRAMS,
      programsModule: new URL('../../src/ledger/programs/index.ts', import.meta.url).href,
      network: NETWORK,
      feeAccount: FEE_ACCOUNT,
      lanes,
    });
    const hasher = hasherThread(world.capacity);
    const stateRoot = await hasher.build(recordsOf(world));
    const roots = { parent: ZEROS, transactionsRoot: ZEROS, receiptsRoot: ZEROS, stateRoot };
    const head = { network: NETWORK, height: 0n, time: 1n, transactions: 0, ...roots };
    return new Rig(world, executor, hasher, dir, head);
  }

  /** A folder of a ledger that begins with this state at height 0. */
  async snapshot(folder: string): Promise<void> {
    mkdirSync(join(folder, 'snapshots'), { recursive: true });
    const head = { network: NETWORK, height: this.#head.height, header: encodeHeader(this.#head) };
    await writeSnapshot(snapshotPath(join(folder, 'snapshots'), 0n), head, this.world.table.entries());
  }

  /**
   * Blocks through the parts. The first sample is of the blocks that fill the pipeline, the others of `every` blocks each:
   * seals come in bursts, so one block's time says little. @throws Error where a transaction failed
   */
  async run(blocks: readonly BlockBatch[], parts: Parts, every = WINDOW): Promise<Sample[]> {
    const folder = parts.folder ?? mkdtempSync(join(this.#dir, 'log-'));
    const firstHeight = this.#head.height + 1n;
    const log = parts.log ? await openBlockLog({ folder, network: NETWORK, firstHeight }) : undefined;
    const ends = [performance.now()];
    const pipeline = new BlockPipeline({
      executor: this.#executor,
      hasher: parts.roots ? this.#hasher : NO_ROOTS,
      head: this.#head,
      onSealed: async ({ header, executed }) => {
        await log?.appendSeal(header.height, encodeHeader(header));
        requireSuccess(executed.planned);
        ends.push(performance.now());
      },
    });
    try {
      await this.#feed(blocks, parts, log, pipeline);
      await pipeline.idle();
      this.#head = pipeline.head.header;
    } finally {
      await log?.flush();
      await log?.close();
      if (parts.folder === undefined) rmSync(folder, { recursive: true, force: true });
    }
    const samples: Sample[] = [];
    for (let i = 0; i < blocks.length; ) {
      const some = blocks.slice(i, i + (i === 0 ? FILL : every));
      samples.push({
        transactions: some.reduce((sum, { count }) => sum + count, 0),
        operations: some.reduce((sum, block) => sum + operationsOf(block), 0),
        ms: (ends[i + some.length] ?? 0) - (ends[i] ?? 0),
      });
      i += some.length;
    }
    return samples;
  }

  /** While a block is written and executed, the signatures of the next one are checked. */
  async #feed(blocks: readonly BlockBatch[], parts: Parts, log: BlockLog | undefined, pipeline: BlockPipeline) {
    const signatures = createSignatureChecker(parts.portable === true ? { portable: true } : {});
    const check = async (batch: BlockBatch | undefined) => {
      if (batch === undefined) return ZEROS;
      if (!parts.signatures) return parts.log ? batchIds(batch) : ZEROS;
      const { ids, refusals } = await checkBatch(batch, { network: NETWORK, signatures, proofs: undefined });
      const refused = refusals.find((refusal) => refusal !== undefined);
      if (refused !== undefined) throw refused;
      return ids;
    };
    let { height } = this.#head;
    let checked = check(blocks[0]);
    for (const [i, batch] of blocks.entries()) {
      const ids = await checked;
      checked = check(blocks[i + 1]);
      checked.catch(() => undefined);
      height += 1n;
      // Without a log nobody asks for the root of the transactions.
      const root = parts.log ? transactionsRoot(batch, ids) : ZEROS;
      const block: OrderedBlock = { height, time: BLOCK_TIME, transactionsRoot: root, batch };
      await log?.append(block);
      await pipeline.push(block);
    }
    await checked;
  }

  async close(): Promise<void> {
    await this.#executor.close();
    await this.#hasher.close();
  }
}

function recordsOf({ table }: LedgerWorld): Parameters<Hasher['build']>[0] {
  const count = table.size;
  const records = {
    count,
    slots: new Int32Array(new SharedArrayBuffer(count * 4)),
    keys: new Uint8Array(new SharedArrayBuffer(count * 32)),
    lengths: new Uint8Array(new SharedArrayBuffer(count)),
    values: new Uint8Array(new SharedArrayBuffer(count * 128)),
  };
  let i = 0;
  for (const { slot, key, value } of table.entries()) {
    records.slots[i] = slot;
    records.keys.set(key, i * 32);
    records.lengths[i] = value.length;
    records.values.set(value, i * 128);
    i += 1;
  }
  return { ...records, count: i };
}

/** Runs a task with every thread of the process on one core. @throws Error where the system has no `taskset` */
export async function onOneCore<T>(task: () => Promise<T>): Promise<T> {
  const pin = (cores: string) =>
    execFileSync('taskset', ['-a', '-c', '-p', cores, `${process.pid}`], { stdio: 'pipe' });
  const before = /: (.+)\n$/.exec(execFileSync('taskset', ['-c', '-p', `${process.pid}`], { encoding: 'utf8' }))?.[1];
  const [first] = (before ?? '0').split(/[-,]/);
  pin(first ?? '0');
  try {
    return await task();
  } finally {
    pin(before ?? '0');
  }
}
