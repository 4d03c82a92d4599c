/** Speed-up by two lanes where transactions are worth it: ten microseconds of integer work on one record each. */
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { burnCall, PROGRAMS } from './ledger-burn.ts';
import { openExecution } from './ledger-execute.ts';
import { picker, randomFrom, type Shape } from './ledger-random.ts';
import { joined, type Measured, measured, rateRow, speedUpRow } from './ledger-rows.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { blockOf, bodyOf, type LedgerWorld, makeWorld } from './ledger-world.ts';

const ROUNDS = 3_600;
const RECORDS = 100_000;
/** Blocks of a turn, the first uncounted: from the second on, a block was planned while the one before was executed. */
const SERIES = 3;
/** Signers of one block are all different; conflicts are in the records. */
const ACCOUNTS = 20_000;
const PROGRAM_SET = { map: PROGRAMS, module: new URL('./ledger-burn.ts', import.meta.url).href };

export async function parallelSection({ sizes, rows, progress }: LedgerBench): Promise<void> {
  const world = makeWorld(Math.min(ACCOUNTS, sizes.accounts));
  const one = await openExecution(world, 0, PROGRAM_SET);
  const two = await openExecution(world, 2, PROGRAM_SET);
  try {
    for (const shape of ['uniform', 'hot-30'] as const) {
      progress(`ten microseconds of work, ${shape}`);
      const blocks = () => Array.from({ length: SERIES }, () => burnBlock(world, sizes.block, shape));
      await one.series(blocks());
      await two.series(blocks());
      const [sequential, parallel]: [Measured[], Measured[]] = [[], []];
      for (let turn = 0; turn < sizes.turns; turn += 1) {
        sequential.push(await measured(sizes.unitMs, one.series, blocks(), 1));
        parallel.push(await measured(sizes.unitMs, two.series, blocks(), 1));
      }
      const [slow, fast] = [joined(sequential), joined(parallel)];
      const us = slow.samples.map(({ ms, transactions }) => (ms * 1000) / transactions).sort((a, b) => a - b);
      const note = `one transaction takes ${us[us.length >> 1]?.toFixed(1)} microseconds on one thread`;
      const id = `ledger.parallel.${shape}`;
      const what = shape === 'uniform' ? 'records chosen uniformly' : '30 % on one record';
      rows.push(rateRow(`${id}.sequential`, `work of 10 us, ${what}: one thread`, slow, note));
      const chosen = `the scheduler chose ${two.shape.lanes} lanes and ${two.shape.waves} waves for the last block`;
      rows.push(rateRow(`${id}.two-lanes`, `work of 10 us, ${what}: two lanes`, fast, chosen));
      rows.push(speedUpRow(`${id}.speed-up`, `work of 10 us, ${what}: two lanes against one thread`, fast, slow));
    }
  } finally {
    await one.close();
    await two.close();
  }
}

let made = 0;

function burnBlock(world: LedgerWorld, count: number, shape: Shape): BlockBatch {
  made += 1;
  const pick = picker(shape, RECORDS, randomFrom(made));
  const bodies = Array.from({ length: count }, (_, i) => bodyOf(world, i % world.accounts, [burnCall(pick(), ROUNDS)]));
  return blockOf(bodies);
}
