import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { appendAll, collect, folder, headerOf, opened } from './blocks.ts';

const CHILD = fileURLToPath(new URL('disk-child.ts', import.meta.url));
const NOBODY = 65_534;

function run(path: string, mode: string, limit: string, uid: number): unknown[] {
  const command = `${limit} exec "$0" "$@"`;
  const { stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, CHILD, path, mode, String(uid)]);
  assert.ok(stdout.length > 0, stderr.toString());
  return JSON.parse(stdout.toString()) as unknown[];
}

const sh = (command: string, path: string) => spawnSync('sh', ['-c', command, path]).status === 0;

test('no room: a coded error, nothing of the block in the log, and it goes on when there is room', async () => {
  const path = folder();
  // 512-byte blocks of sh: 64 KiB in one file.
  const seen = run(path, 'full', 'ulimit -f 128;', 0);
  const refusal = { code: 'LEDGER_LOG_UNWRITABLE', hinted: true, cause: 'EFBIG' };
  assert.deepEqual(seen, ['done', refusal, refusal, refusal, 1, false, 'done', refusal, 'done']);
  const log = await opened(path);
  assert.equal(log.cut, undefined, 'nothing half written was left');
  assert.equal(log.head.height, 3n);
  assert.deepEqual(await collect(log.seals(1n)), [{ height: 1n, header: headerOf(1n) }]);
  await log.close();
});

test('no right to write: a coded error, no partial state, and it goes on when the right is back', async () => {
  const path = folder();
  mkdirSync(path, { mode: 0o700 });
  const root = process.getuid?.() === 0;
  if (root) for (const name of [dirname(path), path]) chownSync(name, NOBODY, NOBODY);
  const seen = run(path, 'read-only', '', root ? NOBODY : 0);
  const refusal = { code: 'LEDGER_LOG_UNWRITABLE', hinted: true, cause: 'EACCES' };
  assert.deepEqual(seen, ['done', refusal, refusal, 1, false, 'done', refusal]);
  assert.equal(readdirSync(path).filter((name) => name.startsWith('blocks-')).length, 2);
});

test('a real file system that is full (where this process may mount one)', async () => {
  const path = folder();
  const small = dirname(path);
  const mounted = sh('mount -t tmpfs -o size=96k,mode=0700 tmpfs "$0"', small);
  try {
    // Without the right to mount, the limit above has shown the same through another error of the kernel's.
    if (!mounted) return;
    const log = await opened(path);
    const ballast = Array.from({ length: 100 }, () => 200);
    let height = 1n;
    const refused = await (async () => {
      for (; height < 100n; height++) {
        try {
          await appendAll(log, height, height, ballast);
        } catch (error) {
          return error as { code: string; cause: { code: string } };
        }
      }
      return undefined;
    })();
    assert.equal(refused?.code, 'LEDGER_LOG_UNWRITABLE');
    assert.equal(refused.cause.code, 'ENOSPC');
    const [name = ''] = readdirSync(path).filter((entry) => entry.startsWith('blocks-'));
    assert.equal(statSync(join(path, name)).size, log.bytes, 'taken back');
    assert.ok(sh('mount -o remount,size=8m "$0"', small));
    await appendAll(log, height, height + 3n, ballast);
    await log.close();
    const again = await opened(path);
    assert.equal(again.head.height, height + 3n);
    await again.close();
    // The whole file system turns read-only: a log cannot be opened for writing, and says so.
    assert.ok(sh('mount -o remount,ro "$0"', small));
    await assert.rejects(opened(path), { code: 'LEDGER_LOG_UNWRITABLE' });
  } finally {
    if (mounted) sh('umount -l "$0"', small);
    assert.ok(existsSync(small));
  }
});
