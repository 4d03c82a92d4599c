/** Run by `full.test.ts` under a limit for the size of a file, which it lifts after a while. Prints what it saw. */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '../../../../src/base/bytes.ts';
import { openLedger } from '../../../../src/ledger/ledger.ts';
import { transfer } from '../../../../src/ledger/programs/assets/build.ts';
import { genesisOf, person } from './people.ts';

// Without a listener the signal that goes with EFBIG would end the process.
process.on('SIGXFSZ', () => undefined);
const people = [1, 2].map((number) => person(number));
const [from, to] = people;
if (from === undefined || to === undefined) throw new Error('two people');
const folder = process.argv[2] ?? '';
const ledger = await openLedger({ folder, genesis: genesisOf(people), lanes: 0, capacity: 4096, blockTime: 1 });
const codeOf = (error: unknown) => (error as { code?: string }).code;
let sequence = 0n;
const waiting: Promise<unknown>[] = [];
let refused: string | undefined;
while (refused === undefined && sequence < 20_000n) {
  const bytes = from.sign(ledger.network, sequence, [transfer(from.address, to.address, 1n)]);
  try {
    waiting.push(ledger.executed(await ledger.submit(bytes)));
    sequence += 1n;
    if (sequence % 20n === 0n) await sleep(5);
  } catch (error) {
    if (codeOf(error) === 'LEDGER_LOG_UNWRITABLE') refused = codeOf(error);
    else await sleep(5);
  }
}
const before = ledger.head.height;
// Reads go on, and what was executed stands.
const answers = (await ledger.block(before)).header.height === before;
spawnSync('sh', ['-c', 'prlimit --fsize=unlimited --pid "$0"', String(process.pid)]);
const receipts = await Promise.all(waiting);
const last = from.sign(ledger.network, sequence, [transfer(from.address, to.address, 1n)]);
let id: Uint8Array | undefined;
while (id === undefined) id = await ledger.submit(last).catch(() => sleep(20).then(() => undefined));
const { status } = await ledger.executed(id);
await ledger.snapshot();
const { height, stateRoot } = ledger.head;
await ledger.close();
const told = { refused, answers, all: receipts.length === Number(sequence), status, further: height > before };
process.stdout.write(JSON.stringify({ told, head: `${height} ${toHex(stateRoot)}` }));
