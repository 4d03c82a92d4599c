/**
 * Run by `snapshot.test.ts` under a limit for the size of a file: the kernel refuses with EFBIG where a full disk refuses
 * with ENOSPC. Prints the codes it saw, one JSON line.
 */
import { writeSnapshot } from '../../../../src/ledger/state/snapshot-writer.ts';
import { entriesOf, head } from './snapshot-files.ts';

const [, , path = ''] = process.argv;
// Without a listener the signal that goes with EFBIG would end the process.
process.on('SIGXFSZ', () => undefined);
const attempt = (count: number) =>
  writeSnapshot(path, head, entriesOf(count)).then(
    (written) => [written],
    (error: { code: string; cause?: { code?: string } }) => [error.code, error.cause?.code],
  );
process.stdout.write(JSON.stringify([await attempt(50), await attempt(20_000), await attempt(60)]));
