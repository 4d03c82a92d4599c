/** Execution of each program's usual work, on one thread and on two lanes. */
import { openExecution } from './ledger-execute.ts';
import { joined, type Measured, measured, rateRow, speedUpRow } from './ledger-rows.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { giveGoods, WORKLOADS, workloadBlock } from './ledger-workloads.ts';
import { makeWorld } from './ledger-world.ts';

const ACCOUNTS = 100_000;

export async function programsSection(bench: LedgerBench): Promise<void> {
  for (const workload of WORKLOADS) await programRows(bench, workload);
}

async function programRows(
  { sizes, rows, progress }: LedgerBench,
  workload: (typeof WORKLOADS)[number],
): Promise<void> {
  progress(`program: ${workload.id}`);
  const world = makeWorld(Math.min(ACCOUNTS, sizes.accounts));
  giveGoods(world, sizes.block);
  const one = await openExecution(world, 0);
  const two = await openExecution(world, 2);
  try {
    let round = 0;
    const next = () => {
      const block = workloadBlock(world, workload, round, sizes.block);
      round += 1;
      return [block];
    };
    for (let i = 0; i < workload.prepare; i += 1) await one.series(next());
    const [sequential, parallel]: [Measured[], Measured[]] = [[], []];
    // Two blocks each way and turn, since some workloads undo in one block what another does; the first turn compiles.
    for (let turn = -1; turn < sizes.programTurns; turn += 1) {
      for (const [way, times] of [
        [one, sequential],
        [two, parallel],
      ] as const) {
        for (let half = 0; half < 2; half += 1) {
          const figures = await measured(sizes.unitMs / 2, way.series, next());
          if (turn >= 0) times.push(figures);
        }
      }
    }
    const [slow, fast] = [joined(sequential), joined(parallel)];
    const id = `ledger.programs.${workload.id}`;
    rows.push(rateRow(`${id}.sequential`, `${workload.what}: one thread`, slow));
    const chosen = `the scheduler chose ${two.shape.lanes} lanes and ${two.shape.waves} waves for the last block`;
    rows.push(rateRow(`${id}.two-lanes`, `${workload.what}: two lanes`, fast, chosen));
    rows.push(speedUpRow(`${id}.speed-up`, `${workload.what}: two lanes against one thread`, fast, slow));
  } finally {
    await one.close();
    await two.close();
  }
}
