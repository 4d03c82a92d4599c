import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transactionAt } from '../../../../src/ledger/block/batch.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import { folder, runKilled } from './children.ts';
import { testOrdering } from './compliance.ts';
import { submitted } from './compliance-tools.ts';
import { embedded, embeddedOver, NETWORK, numberOf, rich, transaction } from './transactions.ts';

testOrdering({
  name: 'embedded',
  submits: true,
  create: async () => {
    const path = folder();
    return {
      open: () => embedded(path),
      order: submitted,
      killed: async (numbers, enough) => {
        const run = { folder: path, from: numbers[0] ?? 1, to: numbers.at(-1) ?? 1, enough };
        return [...(await runKilled(run)).acknowledged.keys()];
      },
    };
  },
});

test('what was ordered before a restart and not executed is not ordered again', async () => {
  const path = folder();
  const driver = await embedded(path);
  const { id } = await driver.submit(transaction(1));
  const { height } = await driver.whenOrdered(id);
  await driver.close();

  const spent = new Set<bigint>();
  const again = await embedded(path, { accounts: { ...rich, tagSpent: (_, tag) => spent.has(tag) } });
  // The state knows nothing of it yet: the answer waits for the execution.
  const submitted = again.submit(transaction(1)).then(
    () => 'taken',
    (error: { code?: string }) => error.code,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  spent.add(1n);
  await again.commitRoot(height, new Uint8Array(32).fill(1));
  assert.equal(await submitted, 'LEDGER_TRANSACTION_REFUSED');
  await again.close();
});

test('idle, no block is made; blocks keep their distance unless they are full', async () => {
  const path = folder();
  const driver = await embedded(path, { blockTime: 300, blockTransactions: 4, ahead: 100 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(driver.head().height, 0n);
  const ids = [];
  for (let number = 1; number <= 10; number++) ids.push((await driver.submit(transaction(number))).id);
  const places = await Promise.all(ids.map((id) => driver.whenOrdered(id)));
  const last = places.at(-1);
  assert.ok(last !== undefined && last.height >= 3n && last.height <= 5n, String(last?.height));
  await driver.close();
});

test('a block is full by its gas or its bytes, too: then it waits for nothing', async () => {
  for (const more of [{ blockGas: 4_000 }, { blockBytes: 256 }]) {
    const driver = await embedded(folder(), { blockTime: 600_000, ahead: 100, ...more });
    await driver.whenOrdered((await driver.submit(transaction(1))).id);
    const ids = [];
    for (let number = 2; number <= 8; number++) ids.push((await driver.submit(transaction(number))).id);
    const places = await Promise.all(ids.slice(0, 4).map((id) => driver.whenOrdered(id)));
    assert.deepEqual(
      places.map(({ height }) => height),
      [2n, 2n, 2n, 2n],
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([driver.head().height, driver.waiting.transactions], [2n, 3]);
    await driver.close();
  }
});

test('what is dropped while someone waits for it is told', async () => {
  const path = folder();
  const driver = await embedded(path, { blockTime: 60_000, mempool: { transactions: 2 }, ahead: 1 });
  const first = await driver.submit(transaction(1));
  await driver.whenOrdered(first.id);
  // No header is committed: one block ahead is all there may be, the rest waits.
  const { id } = await driver.submit(transaction(2, 2, 1));
  const dropped = assert.rejects(driver.whenOrdered(id), { code: 'LEDGER_TRANSACTION_REFUSED' });
  await driver.submit(transaction(3, 3, 5));
  await driver.submit(transaction(4, 4, 5));
  await dropped;
  await assert.rejects(driver.submit(transaction(5, 5, 5)), { code: 'LEDGER_MEMPOOL_FULL' });
  assert.deepEqual({ ...driver.waiting }, { transactions: 2, bytes: 128 });
  await driver.close();
});

test('a log that fails for good ends the order with its error; nobody waits for ever', async () => {
  const path = folder();
  const log = await openBlockLog({ folder: path, network: NETWORK });
  const driver = embeddedOver(log);
  const following = (async () => {
    for await (const { height } of driver.subscribe(1n)) await driver.commitRoot(height, new Uint8Array(32).fill(1));
  })();
  const { id } = await driver.submit(transaction(1));
  await driver.whenOrdered(id);
  // As a disk that is taken away: the log closes under the driver.
  await log.close();
  const next = await driver.submit(transaction(2));
  await assert.rejects(driver.whenOrdered(next.id), { code: 'LEDGER_CLOSED' });
  await assert.rejects(following, { code: 'LEDGER_CLOSED' });
  await assert.rejects(driver.submit(transaction(3)), { code: 'LEDGER_CLOSED' });
  await driver.close();
});

test('no room on the disk: senders are told, what was taken waits, and it goes on when there is room', async () => {
  const path = folder();
  const script = fileURLToPath(new URL('full-child.ts', import.meta.url));
  // The soft limit alone, in the 512-byte blocks of sh: 64 KiB in one file.
  const { stdout, stderr } = spawnSync('sh', [
    '-c',
    'ulimit -S -f 128; exec "$0" "$@"',
    process.execPath,
    script,
    path,
  ]);
  assert.equal(stdout.toString(), JSON.stringify([1, 'LEDGER_LOG_UNWRITABLE', 0, 30]), stderr.toString());
  const log = await openBlockLog({ folder: path, network: NETWORK });
  assert.equal(log.cut, undefined);
  const numbers = [];
  for await (const { batch } of log.read(1n)) {
    for (let i = 0; i < batch.count; i++) numbers.push(numberOf(transactionAt(batch, i)));
  }
  assert.equal(new Set(numbers).size, numbers.length);
  for (let number = 1; number <= 31; number++) assert.ok(numbers.includes(number), String(number));
  await log.close();
});
