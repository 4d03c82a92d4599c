import { rename, stat } from 'node:fs/promises';
import { equalBytes, toHex } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import { type BlockHeader, decodeHeader, encodeHeader } from '../block/header.ts';
import { batchIds, transactionsRoot } from '../block/identify.ts';
import { HASH_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { OpenedGenesis } from '../genesis.ts';
import type { Hasher } from '../hasher/work.ts';
import type { BlockLog, OrderedBlock, Seal } from '../log/interface.ts';
import { importSnapshot } from '../state/snapshot.ts';
import { listSnapshots } from '../state/snapshot-folder.ts';
import { LEAST_ENTRY_BYTES } from '../state/snapshot-format.ts';
import { StateTable } from '../state/table.ts';
import type { Sealed } from './pipeline.ts';

export interface Restored {
  readonly table: StateTable;
  /** Of the snapshot's block, or of the genesis. */
  readonly header: BlockHeader;
  /** Snapshots that were not good, and why; the next older one was taken. */
  readonly skipped: readonly string[];
}

/**
 * The state to replay from: the newest good snapshot that the log goes on from, else the genesis.
 * @throws LEDGER_SNAPSHOT_INVALID if none is good and the log no longer begins at the first block
 */
export async function restoreState(
  folder: string,
  genesis: OpenedGenesis,
  capacity: number,
  hasher: Hasher,
  log: BlockLog,
): Promise<Restored> {
  const skipped: string[] = [];
  const top = log.head.height;
  for (const { path, height } of await listSnapshots(folder)) {
    if (height + 1n < log.oldest || height > top) {
      skipped.push(`${path}: the log has heights ${log.oldest} to ${top}`);
      // The log was set back: blocks that are ordered from here on make another past than this snapshot's.
      if (height > top) await rename(path, `${path}.of-another-log`);
      continue;
    }
    if (height >= log.oldest && height > (log.sealed ?? 0n)) {
      skipped.push(`${path}: the log has no header of its block yet`);
      continue;
    }
    const table = new StateTable(capacity, (await stat(path)).size / LEAST_ENTRY_BYTES);
    try {
      const head = await importSnapshot(path, {
        network: genesis.network,
        capacity,
        stateRootOf: ({ header }) => decodeHeader(header).stateRoot,
        put: (key, value) => table.put(key, value),
        build: (records) => hasher.build(records),
      });
      const header = decodeHeader(head.header);
      await checkBelongs(header, head.header, log);
      return { table, header, skipped };
    } catch (error) {
      skipped.push(messageOf(error));
    }
  }
  if (log.oldest > 1n) {
    throw new LedgerError(
      'LEDGER_SNAPSHOT_INVALID',
      `the log begins at height ${log.oldest}, and no snapshot leads there: ${skipped.join('; ') || 'there is none'}`,
      { hint: 'import a snapshot of a peer (zkbazaar ledger import), or begin with an empty folder and follow one' },
    );
  }
  return { ...(await fromGenesis(genesis, capacity, hasher)), skipped };
}

/** Whether the log has the block that a snapshot is of. @throws LEDGER_ROOT_MISMATCH */
async function checkBelongs(header: BlockHeader, encoded: Uint8Array, log: BlockLog): Promise<void> {
  // A log that begins right behind the snapshot was made for it.
  if (header.height < log.oldest) return;
  for await (const seal of log.seals(header.height)) {
    if (seal.height !== header.height) break;
    if (!equalBytes(seal.header, encoded)) throw mismatch(header, decodeHeader(seal.header), 'the log');
    break;
  }
  for await (const { transactionsRoot, time, batch } of log.read(header.height, header.height)) {
    const other = { ...header, transactionsRoot, time, transactions: batch.count };
    if (!equalBytes(encodeHeader(other), encoded)) throw mismatch(header, other, 'the log');
  }
}

async function fromGenesis(genesis: OpenedGenesis, capacity: number, hasher: Hasher) {
  const { records, network } = genesis;
  const table = new StateTable(capacity, records.length);
  const slots = records.map(({ key, value }) => table.put(key, value));
  const stateRoot = await hasher.build({
    count: records.length,
    slots: Int32Array.from(slots),
    keys: packed(
      records.map(({ key }) => key),
      HASH_BYTES,
    ),
    lengths: Uint8Array.from(records, ({ value }) => value.length),
    values: packed(
      records.map(({ value }) => value),
      128,
    ),
  });
  const none = new Uint8Array(HASH_BYTES);
  const time = BigInt(genesis.genesis.time);
  const roots = { parent: none, transactionsRoot: none, stateRoot, receiptsRoot: none };
  return { table, header: { network, height: 0n, time, transactions: 0, ...roots } };
}

function packed(parts: readonly Uint8Array[], stride: number): Uint8Array {
  const bytes = new Uint8Array(parts.length * stride);
  parts.forEach((part, i) => {
    bytes.set(part, i * stride);
  });
  return bytes;
}

/** Holds replayed blocks against what the log says they came to. */
export class ReplayJudge {
  readonly #log: BlockLog;
  readonly #seals: AsyncGenerator<Seal, void, undefined>;
  #ended = false;

  constructor(log: BlockLog, from: bigint) {
    this.#log = log;
    this.#seals = log.seals(from);
  }

  async close(): Promise<void> {
    await this.#seals.return();
  }

  /** @throws LEDGER_ROOT_MISMATCH naming height and field */
  async checkSeal({ header }: Sealed): Promise<void> {
    const encoded = encodeHeader(header);
    const next = this.#ended ? undefined : await this.#seals.next();
    if (next === undefined || next.done === true) {
      this.#ended = true;
      await this.#log.appendSeal(header.height, encoded);
      return;
    }
    const seal = next.value;
    if (seal.height === header.height && equalBytes(seal.header, encoded)) return;
    throw mismatch(header, decodeHeader(seal.header), 'the log');
  }
}

/**
 * The ids of a block's transactions.
 * @throws LEDGER_LOG_CORRUPT if the transactions are not those that were ordered
 */
export function checkOrdered({ batch, height, transactionsRoot: expected }: OrderedBlock): Uint8Array {
  const ids = batchIds(batch);
  if (equalBytes(transactionsRoot(batch, ids), expected)) return ids;
  throw new LedgerError('LEDGER_LOG_CORRUPT', `block ${height}: its transactions do not have the root it states`, {
    hint: 'restore the log from a copy, or begin with an empty folder and follow a peer',
  });
}

/** What differs between the header that execution came to and another's. */
export function mismatch(own: BlockHeader, other: BlockHeader, whose: string): LedgerError {
  const fields = ['height', 'time', 'transactions', 'parent', 'transactionsRoot', 'stateRoot', 'receiptsRoot'] as const;
  const text = (value: bigint | number | Uint8Array) => (value instanceof Uint8Array ? toHex(value) : String(value));
  const field = fields.find((name) => text(own[name]) !== text(other[name])) ?? 'network';
  return new LedgerError(
    'LEDGER_ROOT_MISMATCH',
    `block ${own.height}: ${field} is ${text(own[field])} here and ${text(other[field])} in ${whose}`,
    {
      hint: 'one of the two executes differently: compare versions; nothing was changed behind this block',
      where: field,
    },
  );
}
