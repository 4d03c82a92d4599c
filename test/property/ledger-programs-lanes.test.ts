import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHex } from '../../src/base/bytes.ts';
import { batchOf } from '../../src/ledger/block/batch.ts';
import { STATUS } from '../../src/ledger/constants.ts';
import type { BaselineReceipt } from '../../src/ledger/execute/baseline.ts';
import { BlockExecutor, type ExecutedBlock } from '../../src/ledger/execute/executor.ts';
import { RECEIPT_WORDS } from '../../src/ledger/execute/shared.ts';
import { PROGRAMS } from '../../src/ledger/programs/index.ts';
import { StateTable } from '../../src/ledger/state/table.ts';
import { checkLayout } from '../../src/ledger/transaction/check.ts';
import type { Transaction } from '../../src/ledger/transaction/interface.ts';
import { FEE_ACCOUNT, NETWORK, TestLedger } from '../unit/ledger/programs/ledger.ts';
import { nonsense } from './ledger-schedules.ts';
import { keyOf } from './ledger-sums.ts';
import { Actor, openWorld } from './ledger-world.ts';
import { blockOf } from './ledger-world-blocks.ts';
import { Random } from './random.ts';

const BLOCKS = Number(process.env['ZKBAZAAR_LANE_BLOCKS'] ?? 400);
const SEED = Number(process.env['ZKBAZAAR_SEED'] ?? 20_261_122);

const CAPACITY = 16_384;

describe('the programs themselves on lanes', () => {
  for (const lanes of [0, 2]) {
    it(`come to what the baseline says, ${lanes === 0 ? 'on this thread' : `over ${lanes} lanes`}`, async () => {
      const random = new Random(SEED + lanes);
      const ledger = new TestLedger();
      openWorld(ledger);
      const table = new StateTable(CAPACITY);
      for (const [name, record] of ledger.state) table.put(keyOf(name), record);
      const programsModule = new URL('../../src/ledger/programs/index.ts', import.meta.url).href;
      const schedule = lanes === 0 ? undefined : nonsense(CAPACITY, SEED);
      const ledgerOf = { table, programs: PROGRAMS, network: NETWORK, feeAccount: FEE_ACCOUNT };
      const options = { ...ledgerOf, programsModule, lanes, schedule };
      let [shared, succeeded] = [0, 0];
      const executor = await BlockExecutor.start(options);
      try {
        const actor = new Actor(random, ledger);
        for (let i = 0; i < BLOCKS; i += 1) {
          const transactions = blockOf(random, ledger, actor).filter(isCanonical);
          ledger.time += random.bits(random.pick([2, 8, 14]));
          const receipts = ledger.block(transactions);
          const planned = executor.plan(batchOf(transactions.map(({ bytes }) => bytes)), ledger.height, ledger.time);
          const executed = await executor.execute(planned);
          if (executed.lanes > 1) shared += 1;
          receipts.forEach((receipt, index) => {
            if (receipt.status === STATUS.ok) succeeded += 1;
            requireReceipt(executed, index, receipt, `seed ${SEED}, height ${ledger.height}, transaction ${index}`);
          });
          executor.recycle(executed.delta);
          requireState(ledger, table);
        }
        assert.ok(succeeded > 2 * BLOCKS, `${succeeded} transactions succeeded in ${BLOCKS} blocks`);
        // What a test of parallel execution must not lack.
        assert.ok(lanes === 0 || shared > BLOCKS / 4, `${shared} of ${BLOCKS} blocks ran on several lanes`);
      } finally {
        await executor.close();
      }
    });
  }
});

/** Only canonical transactions are ever in a block; what was spoilt beyond that is refused before. */
function isCanonical({ bytes }: Transaction): boolean {
  try {
    checkLayout(bytes, 0, bytes.length);
    return true;
  } catch {
    return false;
  }
}

function requireReceipt({ planned }: ExecutedBlock, index: number, expected: BaselineReceipt, text: string): void {
  const { words, longs } = planned.receipts;
  const at = index * RECEIPT_WORDS;
  const outcome = words[at] ?? 0;
  assert.deepEqual(
    { status: outcome & 0xffff, operation: outcome >>> 16, gasUsed: words[at + 1], fee: longs[(at + 2) >> 1] },
    { status: expected.status, operation: expected.operation, gasUsed: expected.gasUsed, fee: expected.fee },
    text,
  );
}

function requireState(ledger: TestLedger, table: StateTable): void {
  let records = 0;
  for (const { key, value } of table.entries()) {
    records += 1;
    const name = toHex(key);
    assert.equal(
      toHex(value),
      toHex(ledger.state.get(name) ?? new Uint8Array(0)),
      `record ${name}, height ${ledger.height}`,
    );
  }
  assert.equal(records, ledger.state.size, `records at height ${ledger.height}`);
}
