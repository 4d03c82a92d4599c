import assert from 'node:assert/strict';
import { chmod, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Database } from '../../../src/store/database.ts';
import { openStore, StoreError, StoreErrorCode } from '../../../src/store/index.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { envelope, NOW, nullifier, tempStore } from './make.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof StoreError && error.code === code;

test('one owner at a time; readers may look on', async (t) => {
  const { store, dataDir } = await tempStore(t);
  await assert.rejects(openStore({ dataDir }), hasCode(StoreErrorCode.Locked));
  const reader = await openStore({ dataDir, readonly: true });
  await store.accept([{ envelope: envelope(1) }], NOW);
  assert.equal(await reader.envelopes.count(), 1);
  await assert.rejects(reader.accept([{ envelope: envelope(2) }], NOW), hasCode(StoreErrorCode.Readonly));
  await reader.close();
  await store.close();
  await (await openStore({ dataDir })).close();
});

test('a reader of nothing, and a data folder that is a file', async (t) => {
  const dataDir = await tempDir(t);
  await assert.rejects(openStore({ dataDir, readonly: true }), hasCode(StoreErrorCode.Io));
  const file = join(dataDir, 'file');
  await writeFile(file, 'x');
  await assert.rejects(openStore({ dataDir: file }), hasCode(StoreErrorCode.Io));
});

test('a file that is no database, a foreign database, and a newer store', async (t) => {
  const garbage = await tempDir(t);
  await writeFile(join(garbage, 'store.sqlite'), 'not a database at all, but long enough to be read as one'.repeat(20));
  await assert.rejects(openStore({ dataDir: garbage }), hasCode(StoreErrorCode.Corrupt));

  const foreign = await tempDir(t);
  const db = new DatabaseSync(join(foreign, 'store.sqlite'));
  db.exec('CREATE TABLE mine (a)');
  db.close();
  await assert.rejects(openStore({ dataDir: foreign }), hasCode(StoreErrorCode.Corrupt));

  const newer = await tempDir(t);
  await (await openStore({ dataDir: newer })).close();
  const future = new DatabaseSync(join(newer, 'store.sqlite'));
  future.exec('PRAGMA user_version = 99');
  future.close();
  await assert.rejects(openStore({ dataDir: newer }), hasCode(StoreErrorCode.Version));
});

test('a damaged store is refused, not served', async (t) => {
  const { store, dataDir } = await tempStore(t);
  for (let n = 0; n < 200; n++) {
    await store.accept([{ envelope: envelope(n, { bytes: new Uint8Array(2000).fill(n) }) }], NOW);
  }
  await store.close();
  const file = await open(join(dataDir, 'store.sqlite'), 'r+');
  const { size } = await file.stat();
  for (let page = 4096; page + 4096 <= size; page += 4096) await file.write(Buffer.alloc(64, 0xa5), 0, 64, page);
  await file.close();
  await assert.rejects(openStore({ dataDir }), hasCode(StoreErrorCode.Corrupt));
  // The refusal gives the lock back.
  await assert.rejects(openStore({ dataDir }), hasCode(StoreErrorCode.Corrupt));
});

test('a full store refuses what is new, keeps what is there, and frees the tags', async (t) => {
  const { store } = await tempStore(t, { maxBytes: 512 * 1024 });
  let kept = 0;
  let failure: unknown;
  for (; kept < 2000; kept++) {
    const held = store.spent.reserve([nullifier(kept)], envelope(1).id);
    const reservation = held.status === 'reserved' ? held.reservation : undefined;
    try {
      await store.accept([{ envelope: envelope(kept, { bytes: new Uint8Array(2000).fill(1) }), reservation }], NOW);
    } catch (error) {
      failure = error;
      break;
    }
  }
  assert.ok(hasCode(StoreErrorCode.Full)(failure), String(failure));
  assert.ok(kept > 50);
  assert.equal(await store.envelopes.count(), kept);
  assert.equal(store.spent.peek([nullifier(kept)], envelope(2).id), 'free');
  assert.equal(store.spent.peek([nullifier(kept - 1)], envelope(2).id), 'spent');
  // Pruning makes room again.
  await store.prune(NOW + 10_000);
  await store.accept([{ envelope: envelope(9000) }], NOW);
});

test('full: what costs its author no proof fills half of the store, and spent tags still have room', async (t) => {
  const { store } = await tempStore(t, { maxBytes: 1024 * 1024 });
  const free = (n: number) => ({ envelope: envelope(n, { kind: 'listing', bytes: new Uint8Array(4000).fill(1) }) });
  let kept = 0;
  while (kept < 2000 && (await store.accept([free(kept)], NOW))[0] === 'accepted') kept++;
  assert.ok(kept > 50 && kept < 200, String(kept));
  assert.equal(await store.envelopes.count(), kept);
  // Side by side in one batch: the one that is refused takes nobody along.
  const held = store.spent.reserve([nullifier(5000)], envelope(1).id);
  const reservation = held.status === 'reserved' ? held.reservation : undefined;
  const results = await store.accept([free(3000), { envelope: envelope(3001), reservation }], NOW);
  assert.deepEqual(results, ['full', 'accepted']);
  assert.equal(store.spent.peek([nullifier(5000)], envelope(2).id), 'spent');
  // Pruning makes room again.
  await store.prune(NOW + 10_000);
  assert.deepEqual(await store.accept([free(3002)], NOW), ['accepted']);
});

test('a file that cannot be written', async (t) => {
  if (process.getuid?.() === 0) {
    // Root writes everywhere, so the read-only case is the one of a reader.
    const { store, dataDir } = await tempStore(t);
    const reader = await openStore({ dataDir, readonly: true });
    t.after(() => reader.close());
    await assert.rejects(reader.values.set('a', 'b', 'c'), hasCode(StoreErrorCode.Readonly));
    await store.close();
    return;
  }
  const dataDir = await tempDir(t);
  await (await openStore({ dataDir })).close();
  await chmod(dataDir, 0o500);
  t.after(() => chmod(dataDir, 0o700));
  await assert.rejects(openStore({ dataDir: join(dataDir, 'below') }), hasCode(StoreErrorCode.Readonly));
});

test('everything is private to its owner', async (t) => {
  const parent = await tempDir(t);
  const { store, dataDir } = await tempStore(t, { dataDir: join(parent, 'data') });
  await store.accept([{ envelope: envelope(1) }], NOW);
  assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  const files = await readdir(dataDir);
  assert.ok(files.includes('store.sqlite-wal'), files.join());
  for (const file of files) assert.equal((await stat(join(dataDir, file))).mode & 0o077, 0, file);
});

test('a closed store says so, twice closed is closed once', async (t) => {
  const { store } = await tempStore(t);
  await store.close();
  await store.close();
  await assert.rejects(store.envelopes.count(), hasCode(StoreErrorCode.Closed));
  await assert.rejects(store.accept([{ envelope: envelope(1) }], NOW), hasCode(StoreErrorCode.Closed));
  assert.throws(() => store.envelopes.has(envelope(1).id), hasCode(StoreErrorCode.Closed));
  await assert.rejects(store.prune(NOW), hasCode(StoreErrorCode.Closed));
});

test('settings that durability rests on', async (t) => {
  const db = new Database({ dataDir: await tempDir(t), readonly: false, maxBytes: 1 << 20 });
  t.after(() => db.close());
  const setting = (name: string) => Object.values(db.statement(`PRAGMA ${name}`).get() ?? {})[0];
  assert.equal(setting('journal_mode'), 'wal');
  assert.equal(setting('synchronous'), 2, 'FULL');
  assert.equal(setting('max_page_count'), 256);
  assert.equal(setting('busy_timeout'), 5000);
});
