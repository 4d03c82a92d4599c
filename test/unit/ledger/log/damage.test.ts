import assert from 'node:assert/strict';
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendAll, blockOf, collect, folder, headerOf, opened } from './blocks.ts';

const CORRUPT = { code: 'LEDGER_LOG_CORRUPT' };
const segmentsOf = (path: string) =>
  readdirSync(path)
    .filter((name) => name.startsWith('blocks-'))
    .sort()
    .map((name) => join(path, name));

/** A closed log, the copy of its marker as it was before the last block, and where the last block's frame begins. */
async function made(last: readonly number[] = [16, 8]): Promise<{ path: string; rewind: () => void; start: number }> {
  const path = folder();
  const log = await opened(path, { segmentBytes: 400 });
  await appendAll(log, 1n, 5n);
  await log.close();
  const marker = readFileSync(join(path, 'log.tail'));
  const start = readFileSync(segmentsOf(path).at(-1) ?? '').length;
  const more = await opened(path, { segmentBytes: 1_000_000 });
  await more.append(blockOf(6n, last));
  await more.close();
  return { path, start, rewind: () => writeFileSync(join(path, 'log.tail'), marker) };
}

/** Keeps the folder private, which `cpSync` does not. */
function copyOf(path: string, copy: string): void {
  rmSync(copy, { recursive: true, force: true });
  cpSync(path, copy, { recursive: true });
  chmodSync(copy, 0o700);
}

test('one flipped bit in any byte of any file is refused, and the refusal names file, byte, height and what to do', async () => {
  const { path } = await made();
  const copy = `${path}-copy`;
  assert.ok(segmentsOf(path).length >= 3);
  copyOf(path, copy);
  for (const name of readdirSync(path)) {
    const bytes = readFileSync(join(path, name));
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Buffer.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      writeFileSync(join(copy, name), flipped);
      await assert.rejects(opened(copy), (error: { code: string; message: string; hint: string; where: string }) => {
        assert.equal(error.code, 'LEDGER_LOG_CORRUPT');
        assert.match(error.message, /^(blocks-\d+\.log|log\.tail), byte \d+, height \d+: \w+/);
        assert.ok(
          error.where.startsWith(`${name}:`) || error.where.startsWith('blocks-'),
          `${name} ${i}: ${error.where}`,
        );
        assert.ok(error.hint.length > 10);
        return true;
      });
      // Nothing was changed by looking.
      assert.deepEqual(readFileSync(join(copy, name)), flipped);
    }
    writeFileSync(join(copy, name), bytes);
  }
});

test('a byte that rots while the log is open is noticed by who reads it', async () => {
  const { path } = await made();
  const log = await opened(path);
  const [first = ''] = segmentsOf(path);
  const bytes = readFileSync(first);
  const at = bytes.length - 50;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(first, bytes);
  await assert.rejects(collect(log.read(1n)), CORRUPT);
  await log.close();
});

test('acknowledged bytes that are missing at the end are refused, at every length', async () => {
  const { path } = await made();
  const last = segmentsOf(path).at(-1) ?? '';
  const bytes = readFileSync(last);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(last, bytes.subarray(0, length));
    await assert.rejects(opened(path), CORRUPT, `length ${length}`);
  }
});

test('missing, exchanged and foreign segments are refused; so is a log without its marker', async () => {
  const { path } = await made();
  const copy = `${path}-copy`;
  const fresh = () => {
    copyOf(path, copy);
    return segmentsOf(copy);
  };
  for (let i = 0; i < segmentsOf(path).length; i++) {
    rmSync(fresh()[i] ?? '');
    await assert.rejects(opened(copy), CORRUPT, `without segment ${i}`);
  }
  const other = segmentsOf((await made()).path);
  for (let i = 0; i < other.length; i++) {
    const mine = fresh();
    // Same heights, same bytes in every block, another log.
    cpSync(other[i] ?? '', mine[i] ?? '');
    if (i === other.length - 1) continue;
    await assert.rejects(opened(copy), CORRUPT, `another log's segment ${i}`);
  }
  const [a = '', b = ''] = fresh();
  renameSync(a, `${a}.x`);
  renameSync(b, a);
  renameSync(`${a}.x`, b);
  await assert.rejects(opened(copy), CORRUPT, 'exchanged');
  fresh();
  rmSync(join(copy, 'log.tail'));
  await assert.rejects(opened(copy), CORRUPT, 'no marker');
  const repaired = await opened(copy, { repair: true });
  assert.equal(repaired.head.height, 6n);
  await repaired.close();
});

test('a frame cut short behind what is known to be acknowledged is a torn tail: cut, reported, and written over', async () => {
  const { path, start, rewind } = await made();
  const last = segmentsOf(path).at(-1) ?? '';
  const bytes = readFileSync(last);
  for (let length = start; length < bytes.length; length++) {
    writeFileSync(last, bytes.subarray(0, length));
    rewind();
    const log = await opened(path);
    assert.deepEqual({ ...log.head }, { height: 5n, time: 1_005n });
    if (length === start) assert.equal(log.cut, undefined);
    else {
      assert.equal(log.cut?.offset, start);
      assert.equal(log.cut?.bytes, length - start);
    }
    await log.append(blockOf(6n));
    await log.close();
  }
});

test('a last frame of full length with a flipped bit is refused, acknowledged or not; repair cuts it', async () => {
  const { path, start, rewind } = await made();
  const last = segmentsOf(path).at(-1) ?? '';
  const bytes = readFileSync(last);
  for (let i = start; i < bytes.length; i++) {
    const flipped = Buffer.from(bytes);
    flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
    writeFileSync(last, flipped);
    rewind();
    await assert.rejects(opened(path), CORRUPT, `byte ${i}`);
  }
  const log = await opened(path, { repair: true });
  assert.equal(log.head.height, 5n);
  assert.match(log.cut?.why ?? '', /repair/);
  await log.close();
});

test('repair does not cut what stands in front of sound frames', async () => {
  const { path, start, rewind } = await made();
  const last = segmentsOf(path).at(-1) ?? '';
  const log = await opened(path, { segmentBytes: 1_000_000 });
  await log.appendSeal(6n, headerOf(6n));
  await appendAll(log, 7n, 8n);
  await log.close();
  const bytes = readFileSync(last);
  for (const at of [start, start + 5, start + 40]) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    writeFileSync(last, flipped);
    rewind();
    await assert.rejects(opened(path, { repair: true }), CORRUPT, `byte ${at}`);
  }
});

test('pages of zeros in the last frame are a torn write, and are refused where they had been acknowledged', async () => {
  const { path, start, rewind } = await made(Array.from({ length: 100 }, () => 248));
  const last = segmentsOf(path).at(-1) ?? '';
  const bytes = readFileSync(last);
  for (let page = Math.floor(start / 4096); page * 4096 < bytes.length; page++) {
    const torn = Buffer.from(bytes);
    torn.fill(0, Math.max(start, page * 4096), Math.min(bytes.length, (page + 1) * 4096));
    writeFileSync(last, torn);
    await assert.rejects(opened(path), CORRUPT, `acknowledged, page ${page}`);
    rewind();
    const log = await opened(path);
    assert.equal(log.head.height, 5n);
    assert.equal(log.cut?.bytes, bytes.length - start);
    await log.append(blockOf(6n));
    await log.close();
  }
  writeFileSync(last, bytes);
  truncateSync(last, bytes.length);
});
