import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transactionAt } from '../../../../src/ledger/block/batch.ts';
import type { OrderedBlock } from '../../../../src/ledger/log/interface.ts';
import type { OrderingLog } from '../../../../src/ledger/ordering/interface.ts';
import { idOf, numberOf, rootOf, transaction } from './transactions.ts';

/** What the suite needs of a driver. Transactions are those of `transactions.ts`; all of them are admissible. */
export interface DriverUnderTest {
  readonly name: string;
  /** A driver over a new, empty order, and how to open the same order again once it is closed or dead. */
  create(): Promise<{
    readonly open: () => Promise<OrderingLog>;
    /**
     * In another process: opens the driver, submits these, commits roots, and is killed without warning once `enough` are
     * acknowledged; returns the numbers of those that were.
     */
    readonly killed: (numbers: readonly number[], enough: number) => Promise<number[]>;
  }>;
}

const headerOf = (height: bigint) => new Uint8Array(32).fill(Number(height % 255n) + 1);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Submits, and waits until all are ordered. */
async function ordered(driver: OrderingLog, numbers: readonly number[]): Promise<void> {
  await Promise.all(
    numbers.map(async (number) => {
      const { id } = await driver.submit(transaction(number));
      assert.equal(id, idOf(transaction(number)));
      await driver.whenOrdered(id);
    }),
  );
}

/** Follows from a height to the head of now, committing what was not committed. */
async function follow(driver: OrderingLog, from: bigint, to = driver.head().height): Promise<OrderedBlock[]> {
  const blocks: OrderedBlock[] = [];
  if (from > to) return blocks;
  for await (const block of driver.subscribe(from)) {
    blocks.push(block);
    const { sealed } = driver.head();
    if (sealed === undefined || block.height > sealed) await driver.commitRoot(block.height, headerOf(block.height));
    if (block.height >= to) break;
  }
  return blocks;
}

/** Runs until the driver is closed. */
function executor(driver: OrderingLog): Promise<void> {
  return (async () => {
    const { sealed } = driver.head();
    for await (const { height } of driver.subscribe((sealed ?? 0n) + 1n))
      await driver.commitRoot(height, headerOf(height));
  })().catch((error: { code?: string }) => assert.equal(error.code, 'LEDGER_CLOSED'));
}

function numbersIn(blocks: readonly OrderedBlock[]): number[] {
  return blocks.flatMap(({ batch }) => range(0, batch.count - 1).map((i) => numberOf(transactionAt(batch, i))));
}

function assertChain(blocks: readonly OrderedBlock[], from: bigint): void {
  let time = 0n;
  blocks.forEach((block, i) => {
    assert.equal(block.height, from + BigInt(i));
    assert.ok(block.time >= time);
    assert.ok(block.batch.count > 0, 'no empty blocks');
    assert.deepEqual(block.transactionsRoot, rootOf(block.batch));
    time = block.time;
  });
}

const flat = (blocks: readonly OrderedBlock[]) =>
  blocks.map(({ height, time, transactionsRoot, batch }) => [
    height,
    time,
    Buffer.from(transactionsRoot).toString('hex'),
    Buffer.from(batch.bytes).toString('hex'),
  ]);

/** The promises of `OrderingLog`, as tests of whatever driver. */
export function testOrdering({ name, create }: DriverUnderTest): void {
  test(`${name}: the order is total, and equal for subscribers early, late and slow; nothing lost, nothing twice`, async () => {
    const { open } = await create();
    const driver = await open();
    const early = (async () => {
      const blocks: OrderedBlock[] = [];
      for await (const block of driver.subscribe(1n)) blocks.push(block);
      return blocks;
    })();
    const running = executor(driver);
    await Promise.all([ordered(driver, range(1, 150)), ordered(driver, range(151, 300))]);
    const late = await follow(driver, 1n);
    assertChain(late, 1n);
    assert.deepEqual(
      numbersIn(late).sort((a, b) => a - b),
      range(1, 300),
    );
    const middle = late[Math.floor(late.length / 2)]?.height ?? 1n;
    assert.deepEqual(flat(await follow(driver, middle)), flat(late.slice(Number(middle) - 1)));
    await driver.close();
    await running;
    assert.deepEqual(flat(await early), flat(late));

    const again = await open();
    assert.deepEqual(flat(await follow(again, 1n)), flat(late));
    assert.deepEqual(flat(await follow(again, middle)), flat(late.slice(Number(middle) - 1)));
    await again.close();
  });

  test(`${name}: placements say where a transaction stands; an unknown one is unknown; one that waits is not taken twice`, async () => {
    const { open } = await create();
    const driver = await open();
    const running = executor(driver);
    const places = await Promise.all(
      range(1, 60).map(async (number) => {
        const { id } = await driver.submit(transaction(number));
        await assert.rejects(driver.submit(transaction(number)), { code: 'LEDGER_TRANSACTION_REFUSED' });
        return await driver.whenOrdered(id);
      }),
    );
    const blocks = await follow(driver, 1n);
    places.forEach(({ id, height, index }, i) => {
      const block = blocks[Number(height) - 1];
      assert.ok(block);
      assert.equal(numberOf(transactionAt(block.batch, index)), i + 1);
      assert.equal(id, idOf(transaction(i + 1)));
    });
    await assert.rejects(driver.whenOrdered('00'.repeat(32)), { code: 'LEDGER_NOT_FOUND' });
    await assert.rejects(driver.submit(new Uint8Array(8)), { code: 'LEDGER_TRANSACTION_INVALID' });
    await driver.close();
    await running;
  });

  test(`${name}: headers are committed in order; another one for the same height is refused, now and after a restart`, async () => {
    const { open } = await create();
    const driver = await open();
    await ordered(driver, range(1, 5));
    await assert.rejects(driver.commitRoot(driver.head().height + 1n, headerOf(9n)), { code: 'LEDGER_NOT_FOUND' });
    await follow(driver, 1n);
    const { height, sealed } = driver.head();
    assert.equal(sealed, height);
    await driver.commitRoot(height, headerOf(height));
    const mismatch = { code: 'LEDGER_ROOT_MISMATCH' };
    await assert.rejects(driver.commitRoot(height, new Uint8Array(32)), mismatch);
    await driver.close();
    const again = await open();
    assert.equal(again.head().sealed, height);
    await again.commitRoot(height, headerOf(height));
    await assert.rejects(again.commitRoot(height, new Uint8Array(32)), mismatch);
    assert.throws(() => again.subscribe(height + 2n), { code: 'LEDGER_NOT_FOUND' });
    await again.close();
  });

  test(`${name}: blocks run ahead of execution by a bounded number, and go on when it catches up`, async () => {
    const { open } = await create();
    const driver = await open();
    const ids = await Promise.all(range(1, 1_000).map((number) => driver.submit(transaction(number))));
    const ahead = await stillness(driver);
    assert.ok(ahead >= 1n && ahead <= 16n, `${ahead} blocks`);
    const running = executor(driver);
    await Promise.all(ids.map(({ id }) => driver.whenOrdered(id)));
    assert.ok(driver.head().height > ahead);
    await driver.close();
    await running;
  });

  test(`${name}: closed while busy, all that waits is told, and what was acknowledged stays`, async () => {
    const { open } = await create();
    const driver = await open();
    const running = executor(driver);
    const acknowledged: number[] = [];
    const outcomes = range(1, 400).map(async (number) => {
      try {
        const { id } = await driver.submit(transaction(number));
        if (number === 200) void driver.close();
        await driver.whenOrdered(id);
        acknowledged.push(number);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'LEDGER_CLOSED');
      }
    });
    await Promise.all(outcomes);
    await driver.close();
    await running;
    await assert.rejects(driver.submit(transaction(1)), { code: 'LEDGER_CLOSED' });
    assert.throws(() => driver.subscribe(1n), { code: 'LEDGER_CLOSED' });
    const again = await open();
    const there = numbersIn(await follow(again, 1n));
    assert.equal(new Set(there).size, there.length);
    for (const number of acknowledged) assert.ok(there.includes(number), `${number} was acknowledged`);
    await again.close();
  });

  test(`${name}: what was acknowledged survives kill -9, once`, async () => {
    const { open, killed } = await create();
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round++) {
      acknowledged.push(...(await killed(range(round * 300 + 1, round * 300 + 300), 120)));
    }
    assert.ok(acknowledged.length >= 360, `${acknowledged.length}`);
    const driver = await open();
    const blocks = await follow(driver, 1n);
    assertChain(blocks, 1n);
    const there = numbersIn(blocks);
    assert.equal(new Set(there).size, there.length);
    for (const number of acknowledged) assert.ok(there.includes(number), `${number} was acknowledged`);
    await driver.close();
  });
}

/** Height at which the driver stands still, for longer than a block would take. */
async function stillness(driver: OrderingLog): Promise<bigint> {
  for (;;) {
    const { height } = driver.head();
    await new Promise((resolve) => setTimeout(resolve, 400));
    if (height > 0n && driver.head().height === height) return height;
  }
}
