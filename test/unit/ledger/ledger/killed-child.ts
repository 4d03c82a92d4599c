/**
 * Run by the test of crashes: opens the ledger of a folder, sends transfers round a ring of four, and prints `head` once
 * and `done <id> <height>` per executed transaction. Kills itself at the n-th hit of a named point, or is killed.
 */
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toHex } from '../../../../src/base/bytes.ts';
import { accountKey } from '../../../../src/ledger/keys.ts';
import { openLedger } from '../../../../src/ledger/ledger.ts';
import { transfer } from '../../../../src/ledger/programs/assets/build.ts';
import { genesisOf, type Person, person } from './people.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    lanes: { type: 'string', default: '0' },
    count: { type: 'string', default: '40' },
    point: { type: 'string', default: '' },
    hits: { type: 'string', default: '0' },
  },
});
let left = Number(values.hits);
const people: Person[] = [1, 2, 3, 4].map((number) => person(number));
const ledger = await openLedger({
  folder: values.folder,
  genesis: genesisOf(people),
  lanes: Number(values.lanes),
  capacity: 4096,
  blockTime: 1,
  blockTransactions: 6,
  snapshotEvery: 5,
  onPoint: (name) => {
    if (name === values.point && --left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
const { head } = ledger;
writeSync(1, `head ${head.height} ${toHex(head.stateRoot)}\n`);
const numbers = people.map(({ address }) => {
  const record = ledger.record(accountKey(address));
  return record === undefined ? 0n : new DataView(record.buffer).getBigUint64(8, true);
});
for (let i = 0; i < Number(values.count); i += 1) {
  const [from, to] = [people[i % 4], people[(i + 1) % 4]];
  if (from === undefined || to === undefined) break;
  const sequence = (numbers[i % 4] as bigint) + BigInt(Math.floor(i / 4));
  const bytes = from.sign(ledger.network, sequence, [transfer(from.address, to.address, BigInt(i + 1))]);
  const id = await ledger.submit(bytes);
  void ledger.executed(id).then(({ height }) => writeSync(1, `done ${toHex(id)} ${height}\n`));
  if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
setInterval(() => undefined, 1_000);
