import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendAll, blockOf, collect, folder, headerOf, opened } from './blocks.ts';

test('a new log begins where it is told; what was appended is there after reopening, byte for byte', async () => {
  const path = folder();
  const log = await opened(path, { firstHeight: 5n });
  assert.deepEqual({ ...log.head }, { height: 4n, time: 0n });
  assert.equal(log.oldest, 5n);
  await appendAll(log, 5n, 9n);
  await log.append(blockOf(10n, []));
  await log.close();

  const again = await opened(path);
  assert.deepEqual({ ...again.head }, { height: 10n, time: 1_010n });
  assert.equal(again.sealed, 9n);
  assert.equal(again.cut, undefined);
  const blocks = await collect(again.read(5n));
  assert.equal(blocks.length, 6);
  for (const block of blocks) {
    const expected = blockOf(block.height, block.height === 10n ? [] : undefined);
    assert.deepEqual(block.transactionsRoot, expected.transactionsRoot);
    assert.equal(block.time, expected.time);
    assert.deepEqual(Buffer.from(block.batch.bytes), Buffer.from(expected.batch.bytes));
    assert.deepEqual([...block.batch.offsets], [...expected.batch.offsets]);
    assert.ok(block.batch.bytes.buffer instanceof SharedArrayBuffer);
  }
  assert.deepEqual(
    await collect(again.seals(7n)),
    [7n, 8n, 9n].map((height) => ({ height, header: headerOf(height) })),
  );
  await again.close();
});

test('folder 0700, files 0600', { skip: process.platform === 'win32' }, async () => {
  const path = folder();
  const log = await opened(path, { segmentBytes: 200 });
  await appendAll(log, 1n, 3n);
  await log.close();
  assert.equal(statSync(path).mode & 0o777, 0o700);
  const names = readdirSync(path);
  assert.ok(names.length >= 3, String(names));
  for (const name of names) assert.equal(statSync(join(path, name)).mode & 0o777, 0o600, name);
});

test('segments follow each other; any stretch can be read from any height, also by several at once', async () => {
  const path = folder();
  const log = await opened(path, { segmentBytes: 2_000 });
  await appendAll(log, 1n, 60n);
  const segments = readdirSync(path).filter((name) => name.startsWith('blocks-'));
  assert.ok(segments.length > 3, String(segments));
  const reads = [];
  for (let from = 1n; from <= 60n; from += 7n) reads.push(collect(log.read(from, from + 9n > 60n ? 60n : from + 9n)));
  const all = await Promise.all(reads);
  all.forEach((blocks, i) => {
    const from = 1n + 7n * BigInt(i);
    assert.deepEqual(
      blocks.map(({ height }) => height),
      Array.from({ length: blocks.length }, (_, k) => from + BigInt(k)),
    );
    assert.equal(blocks.length, Math.min(10, 61 - Number(from)));
  });
  assert.throws(() => log.read(0n), { code: 'LEDGER_NOT_FOUND' });
  assert.throws(() => log.read(3n, 61n), { code: 'LEDGER_NOT_FOUND' });
  await log.close();
});

test('large blocks: many windows, places and a read in the midst of a segment', async () => {
  const path = folder();
  const log = await opened(path);
  const lengths = Array.from({ length: 2_000 }, (_, i) => 8 * (1 + (i % 200)));
  await appendAll(log, 1n, 12n, lengths);
  await log.close();
  const again = await opened(path);
  for (const block of await collect(again.read(9n, 11n))) {
    assert.equal(Buffer.compare(block.batch.bytes, blockOf(block.height, lengths).batch.bytes), 0);
  }
  assert.equal((await collect(again.seals(10n))).length, 3);
  await again.close();
});

test('heights, times and seals in order only; a refusal changes nothing', async () => {
  const path = folder();
  const log = await opened(path);
  await appendAll(log, 1n, 2n);
  const refusal = { code: 'LEDGER_LOG_UNWRITABLE' };
  await assert.rejects(log.append(blockOf(2n)), refusal);
  await assert.rejects(log.append(blockOf(4n)), refusal);
  await assert.rejects(log.append({ ...blockOf(3n), time: 1n }), refusal);
  await assert.rejects(log.appendSeal(2n, headerOf(2n)), refusal);
  await assert.rejects(log.appendSeal(3n, headerOf(3n)), refusal);
  await log.append(blockOf(3n));
  await assert.rejects(log.appendSeal(3n, new Uint8Array(257)), refusal);
  await log.appendSeal(3n, headerOf(3n));
  await log.close();
  await assert.rejects(log.append(blockOf(4n)), { code: 'LEDGER_CLOSED' });
  const again = await opened(path);
  assert.deepEqual({ ...again.head }, { height: 3n, time: 1_003n });
  assert.equal(again.sealed, 3n);
  await again.close();
});

test('calls queue; seals beyond what is buffered are written', async () => {
  const path = folder();
  const log = await opened(path);
  const appends = [];
  for (let height = 1n; height <= 1_030n; height++) appends.push(log.append(blockOf(height, [8])));
  await Promise.all(appends);
  for (let height = 1n; height <= 1_030n; height++) await log.appendSeal(height, headerOf(height));
  assert.equal((await collect(log.seals(1n))).length, 1_030);
  await log.flush();
  assert.equal((await collect(log.seals(1_020n))).length, 11);
  await log.close();
  const again = await opened(path);
  assert.equal(again.sealed, 1_030n);
  await again.close();
});

test('pruning drops whole segments, never what the newest snapshot needs; a killed one is finished', async () => {
  const path = folder();
  const log = await opened(path, { segmentBytes: 2_000 });
  await appendAll(log, 1n, 60n);
  const before = readdirSync(path).length;
  assert.equal(await log.prune(50n, 0n), 1n, 'no snapshot: nothing goes');
  const oldest = await log.prune(50n, 30n);
  assert.ok(oldest > 1n && oldest <= 31n, String(oldest));
  assert.ok(readdirSync(path).length < before);
  assert.throws(() => log.read(oldest - 1n), { code: 'LEDGER_NOT_FOUND' });
  assert.equal((await collect(log.read(oldest))).length, 61 - Number(oldest));
  await log.close();

  const killed = await opened(path, {
    onPoint: (name) => {
      if (name === 'log.mid-prune') throw new Error('killed');
    },
  });
  await assert.rejects(killed.prune(61n, 60n), { code: 'LEDGER_LOG_UNWRITABLE' });
  await killed.close();
  const again = await opened(path);
  assert.ok(again.oldest > oldest);
  assert.equal((await collect(again.read(again.oldest))).length, 61 - Number(again.oldest));
  await again.append(blockOf(61n));
  await again.close();
  const names = readdirSync(path).filter((name) => name.startsWith('blocks-'));
  assert.equal(names.length, 1, String(names));
});

test('one writer: another in this process, or in another, is refused; another network, too', async () => {
  const path = folder();
  const log = await opened(path);
  await assert.rejects(opened(path), { code: 'FILE_LOCKED' });
  const other = spawnSync(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { openBlockLog } from ${JSON.stringify(import.meta.resolve('../../../../src/ledger/log/block-log.ts'))};
     const network = new Uint8Array(16).fill(7);
     await openBlockLog({ folder: ${JSON.stringify(path)}, network, lockWaitMs: 0 }).catch((error) => console.log(error.code));`,
  ]);
  assert.equal(other.stdout.toString().trim(), 'FILE_LOCKED', other.stderr.toString());
  await log.close();
  await assert.rejects(opened(path, { network: new Uint8Array(16) }), { code: 'LEDGER_LOG_CORRUPT' });
  const again = await opened(path);
  await again.close();
});
