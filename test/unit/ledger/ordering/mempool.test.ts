import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransactionSummary } from '../../../../src/ledger/ordering/interface.ts';
import { Mempool } from '../../../../src/ledger/ordering/mempool.ts';
import type { MempoolOptions } from '../../../../src/ledger/ordering/mempool-options.ts';

const RICH = { account: () => ({ balance: 10n ** 18n, nonce: 0n }), tagSpent: () => false };
const REFUSED = { code: 'LEDGER_TRANSACTION_REFUSED' };
const FULL = { code: 'LEDGER_MEMPOOL_FULL' };
const LIMITS = { height: 1n, transactions: 100, bytes: 100_000, gas: 100_000 };

let ids = 0;
function summary(more: Partial<TransactionSummary> = {}): TransactionSummary {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, ++ids);
  const rest = { tagged: false, validFrom: 0n, validUntil: 100n, byteLength: 64, keys: 2, writeKeys: [] };
  return { id, signer: 'a', sequence: 0n, gasPrice: 10n, gasLimit: 1_000, ...rest, ...more };
}

function pool(more: Partial<MempoolOptions> = {}): {
  mempool: Mempool;
  add: (more?: Partial<TransactionSummary>) => void;
} {
  const mempool = new Mempool(RICH, { blockGas: 100_000, blockBytes: 100_000, ...more });
  return { mempool, add: (fields) => mempool.admit(summary(fields), new Uint8Array(64), 1n) };
}

test('a later number waits for the earlier, and goes right behind it', () => {
  const { mempool, add } = pool();
  add({ sequence: 2n, gasPrice: 99n });
  add({ sequence: 1n, gasPrice: 50n });
  assert.equal(mempool.any(1n), false);
  assert.deepEqual(mempool.takeBlock(LIMITS), []);
  add({ sequence: 0n, gasPrice: 1n });
  add({ signer: 'b', gasPrice: 20n });
  const taken = mempool.takeBlock(LIMITS).map(({ account: { signer }, sequence }) => `${signer}${sequence}`);
  assert.deepEqual(taken, ['b0', 'a0', 'a1', 'a2']);
  assert.throws(() => add({ sequence: 64n + 3n }), REFUSED);
  add({ sequence: 63n + 3n });
});

test('a replacement pays exactly a tenth more, or it is refused', () => {
  const { mempool, add } = pool();
  add({ gasPrice: 10n });
  assert.throws(() => add({ gasPrice: 10n }), REFUSED);
  add({ gasPrice: 11n });
  assert.throws(() => add({ gasPrice: 12n }), REFUSED);
  add({ gasPrice: 13n });
  assert.equal(mempool.size, 1);
  const free = pool();
  free.add({ gasPrice: 0n });
  assert.throws(() => free.add({ gasPrice: 0n }), REFUSED);
  free.add({ gasPrice: 1n });
});

test('no churn: a full pool gives way to a better price only, and never to what cannot be executed', () => {
  const dropped: number[] = [];
  const onDropped = (id: Uint8Array) => dropped.push(new DataView(id.buffer).getUint32(0));
  const { mempool, add } = pool({ transactions: 3, onDropped });
  for (const signer of ['a', 'b', 'c']) add({ signer });
  assert.throws(() => add({ signer: 'd' }), FULL);
  assert.throws(() => add({ signer: 'd', sequence: 1n, gasPrice: 1_000n }), FULL, 'a number is missing before it');
  assert.throws(
    () => add({ signer: 'a', sequence: 1n, gasPrice: 1_000n }),
    FULL,
    'stands behind one that pays as little',
  );
  assert.deepEqual(dropped, []);
  add({ signer: 'd', gasPrice: 11n });
  assert.equal(dropped.length, 1);
  assert.equal(mempool.size, 3);
});

test('bytes: all that has to go goes, or nothing does', () => {
  const { mempool, add } = pool({ bytes: 200 });
  add({ signer: 'a', gasPrice: 1n });
  add({ signer: 'b', gasPrice: 5n });
  add({ signer: 'c', gasPrice: 9n });
  assert.throws(() => add({ signer: 'd', gasPrice: 6n, byteLength: 192 }), FULL);
  assert.equal(mempool.size, 3);
  add({ signer: 'd', gasPrice: 6n, byteLength: 128 });
  assert.equal(mempool.size, 2);
  assert.equal(mempool.bytes, 192);
});

test('fees: what waits and what is in flight is paid for, or refused', () => {
  const accounts = { account: () => ({ balance: 25_000n, nonce: 0n }), tagSpent: () => false };
  const mempool = new Mempool(accounts, { blockGas: 100_000, blockBytes: 100_000 });
  const add = (sequence: bigint) => mempool.admit(summary({ sequence }), new Uint8Array(64), 1n);
  add(0n);
  mempool.takeBlock(LIMITS);
  add(1n);
  assert.throws(() => add(2n), REFUSED);
  mempool.settle(1n);
});

test('one account has 64 waiting, and a tenth of a block while others wait', () => {
  const { mempool, add } = pool();
  for (let sequence = 0n; sequence < 64n; sequence++) add({ sequence, gasPrice: 1_000n });
  assert.throws(() => add({ sequence: 64n }), REFUSED);
  assert.throws(() => add({ sequence: 5n, tagged: true }), REFUSED);
  for (let i = 0; i < 40; i++) add({ signer: `other${i}` });
  const taken = mempool.takeBlock({ ...LIMITS, transactions: 50 }).map(({ account: { signer } }) => signer);
  assert.equal(taken.filter((signer) => signer === 'a').length, 10, 'five of the first round, five of what was left');
  assert.equal(taken.length, 50);
});

test('fee griefing: accounts that may have emptied themselves in a block under way take nobody else’s room', () => {
  const balances = new Map<string, bigint>();
  const accounts = {
    account: (signer: string) => ({ balance: balances.get(signer) ?? 10n ** 9n, nonce: 0n }),
    tagSpent: () => false,
  };
  const mempool = new Mempool(accounts, { blockGas: 100_000, blockBytes: 100_000 });
  const add = (fields: Partial<TransactionSummary>) => mempool.admit(summary(fields), new Uint8Array(64), 1n);
  const signers = (height: bigint) =>
    mempool.takeBlock({ ...LIMITS, height, transactions: 20 }).map(({ account: { signer } }) => signer);
  for (let i = 0; i < 20; i++) add({ signer: `bad${i}`, tagged: true, gasPrice: 99n });
  assert.equal(signers(1n).filter((signer) => signer.startsWith('bad')).length, 20);
  for (let i = 0; i < 20; i++) {
    for (let tag = 1n; tag < 9n; tag++) add({ signer: `bad${i}`, tagged: true, sequence: tag, gasPrice: 99n });
  }
  for (let i = 0; i < 25; i++) add({ signer: `good${i}`, gasPrice: 1n });
  assert.ok(signers(2n).every((signer) => signer.startsWith('good')));
  // Room that nobody else wants.
  assert.equal(signers(3n).filter((signer) => signer.startsWith('good')).length, 5);
  // Half of them turn out to have nothing left: those are dropped, the others have their turn by price.
  for (let i = 0; i < 10; i++) balances.set(`bad${i}`, 0n);
  for (const height of [1n, 2n, 3n]) mempool.settle(height);
  for (let i = 0; i < 25; i++) add({ signer: `late${i}`, gasPrice: 1n });
  const next = signers(4n);
  assert.ok(
    next.every((signer) => Number(signer.slice(3)) >= 10),
    next.join(),
  );
  assert.equal(next.length, 20);
});

test('fee griefing: what is held goes behind what a hot key keeps waiting, at whatever price', () => {
  const { mempool, add } = pool();
  for (let i = 0; i < 14; i++) add({ signer: `bad${i}`, gasPrice: 11n });
  for (let i = 0; i < 14; i++) add({ signer: `bad${i}`, sequence: 1n, gasPrice: 11n, validFrom: 2n, gasLimit: 5_000 });
  assert.equal(mempool.takeBlock(LIMITS).length, 14);
  for (let i = 0; i < 120; i++) add({ signer: `good${i}`, writeKeys: ['popular'] });
  const taken = mempool.takeBlock({ ...LIMITS, height: 2n });
  assert.ok(taken.every(({ account: { signer } }) => signer.startsWith('good')));
  assert.equal(taken.length, 100);
});

test('a block is full by what can stand in it: neither what is too early nor what is held makes one', () => {
  const { mempool, add } = pool({ perAccount: 200 });
  const room = { transactions: 50, bytes: 1_000_000, gas: 100_000 };
  for (let tag = 0n; tag < 120n; tag++) add({ tagged: true, sequence: tag, validFrom: 40n });
  assert.equal(mempool.fills(room), false);
  for (let sequence = 0n; sequence < 50n; sequence++) add({ signer: 'b', sequence });
  assert.equal(mempool.fills(room), true);
  assert.equal(mempool.takeBlock({ ...LIMITS, transactions: 5 }).length, 5);
  add({ signer: 'b', sequence: 50n });
  for (let sequence = 51n; sequence < 60n; sequence++) add({ signer: 'b', sequence });
  assert.equal(mempool.fills(room), false, 'its block is under way');
  mempool.settle(1n);
  assert.equal(mempool.fills(room), false, 'the state says that its numbers were not used');
  add({ signer: 'c', sequence: 0n, validFrom: 40n });
  for (let sequence = 1n; sequence < 64n; sequence++) add({ signer: 'c', sequence });
  assert.equal(mempool.fills(room), false, 'the first of them is too early');
});

test('a full state: what makes records takes what room there is and is dropped, all else has its turn', () => {
  const dropped: string[] = [];
  const { mempool, add } = pool({ onDropped: (_, why) => dropped.push(why) });
  const records = { room: 5, of: (bytes: Uint8Array) => (bytes[0] === 1 ? 2 : 0) };
  const making = (signer: string) => mempool.admit(summary({ signer, gasPrice: 99n }), new Uint8Array(64).fill(1), 1n);
  for (let i = 0; i < 10; i++) making(`new${i}`);
  for (let i = 0; i < 20; i++) add({ signer: `old${i}` });
  const of = (height: bigint) => mempool.takeBlock({ ...LIMITS, height, records }).map((p) => p.account.signer);
  const first = of(1n);
  assert.equal(first.filter((signer) => signer.startsWith('new')).length, 2);
  assert.equal(first.length, 22);
  assert.deepEqual(new Set(dropped), new Set(['the state has no room for the records that it could make']));
  assert.equal(mempool.size, 0);
  making('later');
  assert.deepEqual(of(2n), [], 'the block under way may make as many as there is room for');
  mempool.settle(1n);
  making('again');
  assert.deepEqual(of(3n), ['again']);
});

test('accounts are judged once a block, however their transactions stand between one another’s', () => {
  let asked = 0;
  const accounts = {
    account: RICH.account,
    tagSpent: () => {
      asked += 1;
      return false;
    },
  };
  const mempool = new Mempool(accounts, { blockGas: 100_000, blockBytes: 100_000 });
  for (let tag = 0n; tag < 40n; tag++) {
    for (const signer of ['a', 'b', 'c']) {
      mempool.admit(summary({ signer, tagged: true, sequence: tag }), new Uint8Array(64), 1n);
    }
  }
  assert.equal(mempool.takeBlock({ ...LIMITS, transactions: 60 }).length, 60);
  asked = 0;
  mempool.settle(1n);
  assert.equal(asked, 60, 'each that waits, once');
});

test('an attacker at any price on one key leaves others seven tenths of each block', () => {
  const { mempool, add } = pool();
  for (let i = 0; i < 5_000; i++) add({ signer: `bad${i}`, gasPrice: 1_000_000n, writeKeys: ['hot', `own${i}`] });
  for (let i = 0; i < 210; i++) add({ signer: `good${i}`, gasPrice: 1n, writeKeys: [`mine${i}`] });
  for (let height = 1n; height <= 3n; height++) {
    const taken = mempool.takeBlock({ ...LIMITS, height });
    assert.equal(taken.length, 100);
    assert.equal(taken.filter(({ account: { signer } }) => signer.startsWith('good')).length, 70);
  }
  // Nobody else waits: the key may have it all.
  assert.equal(mempool.takeBlock({ ...LIMITS, height: 4n }).length, 100);
});

test('bounds: gas, bytes, price and heights that no block could hold', () => {
  const { add } = pool();
  for (const more of [
    { gasLimit: 100_001 },
    { byteLength: 100_008 },
    { gasPrice: 2n ** 32n },
    { validUntil: 0n },
    { validFrom: 66n },
  ]) {
    assert.throws(
      () => add(more),
      REFUSED,
      JSON.stringify(more, (_, value) => String(value)),
    );
  }
});

test('a pool that turns over again and again keeps the best', () => {
  const { mempool, add } = pool({ transactions: 10 });
  // Each outbids the cheapest: 30,000 come, ten stay.
  for (let i = 1; i <= 30_000; i++) add({ signer: `s${i}`, gasPrice: BigInt(i) });
  assert.equal(mempool.size, 10);
  const taken = mempool.takeBlock(LIMITS);
  assert.deepEqual(
    taken.map(({ price }) => price),
    Array.from({ length: 10 }, (_, i) => 30_000 - i),
  );
  mempool.settle(1n);
  assert.equal(mempool.bytes, 0);
});

test('what waits for a missing number fills no block', () => {
  const { mempool, add } = pool();
  const block = { transactions: 3, bytes: 100_000, gas: 100_000 };
  add({ sequence: 1n });
  add({ sequence: 2n });
  add({ sequence: 9n });
  assert.equal(mempool.fills({ transactions: 1, bytes: 1, gas: 1 }), false);
  add({ sequence: 0n });
  assert.equal(mempool.fills(block), true);
  assert.equal(mempool.fills({ ...block, transactions: 4 }), false);
  assert.equal(mempool.fills({ ...block, transactions: 4, gas: 3_000 }), true);
  assert.equal(mempool.fills({ ...block, transactions: 4, bytes: 192 }), true);
  mempool.takeBlock(LIMITS);
  assert.equal(mempool.fills({ transactions: 1, bytes: 1, gas: 1 }), false);
  assert.equal(mempool.size, 1);
});
