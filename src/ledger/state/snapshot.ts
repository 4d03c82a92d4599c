import { equalBytes, toHex } from '../../base/bytes.ts';
import { KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { SnapshotHead } from './snapshot-format.ts';
import { readSnapshot } from './snapshot-reader.ts';
import type { StateDelta } from './tree-changes.ts';

/** Where imported records go, and what they are held against. */
export interface SnapshotImport {
  /** 16 bytes; a snapshot of another network is refused before its first record. */
  readonly network: Uint8Array;
  /** The state root that the header names; throws where the header is none. */
  stateRootOf(head: SnapshotHead): Uint8Array;
  /** Records that there is room for. */
  readonly capacity: number;
  /** Keeps a record (views, to be copied) and gives its slot. @throws LEDGER_STATE_FULL */
  put(key: Uint8Array, value: Uint8Array): number;
  /** Builds the tree of exactly these records (`StateTree.build`), in whichever thread, and gives its root. */
  build(records: StateDelta): Uint8Array | Promise<Uint8Array>;
}

/**
 * Reads a snapshot, keeps its records, builds their tree and compares its root with the header's. After an error the
 * records that were put are of no use.
 * @throws what `readSnapshot` throws; LEDGER_SNAPSHOT_INVALID for another network; LEDGER_ROOT_MISMATCH
 */
export async function importSnapshot(
  path: string,
  into: SnapshotImport,
  signal?: AbortSignal,
): Promise<SnapshotHead & { entries: number }> {
  let expected = new Uint8Array();
  let records = roomFor(0);
  let count = 0;
  const head = await readSnapshot(
    path,
    {
      onHead(read, most) {
        if (!equalBytes(read.network, into.network)) {
          throw new LedgerError(
            'LEDGER_SNAPSHOT_INVALID',
            `the snapshot is of network ${toHex(read.network)}, not of ${toHex(into.network)}`,
          );
        }
        expected = new Uint8Array(into.stateRootOf(read));
        records = roomFor(Math.min(most, into.capacity));
      },
      onEntry(key, value) {
        if (count === into.capacity) {
          throw new LedgerError(
            'LEDGER_STATE_FULL',
            `the snapshot has more records than the ${into.capacity} there is room for`,
            {
              hint: 'start the peer with a larger ledger.capacity',
            },
          );
        }
        records.slots[count] = into.put(key, value);
        records.keys.set(key, count * KEY_BYTES);
        records.lengths[count] = value.length;
        records.values.set(value, count * MAX_RECORD_BYTES);
        count += 1;
      },
    },
    signal,
  );
  const root = await into.build({ ...records, count });
  if (equalBytes(root, expected)) return head;
  throw new LedgerError(
    'LEDGER_ROOT_MISMATCH',
    `the snapshot of height ${head.height} has state root ${toHex(root)}, its header ${toHex(expected)}`,
    { hint: 'it is not of the block whose header it carries: take another one' },
  );
}

/** Shared, so that another thread can build the tree; what is not written to takes no memory. */
function roomFor(most: number): Omit<StateDelta, 'count'> {
  return {
    slots: new Int32Array(new SharedArrayBuffer(most * 4)),
    keys: new Uint8Array(new SharedArrayBuffer(most * KEY_BYTES)),
    lengths: new Uint8Array(new SharedArrayBuffer(most)),
    values: new Uint8Array(new SharedArrayBuffer(most * MAX_RECORD_BYTES)),
  };
}
