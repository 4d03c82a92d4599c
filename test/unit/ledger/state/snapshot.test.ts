import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SnapshotHead } from '../../../../src/ledger/state/snapshot-format.ts';
import { MAX_CHUNK_BYTES } from '../../../../src/ledger/state/snapshot-format.ts';
import { readSnapshot } from '../../../../src/ledger/state/snapshot-reader.ts';
import { type SnapshotEntry, writeSnapshot } from '../../../../src/ledger/state/snapshot-writer.ts';
import { entriesOf, folder, head } from './snapshot-files.ts';

const NOBODY = 65_534;

async function read(path: string): Promise<{ found: SnapshotHead & { entries: number }; entries: SnapshotEntry[] }> {
  const entries: SnapshotEntry[] = [];
  const found = await readSnapshot(path, {
    onEntry: (key, value) => {
      entries.push({ key: new Uint8Array(key), value: new Uint8Array(value) });
    },
  });
  return { found, entries };
}

interface Refusal {
  code: string;
  message: string;
  where?: string;
}

/** The refusal of a file with these bytes. */
async function refusalOf(dir: string, bytes: Uint8Array): Promise<Refusal> {
  const path = join(dir, 'changed.zks');
  writeFileSync(path, bytes);
  try {
    await readSnapshot(path);
  } catch (error) {
    return error as Refusal;
  }
  throw new Error('a changed snapshot was read');
}

async function written(dir: string, count: number): Promise<Buffer> {
  const path = join(dir, `of-${count}.zks`);
  assert.equal(await writeSnapshot(path, head, entriesOf(count)), count);
  return readFileSync(path);
}

describe('snapshot files', () => {
  it('bring back what was written, from no entry to several chunks, from arrays and generators', async () => {
    const dir = folder();
    const path = join(dir, 'a.zks');
    async function* one(entries: SnapshotEntry[]) {
      yield* entries;
    }
    for (const count of [0, 1, 2, 129, 30_000]) {
      for (const entries of [entriesOf(count), one(entriesOf(count))]) {
        assert.equal(await writeSnapshot(path, head, entries), count);
        const { found, entries: again } = await read(path);
        assert.deepEqual(found, { ...head, entries: count });
        assert.deepEqual(again, entriesOf(count));
      }
    }
    assert.ok(statSync(path).size > 2 * MAX_CHUNK_BYTES);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dir), ['a.zks']);
    const bare = { ...head, header: new Uint8Array() };
    await writeSnapshot(path, bare, []);
    assert.deepEqual((await read(path)).found, { ...bare, entries: 0 });
  });

  it('name the part in which a byte is changed, whichever it is', async () => {
    const dir = folder();
    const bytes = await written(dir, 4);
    const headEnd = 40 + head.header.length + 4;
    const endStart = bytes.length - 32 - 20;
    for (let at = 0; at < bytes.length; at += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = (bytes[at] as number) ^ mask;
        const { code, message, where } = await refusalOf(dir, changed);
        assert.equal(code, 'LEDGER_SNAPSHOT_INVALID');
        assert.equal(where, 'changed.zks');
        const part = [
          [headEnd, 'the head, from byte 0 on'],
          [endStart, `chunk 0, from byte ${headEnd} on`],
          // A changed length makes the end a chunk.
          [endStart + 4, `chunk 1, from byte ${endStart} on`],
          [bytes.length - 32, `the end, from byte ${endStart} on`],
          [bytes.length, `the seal, from byte ${bytes.length - 32} on`],
        ].find(([end]) => at < Number(end))?.[1];
        const isLength = at >= headEnd && at < headEnd + 4;
        assert.ok(isLength || message.includes(`changed.zks: ${part}`), `byte ${at}: ${message}`);
      }
    }
  });

  it('name the chunk of many', async () => {
    const dir = folder();
    const bytes = await written(dir, 60_000);
    const starts = [40 + head.header.length + 4];
    for (let at = starts[0] ?? 0; bytes.readUInt32LE(at) > 0; ) {
      at += 12 + bytes.readUInt32LE(at);
      starts.push(at);
    }
    assert.ok(starts.length >= 5);
    for (const [chunk, start] of starts.slice(0, -1).entries()) {
      const changed = Buffer.from(bytes);
      const at = start + 100_000;
      changed[at] = (changed[at] as number) ^ 4;
      assert.ok((await refusalOf(dir, changed)).message.includes(`chunk ${chunk}, from byte ${start} on`));
    }
    const [first = 0, second = 0, third = 0] = starts;
    const parts = [bytes.subarray(0, first), bytes.subarray(second, third), bytes.subarray(first, second)];
    const swapped = Buffer.concat([...parts, bytes.subarray(third)]);
    assert.ok((await refusalOf(dir, swapped)).message.includes('chunk 0'));
    const without = Buffer.concat([bytes.subarray(0, first), bytes.subarray(second)]);
    assert.ok((await refusalOf(dir, without)).message.includes('chunk 0'));
  });

  it('are refused when cut at any byte, and with bytes behind their end', async () => {
    const dir = folder();
    const bytes = await written(dir, 5);
    for (let length = 0; length < bytes.length; length += 1) {
      const { code, message } = await refusalOf(dir, bytes.subarray(0, length));
      assert.equal(code, 'LEDGER_SNAPSHOT_INVALID');
      assert.match(message, /from byte \d+ on: the file ends within it/);
    }
    assert.match((await refusalOf(dir, Buffer.concat([bytes, Buffer.alloc(1)]))).message, /what follows the seal/);
    assert.match((await refusalOf(dir, Buffer.concat([bytes, bytes]))).message, /what follows the seal/);
  });

  it('are refused where a length has no bound, though the file is as long', async () => {
    const dir = folder();
    const bytes = await written(dir, 1);
    const long = Buffer.concat([bytes, Buffer.alloc(2 * MAX_CHUNK_BYTES)]);
    const header = Buffer.from(long);
    header.writeUInt32LE(4097, 12);
    assert.match((await refusalOf(dir, header)).message, /its header has 4097 bytes/);
    const chunk = Buffer.from(long);
    chunk.writeUInt32LE(MAX_CHUNK_BYTES + 1, 40 + head.header.length + 4);
    assert.match((await refusalOf(dir, chunk)).message, /chunk 0.* its length is 1048577/);
    const newer = Buffer.from(bytes);
    newer.writeUInt32LE(2, 8);
    assert.match((await refusalOf(dir, newer)).message, /its version is 2, not 1/);
  });

  it('are refused where there is none, and where a folder is', async () => {
    const dir = folder();
    await assert.rejects(readSnapshot(join(dir, 'none.zks')), { code: 'LEDGER_NOT_FOUND', where: 'none.zks' });
    await assert.rejects(readSnapshot(dir), { code: 'LEDGER_SNAPSHOT_INVALID' });
  });
});

describe('writing a snapshot', () => {
  for (const [mode, limit, why] of [
    // 512-byte blocks of sh: 512 KiB in one file.
    ['full', 'ulimit -f 1024;', 'EFBIG'],
    ['read-only', '', 'EACCES'],
  ] as const) {
    it(`leaves the old one and nothing else where the disk is ${mode}, and goes on where it is not`, async () => {
      const dir = folder();
      const path = join(dir, 'a.zks');
      if (mode === 'read-only' && process.getuid?.() === 0) chownSync(dir, NOBODY, NOBODY);
      const child = fileURLToPath(new URL('snapshot-child.ts', import.meta.url));
      const words = ['-c', `${limit} exec "$0" "$@"`, process.execPath, child, path, mode, String(NOBODY)];
      const { stdout, stderr } = spawnSync('sh', words);
      const seen = [[50], ['LEDGER_LOG_UNWRITABLE', why], [60]];
      assert.equal(stdout.toString(), JSON.stringify(seen), stderr.toString());
      assert.deepEqual(readdirSync(dir), ['a.zks']);
      assert.equal((await read(path)).found.entries, 60);
    });
  }

  it('leaves the old one and nothing else where entries fail, are malformed, or it is ended', async () => {
    const dir = folder();
    const path = join(dir, 'a.zks');
    await writeSnapshot(path, head, entriesOf(3));
    async function* failing() {
      yield* entriesOf(20_000);
      throw new Error('of the entries');
    }
    await assert.rejects(writeSnapshot(path, head, failing()), { message: 'of the entries' });
    for (const length of [0, 129]) {
      const entry = { key: new Uint8Array(32), value: new Uint8Array(length) };
      await assert.rejects(writeSnapshot(path, head, [entry]), { code: 'LEDGER_KEY_INVALID' });
    }
    const stop = new AbortController();
    async function* endless() {
      for (let n = 0; ; n += 1) {
        if (n === 3) stop.abort(new Error('enough'));
        yield* entriesOf(10_000);
      }
    }
    await assert.rejects(writeSnapshot(path, head, endless(), stop.signal), { message: 'enough' });
    assert.deepEqual(readdirSync(dir), ['a.zks']);
    assert.deepEqual((await read(path)).entries, entriesOf(3));
  });

  it('says so where it may not write', async () => {
    const dir = folder();
    const refused = { code: 'LEDGER_LOG_UNWRITABLE' };
    await assert.rejects(writeSnapshot(join(dir, 'none', 'a.zks'), head, []), refused);
    mkdirSync(join(dir, 'taken'));
    await assert.rejects(writeSnapshot(join(dir, 'taken'), head, entriesOf(3)), refused);
    assert.deepEqual(readdirSync(dir), ['taken']);
  });
});
