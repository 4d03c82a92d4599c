import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withFileLock } from '../../../src/base/file-lock.ts';
import { coded } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';

const ADDER = fileURLToPath(new URL('./lock-adder.ts', import.meta.url));

test('work under one lock never overlaps, and the lock is gone afterwards', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'x');
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      withFileLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(2);
        inside -= 1;
      }),
    ),
  );
  assert.equal(most, 1);
  assert.deepEqual(await readdir(dir), []);
});

test('four processes that count in one file lose no step', async (t) => {
  const path = join(await tempDir(t), 'count');
  await writeFile(path, '0');
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, [ADDER, path, '25'], { stdio: 'inherit' }));
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.equal(await readFile(path, 'utf8'), '100');
});

test('the lock of a killed process is taken over', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'count');
  await writeFile(path, '0');
  assert.equal(spawnSync(process.execPath, [ADDER, path, 'die']).signal, 'SIGKILL');
  assert.ok((await readdir(dir)).includes('count.lock'));
  assert.equal(await withFileLock(path, async () => 'mine', 0), 'mine');
  assert.deepEqual(await readdir(dir), ['count'], 'nothing of the dead one is left');
});

test('a lock with our pid that we do not hold is a dead namesake, as after a restart in a container', async (t) => {
  const path = join(await tempDir(t), 'x');
  const owner = { pid: process.pid, host: hostname(), born: '', token: 'someone', at: Date.now() };
  await writeFile(`${path}.lock`, JSON.stringify(owner));
  assert.equal(await withFileLock(path, async () => 'mine', 0), 'mine');
});

test('a lock that is held for long says now and then that its owner lives, for other machines to see', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'x');
  const read = async () => JSON.parse(await readFile(`${path}.lock`, 'utf8')) as { at: number; token: string };
  t.mock.timers.enable({ apis: ['setInterval'] });
  await withFileLock(path, async () => {
    const before = await read();
    await sleep(5);
    t.mock.timers.tick(15_000);
    while ((await read()).at === before.at) await sleep(5);
    assert.equal((await read()).token, before.token);
  });
  assert.deepEqual(await readdir(dir), []);
});

test('a pid that another process has by now is no owner', async (t) => {
  const path = join(await tempDir(t), 'x');
  const owner = { pid: process.ppid, host: hostname(), born: 'another-boot:1', token: 'someone', at: Date.now() };
  await writeFile(`${path}.lock`, JSON.stringify(owner));
  // Where the system shows no start times, only a dead pid is proof; there the lock stands.
  if (process.platform === 'linux') assert.equal(await withFileLock(path, async () => 'mine', 0), 'mine');
  else
    await assert.rejects(
      withFileLock(path, async () => 'mine', 0),
      coded('FILE_LOCKED'),
    );
});

test('a live lock, and a young one of another machine, are waited for and then reported', async (t) => {
  const path = join(await tempDir(t), 'x');
  const foreign = { pid: 1, host: 'another-machine', born: '', token: 'someone', at: Date.now() };
  await writeFile(`${path}.lock`, JSON.stringify(foreign));
  await assert.rejects(
    withFileLock(path, async () => 'mine', 30),
    coded('FILE_LOCKED'),
  );
  await writeFile(`${path}.lock`, JSON.stringify({ ...foreign, at: Date.now() - 120_000 }));
  assert.equal(await withFileLock(path, async () => 'mine', 0), 'mine');
  await withFileLock(path, async () => {
    await assert.rejects(
      withFileLock(path, async () => 'mine', 30),
      coded('FILE_LOCKED'),
    );
  });
});

test('a lock file that is none is cleared away', async (t) => {
  const path = join(await tempDir(t), 'x');
  for (const content of ['', '{', 'null', '{"pid":"x"}']) {
    await writeFile(`${path}.lock`, content);
    assert.equal(await withFileLock(path, async () => 'mine', 0), 'mine');
  }
});

test('a failure inside frees the lock and comes out unchanged', async (t) => {
  const path = join(await tempDir(t), 'x');
  await assert.rejects(
    withFileLock(path, async () => {
      throw new Error('ours');
    }),
    /^Error: ours$/,
  );
  assert.equal(await withFileLock(path, async () => 'mine', 0), 'mine');
});
