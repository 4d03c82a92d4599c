import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../../src/base/bytes.ts';
import { blake3 } from '../../../../src/crypto/blake3.ts';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { MAX_AMOUNT, MAX_GAS, MAX_GAS_PRICE, STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { BaselineExecutor } from '../../../../src/ledger/execute/baseline.ts';
import { RecordMemory } from '../../../../src/ledger/execute/memory.ts';
import { NativeTransfer } from '../../../../src/ledger/execute/native-transfer.ts';
import { BlockPlanner } from '../../../../src/ledger/execute/planner.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import * as assets from '../../../../src/ledger/programs/assets/build.ts';
import { assembleCalls } from '../../../../src/ledger/programs/call.ts';
import { StateTable } from '../../../../src/ledger/state/table.ts';
import type { TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { AT } from '../../../../src/ledger/transaction/layout.ts';
import { type JudgedWorld, judgeBlock, transactionOf } from '../../../property/ledger-judge.ts';
import { CAPACITY, Rig } from '../../../property/ledger-rig.ts';
import { dear } from '../../../property/ledger-schedules.ts';
import { PROGRAMS } from '../../../property/ledger-script.ts';
import { FEE_ACCOUNT, NETWORK, person } from '../../../property/ledger-worlds.ts';

/** Gas of a lone transfer under Ed25519, found by the baseline, so that limits stand on both sides of it. */
const GAS_OF_TRANSFER = 3260;
const GAS_LIMITS = [GAS_OF_TRANSFER - 1, GAS_OF_TRANSFER, GAS_OF_TRANSFER * 8 + 1, 1, MAX_GAS];
const WORD = 2n ** 32n;
const EXACT = 2n ** 53n;
const BALANCES = [0n, 1n, 3260n, 3261n, 10n ** 6n, WORD - 1n, WORD, WORD + 4000n, EXACT - 1n, EXACT, MAX_AMOUNT];
const AMOUNTS = [0n, 1n, WORD - 1n, WORD, EXACT - 1n, EXACT, MAX_AMOUNT, MAX_AMOUNT + 1n, U64_MAX];
const PRICES = [0n, 1n, 2n ** 31n, MAX_GAS_PRICE];
const NONCES = [0n, 1n, WORD - 2n, WORD - 1n, WORD, U64_MAX - 1n, U64_MAX];
const HEIGHTS = [1n, WORD - 1n, WORD, EXACT - 1n, EXACT, EXACT + 1n, U64_MAX - 4n];

const ann = person(0);

function bodyOf(change: Partial<TransactionBody> = {}, amount = 5n, to = person(2), from = ann): TransactionBody {
  return {
    ...{ algorithm: 1, network: NETWORK, signer: from, sequence: 0n, tagged: false, proof: undefined },
    ...{ validFrom: 0n, validUntil: 100n, gasLimit: 50_000, gasPrice: 3n },
    ...assembleCalls(from, [assets.transfer(from, to, amount)]),
    ...change,
  };
}

function record(balance: bigint, nonce: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, balance, true);
  view.setBigUint64(8, nonce, true);
  return bytes;
}

/** An edge, what is near it, or anything. */
function near(edges: readonly bigint[], most: bigint): fc.Arbitrary<bigint> {
  const close = fc
    .tuple(fc.constantFrom(...edges), fc.bigInt({ min: -2n, max: 2n }))
    .map(([edge, by]) => (edge + by < 0n || edge + by > most ? edge : edge + by));
  return fc.oneof(close, fc.bigInt({ min: 0n, max: most }));
}

const sending = fc.record({
  from: fc.nat(2),
  to: fc.nat(3),
  amount: near(AMOUNTS, U64_MAX),
  step: fc.constantFrom(0n, 0n, 0n, 1n, -1n),
  gasLimit: fc.oneof(fc.constantFrom(...GAS_LIMITS), fc.integer({ min: 1, max: MAX_GAS })),
  gasPrice: near(PRICES, MAX_GAS_PRICE),
  /** First height, from the block's own; length. */
  window: fc.tuple(fc.bigInt({ min: -1n, max: 1n }), fc.bigInt({ min: 0n, max: 2n })),
  tagged: fc.boolean(),
});

const worlds = fc.record({
  height: fc.constantFrom(...HEIGHTS),
  people: fc.array(fc.tuple(near(BALANCES, MAX_AMOUNT), near(NONCES, U64_MAX)), { minLength: 3, maxLength: 3 }),
  sent: fc.array(sending, { minLength: 1, maxLength: 6 }),
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function judged({ height, people, sent }: World): JudgedWorld {
  const genesis = new Map(people.map(([balance, nonce], i) => [toHex(accountKey(person(i))), record(balance, nonce)]));
  const executor = new BaselineExecutor(new Map(genesis), PROGRAMS, NETWORK, FEE_ACCOUNT);
  const taken = [0n, 0n, 0n];
  const transactions = sent.map(({ from, to, amount, step, window, tagged, ...rest }) => {
    const [, nonce = 0n] = people[from] ?? [];
    const sequence = BigInt.asUintN(64, nonce + (taken[from] ?? 0n) + step);
    taken[from] = (taken[from] ?? 0n) + 1n;
    const [validFrom, validUntil] = [height + window[0], height + window[0] + window[1]];
    const bounds = { validFrom, validUntil };
    return transactionOf(
      bodyOf({ ...rest, ...bounds, sequence, tagged: tagged && amount % 4n === 0n }, amount, person(to), person(from)),
    );
  });
  return { genesis, blocks: [judgeBlock(executor, transactions, height)] };
}

/** Runs one transaction by the kernel alone. @returns what it said, and whether it changed anything */
function byKernel(
  body: TransactionBody,
  account = record(10n ** 9n, 0n),
  height = 1n,
  programs = PROGRAMS,
  spoil: (bytes: Uint8Array) => void = () => undefined,
) {
  const table = new StateTable(64);
  table.put(accountKey(ann), account);
  const batch = batchOf([transactionOf(body).bytes]);
  spoil(batch.bytes);
  const planned = new BlockPlanner(table).plan(batch, height, 0n);
  const memory = new RecordMemory(table.shared);
  memory.beginBlock(height);
  const kernel = new NativeTransfer(memory, programs, new Uint32Array(NETWORK.slice().buffer));
  kernel.beginBlock(planned);
  const all = () => toHex(blake3(Buffer.concat([table.views.bytes, Buffer.from(planned.receipts.buffer)])));
  const was = all();
  const done = kernel.run(0);
  const changed = was !== all() || memory.changedCount > 0 || planned.credits.some((credit) => credit !== 0n);
  return { done, changed, fees: kernel.fees, gasUsed: planned.receipts.words[1] };
}

describe('the kernel of native transfers', () => {
  let rig: Rig;
  before(async () => {
    rig = await Rig.start(0);
  });
  after(() => rig.close());

  it('comes to what the baseline says, at the edges of balances, amounts, fees, nonces and windows', async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const expected = judged(world);
        for (const { status } of expected.blocks[0]?.receipts ?? []) seen.set(status, (seen.get(status) ?? 0) + 1);
        await rig.check(expected, dear(CAPACITY), 'no');
      }),
      { numRuns: 1500 },
    );
    const { ok, wrongNonce, feeUnpayable, notYetValid, expired, outOfGas } = STATUS;
    for (const status of [ok, wrongNonce, feeUnpayable, notYetValid, expired, outOfGas]) {
      assert.ok((seen.get(status) ?? 0) > 10, `status ${status} came up ${seen.get(status)} times`);
    }
  });

  it('changes the state in the block whose height has 32 zero bits', async () => {
    const one: World['sent'][number] = {
      ...{ from: 0, to: 2, amount: 1n, step: 0n, tagged: false },
      ...{ gasLimit: MAX_GAS, gasPrice: 1n, window: [0n, 0n] },
    };
    const people = [0, 1, 2].map((): [bigint, bigint] => [10n ** 9n, 0n]);
    await rig.check(judged({ height: WORD, people, sent: [one] }), dear(CAPACITY), 'no');
  });

  it('takes an ordinary transfer, up to the last unit that a double holds', () => {
    const { done, changed, fees, gasUsed } = byKernel(bodyOf());
    assert.deepEqual([done, changed, gasUsed, fees], [true, true, GAS_OF_TRANSFER, BigInt(50_000 / 8) * 3n]);
    assert.ok(byKernel(bodyOf({ gasLimit: GAS_OF_TRANSFER })).done);
    assert.ok(byKernel(bodyOf({ gasLimit: GAS_OF_TRANSFER, gasPrice: 0n }, EXACT - 1n), record(EXACT - 1n, 0n)).done);
    assert.ok(byKernel(bodyOf({ sequence: 2n ** 40n }), record(10n ** 9n, 2n ** 40n)).done);
    assert.ok(byKernel(bodyOf({}, 5n, ann)).done, 'to oneself');
  });

  const asset = new Uint8Array(11).fill(9);
  const key = (bytes: Uint8Array) => ({ credits: [bytes] });
  const two = assembleCalls(ann, [assets.transfer(ann, person(2), 1n), assets.transfer(ann, person(2), 1n)]);
  const read = { reads: [accountKey(person(5))] };
  const rich = record(10n ** 9n, 0n);
  const leaves: readonly (readonly [string, Partial<TransactionBody>, Uint8Array?, bigint?])[] = [
    ['two operations', two],
    ['a tag', { tagged: true }],
    ['another asset', assembleCalls(ann, [assets.transfer(ann, person(2), 1n, asset)])],
    ['a credited key of another space', key(balanceKey(person(2), asset))],
    ['a key that is read', read],
    ['another network', { network: new Uint8Array(16) }],
    ['a window that is over', { validUntil: 1n }, rich, 2n],
    ['a window to come', { validFrom: 2n }],
    ['a height that no double holds', { validFrom: EXACT, validUntil: EXACT + 2n }, rich, EXACT + 1n],
    ['another nonce', { sequence: 1n }],
    ['a nonce that differs above 32 bits', { sequence: WORD }],
    ['a nonce whose low word is full', { sequence: WORD - 1n }, record(10n ** 9n, WORD - 1n)],
    ['an amount of 0', assembleCalls(ann, [assets.transfer(ann, person(2), 0n)])],
    ['too little for amount and fee', {}, record(150_004n, 0n)],
    ['a balance that no double holds', {}, record(EXACT, 0n)],
    ['a limit below the gas', { gasLimit: GAS_OF_TRANSFER - 1 }],
    ['an account without record', {}, new Uint8Array(0)],
  ];
  for (const [name, change, account = rich, height = 1n] of leaves) {
    it(`leaves to the program, untouched: ${name}`, () => {
      const { done, changed, fees } = byKernel(bodyOf(change), account, height);
      assert.deepEqual([done, changed, fees], [false, false, 0n]);
    });
  }

  it('does not count on the form of the credited key or of arguments', () => {
    for (const at of [AT.keys + 21, AT.keys + 24, AT.keys + 31, AT.keys + 32 + 8 + 10]) {
      const { done, changed } = byKernel(bodyOf(), rich, 1n, PROGRAMS, (bytes) => bytes.fill(1, at, at + 1));
      assert.deepEqual([done, changed], [false, false], `byte ${at}`);
    }
  });

  it('is not there where no program has such an operation', () => {
    assert.equal(byKernel(bodyOf(), rich, 1n, new Map()).done, false);
  });

  it('holds the sum of fees beyond what a double does', () => {
    const table = new StateTable(4096);
    const people = Array.from({ length: 12 }, (_, i) => person(i));
    for (const who of people) table.put(accountKey(who), record(EXACT - 1n, 0n));
    const costly = { gasLimit: MAX_GAS, gasPrice: MAX_GAS_PRICE };
    const bodies = people.map((who) => bodyOf(costly, 1n, person(30), who));
    const planned = new BlockPlanner(table).plan(batchOf(bodies.map((body) => transactionOf(body).bytes)), 1n, 0n);
    const memory = new RecordMemory(table.shared);
    memory.beginBlock(1n);
    const kernel = new NativeTransfer(memory, PROGRAMS, new Uint32Array(NETWORK.slice().buffer));
    kernel.beginBlock(planned);
    people.forEach((_, i) => {
      assert.ok(kernel.run(i));
    });
    assert.equal(kernel.fees, 12n * BigInt(MAX_GAS / 8) * MAX_GAS_PRICE);
  });
});
