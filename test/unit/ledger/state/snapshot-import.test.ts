import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { importSnapshot, type SnapshotImport } from '../../../../src/ledger/state/snapshot.ts';
import {
  listSnapshots,
  pruneSnapshots,
  removeSnapshotLeftovers,
  snapshotPath,
} from '../../../../src/ledger/state/snapshot-folder.ts';
import { type SnapshotEntry, writeSnapshot } from '../../../../src/ledger/state/snapshot-writer.ts';
import { StateTable } from '../../../../src/ledger/state/table.ts';
import { StateTree } from '../../../../src/ledger/state/tree.ts';
import { deltaOf } from './records.ts';
import { entriesOf, folder, head } from './snapshot-files.ts';

const rootOf = (entries: SnapshotEntry[]): Uint8Array =>
  new StateTree(8192).apply(deltaOf(entries.map(({ key, value }, slot) => ({ slot, key, value }))));

/** A snapshot whose header is its state root. */
async function written(entries: SnapshotEntry[], root = rootOf(entries)): Promise<string> {
  const path = join(folder(), 'a.zks');
  await writeSnapshot(path, { ...head, header: root }, entries);
  return path;
}

function target(change: Partial<SnapshotImport> = {}) {
  const table = new StateTable(8192);
  const tree = new StateTree(8192);
  const into: SnapshotImport = {
    network: head.network,
    capacity: 8192,
    stateRootOf: ({ header }) => header,
    put: (key, value) => table.put(key, value),
    build: (records) => tree.build(records),
    ...change,
  };
  return { table, tree, into };
}

describe('importing a snapshot', () => {
  it('brings the records and their tree', async () => {
    const entries = entriesOf(3000);
    const { table, tree, into } = target();
    const found = await importSnapshot(await written(entries), into);
    assert.deepEqual([found.height, found.entries], [head.height, 3000]);
    assert.deepEqual(tree.root, rootOf(entries));
    for (const { key, value } of entries) assert.deepEqual(table.get(key), value);
  });

  it('refuses records that are not those of the header', async () => {
    const path = await written(entriesOf(300), rootOf(entriesOf(299)));
    await assert.rejects(importSnapshot(path, target().into), { code: 'LEDGER_ROOT_MISMATCH' });
  });

  it('refuses a record that is there twice', async () => {
    const path = await written([...entriesOf(30), ...entriesOf(1)], rootOf(entriesOf(30)));
    await assert.rejects(importSnapshot(path, target().into), { code: 'LEDGER_KEY_INVALID' });
  });

  it('refuses another network before the first record, and more records than there is room for', async () => {
    const path = await written(entriesOf(30));
    const other = target({ network: new Uint8Array(16) });
    await assert.rejects(importSnapshot(path, other.into), { code: 'LEDGER_SNAPSHOT_INVALID' });
    assert.equal(other.table.size, 0);
    await assert.rejects(importSnapshot(path, target({ capacity: 29 }).into), { code: 'LEDGER_STATE_FULL' });
    await importSnapshot(path, target({ capacity: 30 }).into);
  });
});

describe('a folder of snapshots', () => {
  it('lists the newest first, keeps as many as it is told and loses leftovers', async () => {
    const dir = folder();
    assert.deepEqual(await listSnapshots(join(dir, 'none')), []);
    const heights = [9n, 10n, 2n ** 64n - 1n, 1n];
    for (const height of heights) await writeSnapshot(snapshotPath(dir, height), { ...head, height }, entriesOf(1));
    const left = `.${snapshotPath('', 10n)}.tmp-0123456789abcdef`;
    for (const name of [left, 'notes.txt', 'snapshot-1.zks', '.snapshot.tmp-1']) writeFileSync(join(dir, name), '');
    const listed = await listSnapshots(dir);
    assert.deepEqual(
      listed.map(({ height }) => height),
      [2n ** 64n - 1n, 10n, 9n, 1n],
    );
    assert.ok(listed.every(({ path }) => existsSync(path)));
    const pruned = await pruneSnapshots(dir, 2);
    assert.deepEqual(
      pruned.map(({ height }) => height),
      [9n, 1n],
    );
    await removeSnapshotLeftovers(dir);
    const names = ['.snapshot.tmp-1', 'notes.txt', 'snapshot-00000000000000000010.zks', 'snapshot-1.zks'];
    assert.deepEqual(readdirSync(dir).sort(), [...names, 'snapshot-18446744073709551615.zks'].sort());
    await pruneSnapshots(dir, 0);
    assert.equal((await listSnapshots(dir)).length, 1);
  });
});
