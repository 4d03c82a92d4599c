import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { BlockExecutor } from '../../../../src/ledger/execute/executor.ts';
import { LanePool } from '../../../../src/ledger/lanes/pool.ts';
import { StateTable } from '../../../../src/ledger/state/table.ts';
import { transactionOf } from '../../../property/ledger-judge.ts';
import { waves } from '../../../property/ledger-schedules.ts';
import { FEE_ACCOUNT, NETWORK, person } from '../../../property/ledger-worlds.ts';
import { PROGRAMS } from './dying-programs.ts';

const programsModule = new URL('./dying-programs.ts', import.meta.url).href;

/** Each signer's first transaction, one signer after the other. */
function blockOf(operations: readonly number[]) {
  const transactions = operations.map((operation, i) =>
    transactionOf({
      ...{ algorithm: 1, network: NETWORK, signer: person(i), sequence: 0n, tagged: true, gasPrice: 0n },
      ...{ validFrom: 0n, validUntil: 9n, gasLimit: 9_000, proof: undefined, writes: [], reads: [], credits: [] },
      operations: [{ program: 9, operation, arguments: new Uint8Array(0) }],
    }),
  );
  return batchOf(transactions.map(({ bytes }) => bytes));
}

async function executorOf(lanes: number): Promise<BlockExecutor> {
  const settings = { table: new StateTable(64), programs: PROGRAMS, programsModule, network: NETWORK };
  return BlockExecutor.start({ ...settings, feeAccount: FEE_ACCOUNT, lanes, schedule: waves(64) });
}

describe('lanes', { timeout: 120_000 }, () => {
  it('a lane that dies takes the block with it, and no other is executed', async () => {
    const executor = await executorOf(3);
    try {
      const planned = executor.plan(blockOf([1, 1, 0, 1, 1, 1]), 1n, 1n);
      await assert.rejects(executor.execute(planned), { code: 'LEDGER_LANE_FAILED' });
      const next = executor.plan(blockOf([1, 1, 1]), 2n, 2n);
      await assert.rejects(executor.execute(next), { code: 'LEDGER_LANE_FAILED' });
    } finally {
      await executor.close();
    }
  });

  it('a module of programs that cannot be loaded is told at the start, and leaves no thread behind', async () => {
    const nowhere = new URL('./nowhere.ts', import.meta.url).href;
    await assert.rejects(LanePool.start(new StateTable(8).shared, NETWORK, 2, nowhere), { code: 'LEDGER_LANE_FAILED' });
  });

  it('more lanes than transactions, and a block of none', async () => {
    const executor = await executorOf(3);
    try {
      for (const [i, count] of [2, 0, 1].entries()) {
        const planned = executor.plan(blockOf(new Array(count).fill(1)), BigInt(i + 1), 1n);
        const { delta } = await executor.execute(planned);
        // A new account and a tag each in the first block; afterwards all of them are replayed.
        assert.equal(new Int32Array(delta.count)[0], i === 0 ? 4 : 0);
        executor.recycle(delta);
      }
    } finally {
      await executor.close();
    }
  });
});
