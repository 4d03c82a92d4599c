/**
 * Accepts envelopes with one nullifier each and writes a line to stdout for every one that `accept` acknowledged. It is
 * killed at a random moment, over and over; the parent checks what the store holds then.
 *
 * argv: data folder, run number. Lines: `ready`, `ok <envelope> <nullifier>`, `won <envelope> <nullifier>` for a contested one.
 */
import { randomInt } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/index.ts';
import { envelope, id, NOW, nullifier } from '../unit/store/make.ts';

const [dataDir = '', run = '0'] = process.argv.slice(2);
const store = await openStore({ dataDir });
// Synchronous, so that a line is out before anything else happens.
const say = (line: string) => writeSync(1, `${line}\n`);
say('ready');

/** Three runs contend for one nullifier, each with 200 contenders that come at random moments with contexts of their own. */
const prize = nullifier(900_000_000 + Math.floor(Number(run) / 3));
async function contend(n: number): Promise<void> {
  for (;;) {
    const held = store.spent.reserve([prize], id(n, 'd'));
    if (held.status === 'busy') {
      await held.settled;
      continue;
    }
    if (held.status !== 'reserved') return;
    await new Promise((resolve) => setImmediate(resolve));
    const [outcome] = await store.accept([{ envelope: envelope(n), reservation: held.reservation }], NOW);
    if (outcome === 'accepted') say(`won ${envelope(n).id} ${prize.value}`);
  }
}

const base = 1_000_000 * (Number(run) + 1);
// In which round of the loop each contender comes.
const rounds = Array.from({ length: 200 }, () => randomInt(0, 20));
for (let n = base; ; n += 4) {
  rounds.forEach((round, contender) => {
    if (base + 4 * round === n) void contend(base + 900_000 + contender);
  });
  const batch = [n, n + 1, n + 2, n + 3].map((number) => {
    const held = store.spent.reserve([nullifier(number)], id(number, 'd'));
    if (held.status !== 'reserved') throw new Error(`nullifier ${number} is ${held.status}`);
    return { envelope: envelope(number), reservation: held.reservation };
  });
  const outcomes = await store.accept(batch, NOW);
  outcomes.forEach((outcome, index) => {
    if (outcome !== 'accepted') throw new Error(`fresh envelope was ${outcome}`);
    say(`ok ${envelope(n + index).id} ${nullifier(n + index).value}`);
  });
  await new Promise((resolve) => setImmediate(resolve));
}
