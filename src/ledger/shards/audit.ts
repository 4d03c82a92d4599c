import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { equalBytes, toHex } from '../../base/bytes.ts';
import { type BlockHeader, decodeHeader, encodeHeader, headerHash } from '../block/header.ts';
import { MAX_BLOCK_KEYS } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { openGenesis } from '../genesis.ts';
import type { Roots } from '../hasher/work.ts';
import type { OrderedBlock, Seal } from '../log/interface.ts';
import { type LogReader, openLogReader } from '../log/read-only.ts';
import { checkOrdered, mismatch } from '../pipeline/recover.ts';
import { checkLayout } from '../transaction/check.ts';
import { ShardGroup } from './group.ts';
import { MAX_SHARDS } from './partition.ts';
import { chooseStart, loadStart, type StartKind } from './start-state.ts';

export interface AuditOptions {
  /** Of the ledger: its `log` and `snapshots` are read. */
  readonly folder: string;
  /** As `genesis.ts` has it; checked here. */
  readonly genesis: unknown;
  /** 1, 2, 4, 8 or 16 threads; default: the largest of these that this machine has cores for. */
  readonly shards?: number | undefined;
  /** What to begin with; default: the genesis, or where the log was pruned the oldest snapshot. */
  readonly from?: StartKind | undefined;
  /** Records at most. */
  readonly capacity: number;
  /** URL of a module that exports PROGRAMS; the ledger's own unless told. */
  readonly programs?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((step: AuditStep) => void) | undefined;
}

/** Where an audit is: reading the log through, giving the shards their state, or behind a block. */
export type AuditStep =
  | { readonly doing: 'log' | 'state' }
  | { readonly doing: 'blocks'; readonly height: bigint; readonly from: bigint; readonly to: bigint };

export interface Audit {
  readonly network: string;
  readonly shards: number;
  readonly start: StartKind;
  /** Height of the state that it began with. */
  readonly from: bigint;
  /** Height up to which every header was compared. */
  readonly to: bigint;
  readonly blocks: number;
  readonly transactions: number;
  /** After the last block. */
  readonly records: number;
  readonly stateRoot: string;
  /** Blocks behind it that the log has, and no header of them: they were not executed here. */
  readonly unsealed: bigint;
  /** Of executing and comparing, without reading the log through and loading the state before it. */
  readonly seconds: number;
}

/** Blocks that the shards may have and that were not compared yet; more would only take memory. */
const AHEAD = 3;

/**
 * A second executor that judges the first: replays a ledger's own log on shards in worker threads and compares every
 * header that comes out with the one that was sealed. Reads only; a node may run on the folder.
 * @throws LEDGER_ROOT_MISMATCH at the first difference, naming height and part; LEDGER_LOG_CORRUPT,
 *   LEDGER_SNAPSHOT_INVALID, LEDGER_GENESIS_INVALID, LEDGER_TRANSACTION_INVALID, LEDGER_STATE_FULL; LEDGER_NOT_FOUND where
 *   there is no log or it was pruned; LEDGER_LANE_FAILED where a thread ended; the signal's reason
 */
export async function auditLedger(options: AuditOptions): Promise<Audit> {
  const { folder, capacity, programs, signal, shards = defaultShards(), onProgress = () => undefined } = options;
  const genesis = openGenesis(options.genesis);
  const { network, feeAccount } = genesis;
  onProgress({ doing: 'log' });
  const log = await openLogReader({ folder: join(folder, 'log'), network, signal });
  const { kind, state } = await chooseStart(genesis, log, join(folder, 'snapshots'), options.from);
  const slots = slotsFor(capacity, shards);
  const group = await ShardGroup.start({ shards, capacity: slots, network, feeAccount, programs, signal });
  try {
    onProgress({ doing: 'state' });
    const { header, records } = await loadStart(group, state, genesis, log);
    const to = log.sealed !== undefined && log.sealed > header.height ? log.sealed : header.height;
    if (to > header.height) onProgress({ doing: 'blocks', height: header.height, from: header.height, to });
    const started = performance.now();
    const replayed = await replay({ group, log, header, records, to, onProgress });
    return {
      network: toHex(network),
      shards,
      start: kind,
      from: header.height,
      to,
      ...replayed,
      unsealed: log.head.height > to ? log.head.height - to : 0n,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await group.close();
  }
}

interface Replay {
  readonly group: ShardGroup;
  readonly log: LogReader;
  /** Of the state that the shards have. */
  readonly header: BlockHeader;
  readonly records: number;
  readonly to: bigint;
  readonly onProgress: (step: AuditStep) => void;
}

async function replay({ group, log, header, to, onProgress, ...begun }: Replay) {
  const from = header.height;
  const judge = new SealJudge(header, log);
  const running: { block: OrderedBlock; executed: Promise<Roots & { records: number }> }[] = [];
  let { records } = begun;
  let [blocks, transactions] = [0, 0];
  const settle = async () => {
    const next = running.shift();
    if (next === undefined) return;
    const executed = await next.executed;
    await judge.compare(next.block, executed);
    records = executed.records;
    blocks += 1;
    transactions += next.block.batch.count;
    onProgress({ doing: 'blocks', height: next.block.height, from, to });
  };
  try {
    for await (const block of blocksOf(log, from + 1n, to)) {
      checkForm(block);
      while (running.length >= AHEAD) await settle();
      const executed = group.execute(block);
      executed.catch(() => undefined);
      running.push({ block, executed });
    }
    while (running.length > 0) await settle();
  } finally {
    await judge.close();
  }
  return { blocks, transactions, records, stateRoot: toHex(judge.head.stateRoot) };
}

async function* blocksOf(log: LogReader, from: bigint, to: bigint): AsyncGenerator<OrderedBlock, void, undefined> {
  if (from <= to) yield* log.read(from, to);
}

/**
 * What the executors rely on, and what admission has checked once; signatures are not looked at again.
 * @throws LEDGER_TRANSACTION_INVALID, LEDGER_LOG_CORRUPT
 */
function checkForm(block: OrderedBlock): void {
  const { bytes, offsets, count } = block.batch;
  for (let i = 0; i < count; i += 1) {
    try {
      checkLayout(bytes, offsets[i] as number, offsets[i + 1] as number);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      const place = `block ${block.height}, transaction ${i}`;
      throw new LedgerError(error.code, `${place}: ${error.message}`, { where: place, hint: error.hint });
    }
  }
  checkOrdered(block);
}

/** Makes the header of each executed block and holds it against the sealed one. */
class SealJudge {
  readonly #seals: AsyncGenerator<Seal, void, undefined>;
  head: BlockHeader;

  constructor(head: BlockHeader, log: LogReader) {
    this.head = head;
    this.#seals = log.seals(head.height + 1n);
  }

  /** @throws LEDGER_ROOT_MISMATCH naming height and part */
  async compare({ height, time, transactionsRoot, batch }: OrderedBlock, roots: Roots): Promise<void> {
    const { network } = this.head;
    const parent = headerHash(this.head);
    const { stateRoot, receiptsRoot } = roots;
    const transactions = batch.count;
    const own = { network, height, time, transactions, parent, transactionsRoot, stateRoot, receiptsRoot };
    const { value: seal } = await this.#seals.next();
    if (seal === undefined) throw new LedgerError('LEDGER_NOT_FOUND', `the header of block ${height} is not kept`);
    if (!equalBytes(seal.header, encodeHeader(own))) throw mismatch(own, decodeHeader(seal.header), 'the log');
    this.head = own;
  }

  async close(): Promise<void> {
    await this.#seals.return();
  }
}

function defaultShards(): number {
  return Math.min(MAX_SHARDS, 2 ** Math.floor(Math.log2(availableParallelism())));
}

/** Keys go to shards by their hash: twice the mean is never reached by chance. One block may name others' keys beside. */
function slotsFor(capacity: number, shards: number): number {
  return Math.min(capacity, 2 * Math.ceil(capacity / shards) + 1024) + MAX_BLOCK_KEYS;
}
