/** Run by `private-file.test.ts`: dies by SIGKILL in the moment named, in the middle of replacing a file. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [, , path = '', moment = ''] = process.argv;
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
};
if (moment === 'before rename') fs.promises.rename = async () => die();
if (moment === 'after rename') {
  const { rename } = fs.promises;
  fs.promises.rename = async (from, to) => {
    await rename(from, to);
    die();
  };
}
syncBuiltinESMExports();
const { writePrivateFile } = await import('../../../src/base/private-file.ts');
await writePrivateFile(path, 'new');
