/**
 * Run by the tests of crashes: opens the embedded driver of a folder, executes (commits a header per block), submits
 * transactions and prints each acknowledged number with its height. With a point and a count it kills itself there; else it is killed.
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import { embeddedOver, NETWORK, transaction } from './transactions.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '1' },
    point: { type: 'string', default: '' },
    hits: { type: 'string', default: '0' },
    prune: { type: 'boolean', default: false },
  },
});
// It will not come to the end, where Node would do this.
flushCompileCache();

let left = Number(values.hits);
const onPoint = (name: string) => {
  if (name === values.point && --left === 0) process.kill(process.pid, 'SIGKILL');
};
// Small segments and blocks: many rotations, and something to prune.
const log = await openBlockLog({ folder: values.folder, network: NETWORK, segmentBytes: 4_000, onPoint });
const driver = embeddedOver(log, { onPoint, blockTime: 1, blockTransactions: 10 });
void (async () => {
  const { sealed } = driver.head();
  for await (const { height } of driver.subscribe((sealed ?? 0n) + 1n)) {
    await driver.commitRoot(height, new Uint8Array(32).fill(Number(height % 255n) + 1));
    if (values.prune && height % 8n === 0n) await log.prune(height - 12n, height - 10n);
  }
})();
for (let number = Number(values.from); number <= Number(values.to); number++) {
  const { id } = await driver.submit(transaction(number));
  void driver.whenOrdered(id).then(({ height }) => writeSync(1, `${number} ${height}\n`));
  // As requests come in: not all in one go.
  if (number % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
}
setInterval(() => undefined, 1_000);
