import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { BlockPlanner } from '../../../../src/ledger/execute/planner.ts';
import { join } from '../../../../src/ledger/keys.ts';
import { StateTable } from '../../../../src/ledger/state/table.ts';
import { transactionOf } from '../../../property/ledger-judge.ts';
import { NETWORK, person } from '../../../property/ledger-worlds.ts';

const key = (n: number) => join(200, Uint8Array.of(n));
/** A delta that changed these slots. */
const changed = (lengths: readonly number[], slots: readonly number[]) => ({
  ...{ count: slots.length, slots: Int32Array.from(slots), lengths: Uint8Array.from(lengths) },
  ...{ keys: new Uint8Array(slots.length * 32), values: new Uint8Array(slots.length * 128) },
});
const NONE = changed([], []);

/** One transaction that names the keys; its signer takes a slot, too. */
function batchNaming(...numbers: number[]) {
  const { bytes } = transactionOf({
    ...{ algorithm: 1, network: NETWORK, signer: person(0), sequence: 0n, tagged: false, gasPrice: 0n },
    ...{ validFrom: 0n, validUntil: 9n, gasLimit: 9_000, proof: undefined, reads: [], credits: [] },
    writes: numbers.map(key),
    operations: [{ program: 9, operation: 0, arguments: new Uint8Array(0) }],
  });
  return batchOf([bytes]);
}

describe('slots of a block', () => {
  it('without a record go back after it, those with one stay', () => {
    const table = new StateTable(16);
    const planner = new BlockPlanner(table);
    const { slots } = planner.plan(batchNaming(1, 2), 1n, 1n);
    assert.equal(table.size, 3);
    table.put(key(1), Uint8Array.of(1));
    planner.finish(changed([1], [slots[1] as number]));
    assert.deepEqual([table.size, table.find(key(1)), table.find(key(2))], [1, slots[1], -1]);
  });

  it('stay for a block that was planned ahead, and go back after that one', () => {
    const table = new StateTable(16);
    const planner = new BlockPlanner(table);
    const first = planner.plan(batchNaming(1, 2), 1n, 1n);
    const second = planner.plan(batchNaming(2, 3), 2n, 2n);
    assert.equal(second.slots[1], first.slots[2]);
    planner.finish(NONE);
    assert.deepEqual([table.size, table.find(key(1))], [3, -1]);
    planner.finish(NONE);
    assert.equal(table.size, 0);
  });

  it('of a record that the block removed go back, and are taken again', () => {
    const table = new StateTable(16);
    const planner = new BlockPlanner(table);
    const slot = table.put(key(1), Uint8Array.of(1));
    planner.plan(batchNaming(1), 1n, 1n);
    table.put(key(1), new Uint8Array(0));
    planner.finish(changed([0], [slot]));
    assert.equal(table.size, 0);
    planner.plan(batchNaming(5), 2n, 2n);
    assert.equal(table.size, 2);
    assert.equal(table.top, 2);
  });

  it('of a block for which there is no room go back with the next one', () => {
    const table = new StateTable(4);
    const planner = new BlockPlanner(table);
    table.put(key(9), Uint8Array.of(1));
    assert.throws(() => planner.plan(batchNaming(1, 2, 3), 1n, 1n), { code: 'LEDGER_STATE_FULL' });
    planner.plan(batchNaming(1), 1n, 1n);
    planner.finish(NONE);
    assert.equal(table.size, 1);
    assert.notEqual(table.find(key(9)), -1);
    planner.plan(batchNaming(4, 5), 2n, 2n);
    assert.equal(table.size, 4);
  });
});
