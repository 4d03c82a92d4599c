/** Execution alone: transfers between accounts, by one thread and by lanes, uniform and skewed. */

import { toHex } from '../../src/base/bytes.ts';
import { type BlockBatch, transactionAt } from '../../src/ledger/block/batch.ts';
import { BaselineExecutor } from '../../src/ledger/execute/baseline.ts';
import { PROGRAMS } from '../../src/ledger/programs/index.ts';
import { decodeTransaction } from '../../src/ledger/transaction/codec.ts';
import { BLOCK_TIME, type Execution, openExecution } from './ledger-execute.ts';
import { picker, randomFrom, SHAPES, type Shape } from './ledger-random.ts';
import { joined, type Measured, measured, rateRow, speedUpRow } from './ledger-rows.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { FEE_ACCOUNT, type LedgerWorld, makeWorld, NETWORK, transferBlock } from './ledger-world.ts';

/** What is compared: the baseline is one thread that plans and executes, block after block. */
const WAYS = [
  { lanes: 0, id: 'sequential', what: 'one thread' },
  { lanes: 1, id: 'one-lane', what: 'planned on one thread, executed on another' },
  { lanes: 2, id: 'two-lanes', what: 'two lanes' },
] as const;

export async function executionSection(bench: LedgerBench): Promise<void> {
  const { sizes, progress } = bench;
  progress(`${sizes.accounts} accounts`);
  const world = makeWorld(sizes.accounts);
  const ways: Execution[] = [];
  try {
    for (const { lanes } of WAYS) ways.push(await openExecution(world, lanes));
    for (const way of ways) await way.series(transfers(world, 'uniform', sizes.warmBlocks, sizes.block, way.lanes));
    for (const shape of SHAPES) await rowsOf(bench, world, ways, shape);
    await judgeRow(bench, world);
  } finally {
    for (const way of ways) await way.close();
  }
}

/** Skewed in who signs and in who is paid: the signer's account is what transfers of one account meet in. */
export function transfers(world: LedgerWorld, shape: Shape, blocks: number, block: number, seed: number): BlockBatch[] {
  const random = randomFrom(seed + 100 * SHAPES.indexOf(shape) + (world.nonces[0] ?? 0));
  const pick = picker(shape, world.accounts, random);
  return Array.from({ length: blocks }, () => transferBlock(world, block, pick, pick));
}

async function rowsOf(bench: LedgerBench, world: LedgerWorld, ways: readonly Execution[], shape: Shape): Promise<void> {
  const { sizes, rows, progress } = bench;
  progress(`execution, ${shape}`);
  const turns: Measured[][] = ways.map(() => []);
  for (let turn = 0; turn < sizes.turns; turn += 1) {
    for (const [i, way] of ways.entries()) {
      const blocks = transfers(world, shape, sizes.turnBlocks + 1, sizes.block, turn);
      // The first block of a turn finds the others' data in the caches.
      turns[i]?.push(await measured(sizes.unitMs, way.series, blocks, 1));
    }
  }
  const [sequential, ...parallel] = turns.map(joined);
  if (sequential === undefined) return;
  const best = parallel.reduce((a, b) => (medianOf(a) >= medianOf(b) ? a : b));
  const id = `ledger.execution.${shape}`;
  WAYS.forEach(({ id: way, what }, i) => {
    const figures = [sequential, ...parallel][i];
    const { lanes = 0, waves = 0 } = ways[i]?.shape ?? {};
    const note = `the scheduler chose ${lanes} lanes and ${waves} waves for the last block`;
    if (figures !== undefined) rows.push(rateRow(`${id}.${way}`, `transfers, ${shape}: ${what}`, figures, note));
  });
  const chosen = best === parallel[0] ? WAYS[1].what : WAYS[2].what;
  rows.push(rateRow(`${id}.two-cores`, `transfers, ${shape}: the faster way on two cores`, best, chosen));
  rows.push(speedUpRow(`${id}.speed-up`, `transfers, ${shape}: that against one thread`, best, sequential));
}

function medianOf({ samples }: Measured): number {
  const rates = samples.map(({ transactions, ms }) => transactions / ms).sort((a, b) => a - b);
  return rates[rates.length >> 1] ?? 0;
}

/** The Map-based judge of the tests, as a second reference; it decodes transactions before the measurement. */
async function judgeRow({ sizes, rows, progress }: LedgerBench, world: LedgerWorld): Promise<void> {
  progress('execution by the judge of the tests');
  const blocks = transfers(world, 'uniform', 3, sizes.block, 9);
  const state = new Map<string, Uint8Array>();
  for (const { key, value } of world.table.entries()) state.set(toHex(key), value.slice());
  const judge = new BaselineExecutor(state, PROGRAMS, NETWORK, FEE_ACCOUNT);
  const decoded = blocks.map((block) =>
    Array.from({ length: block.count }, (_, i) => decodeTransaction(transactionAt(block, i))),
  );
  const execute = async () =>
    decoded.map((transactions, i) => {
      const start = performance.now();
      const receipts = judge.execute({ height: BigInt(i + 1), time: BLOCK_TIME, transactions });
      const ms = performance.now() - start;
      if (receipts.some(({ status }) => status !== 0)) throw new Error('the judge refuses a transfer');
      return { transactions: receipts.length, operations: receipts.length, ms };
    });
  const figures = await measured(sizes.unitMs, execute, undefined);
  rows.push(rateRow('ledger.execution.uniform.judge', 'transfers, uniform: the Map-based judge of the tests', figures));
}
