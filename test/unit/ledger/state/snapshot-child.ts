/**
 * Run by `snapshot.test.ts` under a limit for the size of a file (the kernel refuses with EFBIG where a full disk refuses
 * with ENOSPC), or as a user who may not write into the folder for a while. Prints what it saw, one JSON line.
 */
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeSnapshot } from '../../../../src/ledger/state/snapshot-writer.ts';
import { entriesOf, head } from './snapshot-files.ts';

const [, , path = '', mode = '', uid = '0'] = process.argv;
// Without a listener the signal that goes with EFBIG would end the process.
process.on('SIGXFSZ', () => undefined);
const attempt = (count: number) =>
  writeSnapshot(path, head, entriesOf(count)).then(
    (written) => [written],
    (error: { code: string; cause?: { code?: string } }) => [error.code, error.cause?.code],
  );
const seen: unknown[] = [];
if (mode === 'full') {
  for (const count of [50, 20_000, 60]) seen.push(await attempt(count));
}
if (mode === 'read-only') {
  // Root is refused nothing.
  if (process.getuid?.() === 0) process.setuid?.(Number(uid));
  seen.push(await attempt(50));
  chmodSync(dirname(path), 0o500);
  seen.push(await attempt(55));
  chmodSync(dirname(path), 0o700);
  seen.push(await attempt(60));
}
process.stdout.write(JSON.stringify(seen));
