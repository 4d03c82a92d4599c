import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  checkPrivateDir,
  ensurePrivateDir,
  pathExists,
  readPrivateFile,
  removeLeftovers,
  writePrivateFile,
} from '../../../src/base/private-file.ts';
import { coded } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';

const KILLED_WRITER = fileURLToPath(new URL('./killed-writer.ts', import.meta.url));

test('a written file is whole, 0600, and leaves nothing beside it', async (t) => {
  const dir = join(await tempDir(t), 'a', 'b');
  await ensurePrivateDir(dir);
  assert.equal((await stat(dir)).mode & 0o777, 0o700);
  const path = join(dir, 'x.json');
  await writePrivateFile(path, 'one');
  await writePrivateFile(path, 'two');
  assert.equal((await readPrivateFile(path, 10)).toString(), 'two');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(dir), ['x.json']);
});

test('a writer killed before its rename leaves the old file, after it the new one', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'x.json');
  for (const [moment, content] of [
    ['before rename', 'old'],
    ['after rename', 'new'],
  ] as const) {
    await writePrivateFile(path, 'old');
    const { signal } = spawnSync(process.execPath, [KILLED_WRITER, path, moment]);
    assert.equal(signal, 'SIGKILL');
    assert.equal(await readFile(path, 'utf8'), content);
  }
  assert.equal((await readdir(dir)).length, 2, 'the killed writer left its draft');
  await removeLeftovers(path);
  assert.deepEqual(await readdir(dir), ['x.json']);
});

test('a failed write leaves the old file and no draft', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'x.json');
  await mkdir(path);
  await assert.rejects(writePrivateFile(path, 'new'));
  assert.deepEqual(await readdir(dir), ['x.json']);
});

test('loose modes, links, folders and large files are refused', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'x.json');
  await writePrivateFile(path, 'content');
  for (const mode of [0o640, 0o604, 0o601, 0o660]) {
    await chmod(path, mode);
    await assert.rejects(readPrivateFile(path, 10), coded('FILE_LOOSE_PERMISSIONS'));
  }
  await chmod(path, 0o400);
  assert.equal((await readPrivateFile(path, 7)).toString(), 'content');
  await assert.rejects(readPrivateFile(path, 6), coded('FILE_TOO_LARGE'));
  await symlink(path, join(dir, 'link'));
  await assert.rejects(readPrivateFile(join(dir, 'link'), 10), coded('FILE_NOT_PRIVATE'));
  await assert.rejects(readPrivateFile(dir, 10), coded('FILE_NOT_PRIVATE'));
  await assert.rejects(readPrivateFile(join(dir, 'none'), 10), coded('FILE_NOT_FOUND'));
  await assert.rejects(checkPrivateDir(join(dir, 'none')), coded('FILE_NOT_FOUND'));
  await assert.rejects(checkPrivateDir(path), coded('FILE_NOT_PRIVATE'));
  await chmod(dir, 0o755);
  await assert.rejects(ensurePrivateDir(dir), coded('FILE_LOOSE_PERMISSIONS'));
});

test('FILE_NOT_PRIVATE: a link that is swapped in between check and reading is not followed', async (t) => {
  const dir = await tempDir(t);
  const [path, theirs] = [join(dir, 'mine'), join(dir, 'theirs')];
  await writeFile(theirs, 'theirs', { mode: 0o644 });
  let swapping = true;
  const swapper = (async () => {
    for (let n = 0; swapping; n++) {
      const draft = join(dir, `draft-${n}`);
      if (n % 2 === 0) await symlink(theirs, draft);
      else await writeFile(draft, 'mine', { mode: 0o600 });
      await rename(draft, path);
    }
  })();
  const read = new Set<string>();
  for (let n = 0; n < 2000; n++) {
    const content = await readPrivateFile(path, 10).catch((error: { code?: string }) => String(error.code));
    read.add(content.toString());
  }
  swapping = false;
  await swapper;
  read.delete('FILE_NOT_FOUND');
  assert.deepEqual([...read].sort(), ['FILE_NOT_PRIVATE', 'mine']);
});

test('a dangling link exists', async (t) => {
  const dir = await tempDir(t);
  await symlink(join(dir, 'nowhere'), join(dir, 'link'));
  await writeFile(join(dir, 'file'), '');
  assert.deepEqual(await Promise.all(['link', 'file', 'none'].map((name) => pathExists(join(dir, name)))), [
    true,
    true,
    false,
  ]);
});
