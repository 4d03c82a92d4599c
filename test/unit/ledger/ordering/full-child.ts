/** Run by `embedded.test.ts` under a limit for the size of a file, which it lifts after a while. Prints what it saw. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { embedded, transaction } from './transactions.ts';

// Without a listener the signal that goes with EFBIG would end the process.
process.on('SIGXFSZ', () => undefined);
const driver = await embedded(process.argv[2] ?? '', { ahead: 100 });
const seen: unknown[] = [];
const first = await driver.submit(transaction(1));
seen.push(Number((await driver.whenOrdered(first.id)).height));
const waiting = [];
for (let number = 2; number <= 31; number++)
  waiting.push((await driver.submit(transaction(number, number, 1, 4_096))).id);
const ordered = Promise.all(waiting.map((id) => driver.whenOrdered(id)));
const refused = async () => {
  for (let number = 100; ; number++) {
    try {
      await driver.submit(transaction(number));
      await sleep(10);
    } catch (error) {
      return (error as { code?: string }).code;
    }
  }
};
seen.push(await refused());
const lifted = spawnSync('sh', ['-c', 'prlimit --fsize=unlimited --pid "$0"', String(process.pid)]);
seen.push(lifted.status, (await ordered).length);
const last = await driver.submit(transaction(999));
await driver.whenOrdered(last.id);
await driver.close();
process.stdout.write(JSON.stringify(seen));
