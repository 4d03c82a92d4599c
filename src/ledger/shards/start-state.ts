import { basename } from 'node:path';
import { equalBytes } from '../../base/bytes.ts';
import { type BlockHeader, decodeHeader } from '../block/header.ts';
import { HASH_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { OpenedGenesis } from '../genesis.ts';
import type { LogReader } from '../log/read-only.ts';
import { mismatch } from '../pipeline/recover.ts';
import { listSnapshots } from '../state/snapshot-folder.ts';
import type { Loaded, ShardGroup } from './group.ts';
import type { StartState } from './messages.ts';

/** Where an audit begins. */
export type StartKind = 'genesis' | 'snapshot';

export interface Start {
  readonly kind: StartKind;
  readonly state: StartState;
}

/**
 * The oldest state from which the log can be replayed: the genesis, or the oldest snapshot; or that of the kind that is
 * asked for.
 * @param snapshots folder
 * @throws LEDGER_NOT_FOUND where there is none
 */
export async function chooseStart(
  { records }: OpenedGenesis,
  log: LogReader,
  snapshots: string,
  wanted: StartKind | undefined,
): Promise<Start> {
  const kind = wanted ?? (log.oldest === 1n ? 'genesis' : 'snapshot');
  if (kind === 'snapshot') return { kind, state: await oldestSnapshot(log, snapshots) };
  if (log.oldest === 1n) return { kind, state: { records } };
  throw new LedgerError('LEDGER_NOT_FOUND', `the log was pruned: it begins at height ${log.oldest}`, {
    hint: 'audit it from its oldest snapshot (--from snapshot), or a peer that keeps all blocks',
  });
}

/**
 * Gives the shards their parts of a state.
 * @returns the header of the block that it is the state of, and how many records there are
 * @throws LEDGER_SNAPSHOT_INVALID; LEDGER_ROOT_MISMATCH for a snapshot that is not of its header's block or not of the log's
 */
export async function loadStart(
  group: ShardGroup,
  state: StartState,
  genesis: OpenedGenesis,
  log: LogReader,
): Promise<{ header: BlockHeader; records: number }> {
  const loaded = await group.load(state);
  const { records } = loaded;
  if ('snapshot' in state) return { header: await headerOf(state.snapshot, loaded, genesis.network, log), records };
  const none = new Uint8Array(HASH_BYTES);
  const roots = { parent: none, transactionsRoot: none, stateRoot: loaded.stateRoot, receiptsRoot: none };
  const { network } = genesis;
  const header = { network, height: 0n, time: BigInt(genesis.genesis.time), transactions: 0, ...roots };
  return { header, records };
}

async function headerOf(
  path: string,
  { snapshot, stateRoot, records }: Loaded,
  network: Uint8Array,
  log: LogReader,
): Promise<BlockHeader> {
  const invalid = (what: string) => new LedgerError('LEDGER_SNAPSHOT_INVALID', what, { where: basename(path) });
  if (snapshot === undefined) throw invalid('the snapshot has no header');
  const header = decodeHeader(snapshot.header);
  if (!equalBytes(header.network, network) || header.height !== snapshot.height) {
    throw invalid('the snapshot is of another network or height than its header');
  }
  if (records !== snapshot.entries) {
    throw invalid(`the snapshot has ${snapshot.entries} records of ${records} different keys`);
  }
  if (!equalBytes(header.stateRoot, stateRoot)) {
    throw mismatch({ ...header, stateRoot }, header, 'the header of the snapshot');
  }
  await checkSealed(header, snapshot.header, log);
  return header;
}

/** Whether the log has this very block, where it reaches back to it. @throws LEDGER_ROOT_MISMATCH */
async function checkSealed(header: BlockHeader, encoded: Uint8Array, log: LogReader): Promise<void> {
  if (header.height < log.oldest) return;
  for await (const seal of log.seals(header.height)) {
    if (!equalBytes(seal.header, encoded)) throw mismatch(header, decodeHeader(seal.header), 'the log');
    return;
  }
}

async function oldestSnapshot(log: LogReader, folder: string): Promise<StartState> {
  const found = await listSnapshots(folder);
  const oldest = found.findLast(({ height }) => height + 1n >= log.oldest && height <= (log.sealed ?? log.oldest - 1n));
  if (oldest !== undefined) return { snapshot: oldest.path };
  const there = found.length === 0 ? 'there is none' : `those of heights ${found.map((one) => one.height).join(', ')}`;
  throw new LedgerError(
    'LEDGER_NOT_FOUND',
    `no snapshot leads to the log, which begins at height ${log.oldest}: ${there}`,
    { where: folder, hint: 'audit from the genesis (--from genesis) if the log was never pruned' },
  );
}
