import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readInput, readJson } from '../../../src/cli/files.ts';

const LIMIT = 300_000;

describe('reading what the user named', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-files-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
  let count = 0;
  const place = () => join(dir, `${++count}`);
  const file = async (content: Uint8Array) => {
    const path = place();
    await writeFile(path, content);
    return path;
  };
  /** A named pipe into which somebody writes. */
  const pipe = (content: Uint8Array) => {
    const path = place();
    execFileSync('mkfifo', [path]);
    // Who stops reading early closes it under the writer.
    const written = writeFile(path, content).catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'EPIPE'));
    return { path, written };
  };

  for (const length of [0, 1, 65_535, 65_536, 65_537, LIMIT - 1, LIMIT]) {
    it(`gives ${length} bytes of a file and of a pipe as they are`, async () => {
      const content = bytes(length);
      assert.deepEqual(await readInput(await file(content), LIMIT), content);
      const { path, written } = pipe(content);
      assert.deepEqual(await readInput(path, LIMIT), content);
      await written;
    });
  }

  it('refuses a byte too many, of a file, of a pipe and of a device without end', async () => {
    const tooLarge = { code: 'CLI_FILE_TOO_LARGE' };
    await assert.rejects(readInput(await file(bytes(LIMIT + 1)), LIMIT), tooLarge);
    for (const length of [LIMIT + 1, 4 * LIMIT]) {
      const { path, written } = pipe(bytes(length));
      await assert.rejects(readInput(path, LIMIT), tooLarge);
      await written;
    }
    for (const limit of [0, 1, 65_536, LIMIT]) await assert.rejects(readInput('/dev/zero', limit), tooLarge);
    await assert.rejects(readJson('/dev/zero', LIMIT), tooLarge);
  });

  it('says so where nothing can be read', async () => {
    for (const path of [dir, join(dir, 'missing')]) {
      await assert.rejects(readInput(path, LIMIT), { code: 'CLI_FILE_UNREADABLE' });
    }
    assert.deepEqual(await readInput('/dev/null', LIMIT), new Uint8Array(0));
  });
});
