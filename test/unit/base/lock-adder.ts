/** Run by `file-lock.test.ts`: counts up a number in a file under its lock, or dies while holding it. */
import { readFile, writeFile } from 'node:fs/promises';
import { withFileLock } from '../../../src/base/file-lock.ts';

const [, , path = '', times = ''] = process.argv;
for (let i = 0; i < Number(times) || times === 'die'; i++) {
  await withFileLock(
    path,
    async () => {
      if (times === 'die') process.kill(process.pid, 'SIGKILL');
      const count = Number(await readFile(path, 'utf8'));
      await writeFile(path, String(count + 1));
    },
    60_000,
  );
}
