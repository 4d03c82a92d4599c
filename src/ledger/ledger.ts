import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createSignatureChecker } from '../crypto/signatures/index.ts';
import { checkBatch } from './admission/check-batch.ts';
import { AdmissionQueue } from './admission/queue.ts';
import type { BlockBatch } from './block/batch.ts';
import { batchIds, transactionsRoot } from './block/identify.ts';
import { KEY_BYTES, MAX_BLOCK_KEYS } from './constants.ts';
import { LedgerError } from './errors.ts';
import { BlockExecutor } from './execute/executor.ts';
import { openGenesis } from './genesis.ts';
import { hasherHere, hasherThread } from './hasher/hasher.ts';
import type { Ledger } from './interface.ts';
import { openBlockLog } from './log/block-log.ts';
import { OpenLedger } from './open-ledger.ts';
import type { LedgerOptions, OrderingParts } from './options.ts';
import { EmbeddedOrdering } from './ordering/embedded.ts';
import type { TransactionSummary } from './ordering/interface.ts';
import { BlockPipeline, type Sealed } from './pipeline/pipeline.ts';
import { checkOrdered, ReplayJudge, restoreState } from './pipeline/recover.ts';
import { PROGRAMS } from './programs/index.ts';
import { removeSnapshotLeftovers } from './state/snapshot-folder.ts';
import type { StateTable } from './state/table.ts';
import { tableAccounts, unaffordable } from './table-accounts.ts';
import { AT, FLAGS } from './transaction/layout.ts';

const DEFAULT_CAPACITY = 2 ** 20;
/** Two blocks may be planned, and all their keys may be without a record: failing transactions must not fill the table. */
const SPARE_SLOTS = 2 * MAX_BLOCK_KEYS;
/** More blocks than can be ordered and not executed: each gets its share of what room there is. */
const BLOCKS_AHEAD = 6;
const PROGRAMS_MODULE = new URL(
  import.meta.url.endsWith('.ts') ? './programs/index.ts' : './programs/index.js',
  import.meta.url,
).href;

/**
 * Opens a ledger: newest good snapshot, then the log behind it block by block, each root held against the one that was
 * sealed. Resolved, it takes transactions.
 * @throws LEDGER_GENESIS_INVALID, LEDGER_LOG_CORRUPT, LEDGER_SNAPSHOT_INVALID, LEDGER_ROOT_MISMATCH, LEDGER_STATE_FULL,
 *   LEDGER_LOG_UNWRITABLE
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const genesis = openGenesis(options.genesis);
  const { network, feeAccount } = genesis;
  const { onPoint, onProgress = () => undefined } = options;
  const snapshots = join(options.folder, 'snapshots');
  await mkdir(snapshots, { recursive: true, mode: 0o700 });
  const folder = join(options.folder, 'log');
  const log = await openBlockLog({ folder, network, ...(onPoint === undefined ? {} : { onPoint }) });
  const lanes = options.lanes ?? Math.max(1, availableParallelism() - 1);
  const records = options.capacity ?? DEFAULT_CAPACITY;
  const capacity = records + SPARE_SLOTS;
  const { minGasPrice = 1n } = options;
  const threaded = options.hasherThread ?? lanes > 0;
  const hasher = threaded ? hasherThread(capacity) : hasherHere(capacity);
  let executor: BlockExecutor | undefined;
  try {
    // The log is locked now: nobody else is writing a snapshot.
    await removeSnapshotLeftovers(snapshots);
    const restored = await restoreState(snapshots, genesis, capacity, hasher, log);
    for (const why of restored.skipped) onProgress(`snapshot left out: ${why}`);
    const { table, header } = restored;
    const { map: programs, module: programsModule } = options.programs ?? { map: PROGRAMS, module: PROGRAMS_MODULE };
    executor = await BlockExecutor.start({ table, programs, programsModule, network, feeAccount, lanes });
    let onFailure: (error: unknown) => void = () => undefined;
    let onSealed: (sealed: Sealed) => Promise<void> | void = () => undefined;
    const pipeline = new BlockPipeline({
      executor,
      hasher,
      head: header,
      onSealed: (sealed) => onSealed(sealed),
      onFailure: (error) => onFailure(error),
    });
    const judge = new ReplayJudge(log, header.height + 1n);
    onSealed = (sealed) => judge.checkSeal(sealed);
    await replay(pipeline, log, onProgress).finally(() => judge.close());
    const signatures = options.signatures ?? createSignatureChecker();
    const running = executor;
    const checks = { network, signatures, proofs: options.proofs };
    const accounts = tableAccounts(table);
    const queue = new AdmissionQueue({
      ...checks,
      refusals: () => unaffordable(accounts, minGasPrice),
    });
    const admitMany = async (transactions: readonly Uint8Array[]) => {
      const found = await queue.checkMany(transactions);
      if (running.records < records) return found;
      return found.map((summary, i) => {
        const adds = !(summary instanceof Error) && newRecords(table, transactions[i] as Uint8Array) > 0;
        return adds ? stateFull(records) : summary;
      });
    };
    const parts: OrderingParts = {
      log,
      network,
      accounts,
      admit: async (transaction) => {
        const [summary] = await admitMany([transaction]);
        if (summary instanceof Error) throw summary;
        return summary as TransactionSummary;
      },
      admitMany,
      notBefore: header.time,
      keyRoom: () => Math.min(MAX_BLOCK_KEYS, Math.floor((capacity - table.size) / BLOCKS_AHEAD)),
      recordRoom: () => ({ room: records - running.records, of: (transaction) => newRecords(table, transaction) }),
      checkBatch: (batch) => checkBatch(batch, checks),
      transactionsRoot: rootOf,
    };
    const ordering = options.ordering?.(parts) ?? embedded(parts, options);
    const ledger = new OpenLedger({
      options,
      log,
      table,
      executor,
      hasher,
      pipeline,
      ordering,
      queue,
      snapshots,
      lanes,
    });
    onSealed = (sealed) => ledger.sealed(sealed);
    onFailure = (error) => ledger.failed(error as Error);
    ledger.begin();
    return ledger;
  } catch (error) {
    await Promise.allSettled([executor?.close(), hasher.close(), log.close()]);
    throw error;
  }
}

/** How many records a transaction whose form was checked could make. Those of none are let in always: they may free some. */
function newRecords(table: StateTable, bytes: Uint8Array): number {
  const writes = bytes[AT.writes] ?? 0;
  const reads = bytes[AT.reads] ?? 0;
  const keys = writes + reads + (bytes[AT.credits] ?? 0);
  let made = ((bytes[AT.flags] ?? 0) & FLAGS.tag) === 0 ? 0 : 1;
  for (let i = 0; i < keys; i += 1) {
    if (i >= writes && i < writes + reads) continue;
    const at = AT.keys + i * KEY_BYTES;
    const slot = table.find(bytes.subarray(at, at + KEY_BYTES));
    if (slot < 0 || table.lengthOf(slot) === 0) made += 1;
  }
  return made;
}

/** Nothing more is let in before the table itself is full, which would stop the ledger. */
function stateFull(records: number): LedgerError {
  return new LedgerError('LEDGER_STATE_FULL', `the state has as many records as this peer takes: ${records}`, {
    hint: 'its operator must start it with a larger ledger.capacity; nothing is lost',
  });
}

function embedded(parts: OrderingParts, { blockTime, blockTransactions, clock, onPoint }: LedgerOptions) {
  return new EmbeddedOrdering({
    ...parts,
    ...(blockTime === undefined ? {} : { blockTime }),
    ...(blockTransactions === undefined ? {} : { blockTransactions }),
    ...(clock === undefined ? {} : { clock }),
    ...(onPoint === undefined ? {} : { onPoint }),
  });
}

function rootOf(batch: BlockBatch): Uint8Array {
  return transactionsRoot(batch, batchIds(batch));
}

async function replay(
  pipeline: BlockPipeline,
  log: Awaited<ReturnType<typeof openBlockLog>>,
  onProgress: (text: string) => void,
): Promise<void> {
  const from = pipeline.head.header.height + 1n;
  if (log.head.height < from) return;
  let said = performance.now();
  for await (const block of log.read(from)) {
    checkOrdered(block);
    await pipeline.push(block);
    if (performance.now() - said > 2000) {
      said = performance.now();
      onProgress(`replayed block ${block.height} of ${log.head.height}`);
    }
  }
  await pipeline.idle();
}
