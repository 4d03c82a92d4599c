import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { BlockPlanner } from '../../../../src/ledger/execute/planner.ts';
import type { PlannedBlock } from '../../../../src/ledger/execute/shared.ts';
import { join, replayKey } from '../../../../src/ledger/keys.ts';
import { Components } from '../../../../src/ledger/schedule/components.ts';
import { CostModel } from '../../../../src/ledger/schedule/cost-model.ts';
import { Scheduler } from '../../../../src/ledger/schedule/scheduler.ts';
import { Waves } from '../../../../src/ledger/schedule/waves.ts';
import { StateTable } from '../../../../src/ledger/state/table.ts';
import type { TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { transactionOf } from '../../../property/ledger-judge.ts';
import { NETWORK, person } from '../../../property/ledger-worlds.ts';

const CAPACITY = 8192;
const key = (n: number) => join(200, Uint8Array.of(n & 0xff, n >> 8));
const signerOf = (n: number) => person(n & 0xff).fill(n >> 8, 1, 2);
const call = { program: 250, operation: 0, arguments: new Uint8Array(0) };

interface Keys {
  readonly writes?: readonly Uint8Array[];
  readonly reads?: readonly Uint8Array[];
  readonly credits?: readonly Uint8Array[];
  readonly signer?: number;
  readonly tag?: bigint;
}

function plan(transactions: readonly Keys[]): PlannedBlock {
  const table = new StateTable(CAPACITY);
  const bytes = transactions.map(({ writes = [], reads = [], credits = [], signer, tag }, i) => {
    const body: TransactionBody = {
      ...{
        algorithm: 1,
        network: NETWORK,
        signer: signerOf(signer ?? i),
        sequence: tag ?? 0n,
        tagged: tag !== undefined,
      },
      ...{ validFrom: 0n, validUntil: 9n, gasLimit: 9_000, gasPrice: 0n, proof: undefined },
      ...{ writes, reads, credits, operations: [call] },
    };
    return transactionOf(body).bytes;
  });
  return new BlockPlanner(table).plan(batchOf(bytes), 1n, 1n);
}

/** Numbers of the components, in the order in which they begin. */
function components(transactions: readonly Keys[]): number[] {
  const found = new Components(CAPACITY);
  found.build(plan(transactions));
  const roots = transactions.map((_, i) => found.root(i));
  const names = [...new Set(roots)];
  return roots.map((root) => names.indexOf(root));
}

function levels(transactions: readonly Keys[]): number[] {
  const all = Int32Array.from(transactions.keys());
  return [...new Waves(CAPACITY).levels(plan(transactions), all).levels];
}

describe('what conflicts', () => {
  const cases: readonly (readonly [string, readonly Keys[], readonly number[], readonly number[]])[] = [
    ['two writers', [{ writes: [key(1)] }, { writes: [key(1)] }], [0, 0], [0, 1]],
    ['a writer, then a reader', [{ writes: [key(1)] }, { reads: [key(1)] }], [0, 0], [0, 1]],
    ['a reader, then a writer', [{ reads: [key(1)] }, { writes: [key(1)] }], [0, 0], [0, 1]],
    ['readers alone', [{ reads: [key(1)] }, { reads: [key(1)] }], [0, 1], [0, 0]],
    [
      'readers between two writers',
      [{ writes: [key(1)] }, { reads: [key(1)] }, { reads: [key(1)] }, { writes: [key(1)] }],
      [0, 0, 0, 0],
      [0, 1, 1, 2],
    ],
    ['one signer', [{ signer: 5 }, { signer: 5 }], [0, 0], [0, 1]],
    ['a tag and who looks at it', [{ signer: 0, tag: 9n }, { reads: [replayKey(signerOf(0), 9n)] }], [0, 0], [0, 1]],
    [
      'who looks at a tag, and the tag',
      [{ reads: [replayKey(signerOf(1), 9n)] }, { signer: 1, tag: 9n }],
      [0, 0],
      [0, 1],
    ],
    ['credits', [{ credits: [key(1)] }, { credits: [key(1)] }, { writes: [key(1)] }], [0, 1, 2], [0, 0, 0]],
    [
      'a bridge between two that have nothing in common',
      [{ writes: [key(1)] }, { writes: [key(2)] }, { writes: [key(1), key(2)] }],
      [0, 0, 0],
      [0, 0, 1],
    ],
  ];
  for (const [name, transactions, joined, waves] of cases) {
    it(name, () => {
      assert.deepEqual(components(transactions), joined);
      assert.deepEqual(levels(transactions), waves);
    });
  }
});

/** Ten microseconds a transaction. */
class DearCosts extends CostModel {
  override estimate(): number {
    return 10_000;
  }
}

describe('schedules', () => {
  const many = (keyOf: (i: number) => number) => Array.from({ length: 2000 }, (_, i) => ({ writes: [key(keyOf(i))] }));
  const schedule = (transactions: readonly Keys[], lanes: number, costs: CostModel = new DearCosts()) =>
    new Scheduler(CAPACITY, costs).schedule(plan(transactions), lanes);

  it('share what is independent evenly, each transaction once', () => {
    const { lanes, waves, order, bounds } = schedule(
      many((i) => i),
      2,
    );
    assert.deepEqual([lanes, waves, [...bounds]], [2, 1, [0, 1000, 2000]]);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...order.keys()],
    );
  });

  it('leave to one lane what is too little, or one chain', () => {
    assert.equal(schedule(many((i) => i).slice(0, 20), 2).lanes, 1);
    // A microsecond each is less than what finding and moving them costs, however many there are.
    assert.equal(
      schedule(
        many((i) => i),
        2,
        new CostModel(),
      ).lanes,
      1,
    );
    assert.equal(
      schedule(
        many(() => 1),
        8,
      ).lanes,
      1,
    );
    assert.equal(
      schedule(
        many((i) => i),
        1,
      ).lanes,
      1,
    );
  });

  it('put a chain of 30 % onto one lane and level the others', () => {
    const { lanes, bounds } = schedule(
      many((i) => (i % 10 < 3 ? 1 : i)),
      2,
    );
    assert.deepEqual([lanes, bounds[1]], [2, 1000]);
  });

  it('split in waves what one record read by all holds together', () => {
    const readers = Array.from({ length: 2000 }, (_, i) => ({ reads: [key(5000)], writes: [key(i)] }));
    const { lanes, waves } = schedule([{ writes: [key(5000)] }, ...readers], 2);
    assert.equal(lanes, 2);
    assert.ok(waves >= 2 && waves <= 3, `${waves} waves`);
  });

  it('keep conflicting transactions in order', () => {
    const transactions = many((i) => (i * 7919) % 97);
    const { order, bounds, lanes, waves } = schedule(transactions, 3);
    const placeOf = new Map<number, number>();
    for (let part = 0; part < lanes * waves; part += 1) {
      for (let at = bounds[part] ?? 0; at < (bounds[part + 1] ?? 0); at += 1) placeOf.set(order[at] ?? -1, part);
    }
    const last = new Map<number, number>();
    for (const index of order) {
      const chain = (index * 7919) % 97;
      assert.ok((last.get(chain) ?? -1) < index, 'a chain is out of order');
      assert.ok(waves > 1 || placeOf.get(index) === placeOf.get(last.get(chain) ?? index), 'a chain is torn');
      last.set(chain, index);
    }
  });
});
