/** Run by the compliance tests: a follower that commits a header per block and prints what came with it, until it is killed. */
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { transactionAt } from '../../../../src/ledger/block/batch.ts';
import { Elsewhere, followed } from './followed.ts';
import { numberOf } from './transactions.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '1' },
    point: { type: 'string', default: '' },
    hits: { type: 'string', default: '0' },
  },
});
const source = new Elsewhere();
source.order(Array.from({ length: Number(values.to) }, (_, i) => i + 1));
const driver = await followed(values.folder, source);
setInterval(() => undefined, 1_000);
for await (const { height, batch } of driver.subscribe((driver.head().sealed ?? 0n) + 1n)) {
  await driver.commitRoot(height, source.headerOf(height));
  for (let i = 0; i < batch.count; i++) writeSync(1, `${numberOf(transactionAt(batch, i))} ${height}\n`);
}
