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

export interface Begun {
  readonly kind: StartKind;
  /** Of the state that the shards have now. */
  readonly header: BlockHeader;
}

/**
 * Gives the shards the oldest state from which the log can be replayed (the genesis, or the oldest snapshot), or that of
 * the kind that is asked for.
 * @throws LEDGER_NOT_FOUND where there is none; LEDGER_SNAPSHOT_INVALID; LEDGER_ROOT_MISMATCH for a snapshot of another past
 */
export async function begin(
  group: ShardGroup,
  genesis: OpenedGenesis,
  log: LogReader,
  snapshots: string,
  wanted: StartKind | undefined,
): Promise<Begun> {
  const kind = wanted ?? (log.oldest === 1n ? 'genesis' : 'snapshot');
  if (kind === 'snapshot') return { kind, header: await fromSnapshot(group, genesis, log, snapshots) };
  if (log.oldest !== 1n) {
    throw new LedgerError('LEDGER_NOT_FOUND', `the log was pruned: it begins at height ${log.oldest}`, {
      hint: 'audit it from its oldest snapshot (--from snapshot), or a peer that keeps all blocks',
    });
  }
  return { kind, header: await fromGenesis(group, genesis) };
}

async function fromGenesis(group: ShardGroup, { genesis, network, records }: OpenedGenesis): Promise<BlockHeader> {
  const { stateRoot } = await group.load({ records });
  const none = new Uint8Array(HASH_BYTES);
  const roots = { parent: none, transactionsRoot: none, stateRoot, receiptsRoot: none };
  return { network, height: 0n, time: BigInt(genesis.time), transactions: 0, ...roots };
}

async function fromSnapshot(
  group: ShardGroup,
  { network }: OpenedGenesis,
  log: LogReader,
  folder: string,
): Promise<BlockHeader> {
  const state = await oldestSnapshot(log, folder);
  const { snapshot, stateRoot, records } = await group.load(state);
  if (snapshot === undefined) throw new Error('a snapshot has a header');
  const header = decodeHeader(snapshot.header);
  if (!equalBytes(header.network, network) || header.height !== snapshot.height) {
    throw new LedgerError('LEDGER_SNAPSHOT_INVALID', 'the snapshot is of another network or height than its header', {
      where: state.snapshot,
    });
  }
  if (records !== snapshot.entries) {
    throw new LedgerError(
      'LEDGER_SNAPSHOT_INVALID',
      `the snapshot has ${snapshot.entries} records of ${records} different keys`,
      { where: state.snapshot },
    );
  }
  checkStart(header, stateRoot);
  await checkSealed(header, snapshot.header, log);
  return header;
}

function checkStart(header: BlockHeader, stateRoot: Loaded['stateRoot']): void {
  if (equalBytes(header.stateRoot, stateRoot)) return;
  throw mismatch({ ...header, stateRoot }, header, 'the header of the snapshot');
}

/** Whether the log has this very block, where it reaches back to it. */
async function checkSealed(header: BlockHeader, encoded: Uint8Array, log: LogReader): Promise<void> {
  if (header.height < log.oldest) return;
  for await (const seal of log.seals(header.height)) {
    if (!equalBytes(seal.header, encoded)) throw mismatch(header, decodeHeader(seal.header), 'the log');
    return;
  }
}

async function oldestSnapshot(log: LogReader, folder: string): Promise<StartState & { snapshot: string }> {
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
