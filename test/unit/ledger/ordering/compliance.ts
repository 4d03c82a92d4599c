import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transactionAt } from '../../../../src/ledger/block/batch.ts';
import type { OrderedBlock } from '../../../../src/ledger/log/interface.ts';
import type { OrderingLog } from '../../../../src/ledger/ordering/interface.ts';
import {
  anyHeader,
  assertChain,
  executor,
  flat,
  follow,
  numbersIn,
  range,
  reached,
  stillness,
} from './compliance-tools.ts';
import { idOf, numberOf, transaction } from './transactions.ts';

/** A new, empty order, and how to open it again once it is closed or dead. */
export interface OrderUnderTest {
  readonly open: () => Promise<OrderingLog>;
  /**
   * Puts transactions into the order: by submitting them (`submitted`), or where the driver has its order from elsewhere,
   * there. Resolves when they are ordered, or will be without anybody's doing: then with the height of the last one.
   */
  readonly order: (driver: OrderingLog, numbers: readonly number[]) => Promise<bigint | undefined>;
  /** What executing a block comes to; 32 bytes that tell heights apart unless told. */
  readonly headerOf?: (height: bigint) => Uint8Array;
  /**
   * In another process: opens the driver, puts these into the order, commits roots, and is killed without warning once
   * `enough` are acknowledged, or committed where nothing is submitted; returns the numbers of those that were.
   */
  readonly killed: (numbers: readonly number[], enough: number) => Promise<number[]>;
}

/** What the suite needs of a driver. Transactions are those of `transactions.ts`; all of them are admissible. */
export interface DriverUnderTest {
  readonly name: string;
  /** Whether it takes submissions: what is promised to those who submit is asked of such drivers alone. */
  readonly submits: boolean;
  create(): Promise<OrderUnderTest>;
}

/** The promises of `OrderingLog`, as tests of whatever driver. */
export function testOrdering(driver: DriverUnderTest): void {
  testOrder(driver);
  if (driver.submits) testSubmitting(driver);
  else testFollowing(driver);
}

/** What every driver promises. */
function testOrder({ name, create }: DriverUnderTest): void {
  test(`${name}: the order is total, and equal for subscribers early, late and slow; nothing lost, nothing twice`, async () => {
    const { open, order, headerOf = anyHeader } = await create();
    const driver = await open();
    const early = (async () => {
      const blocks: OrderedBlock[] = [];
      for await (const block of driver.subscribe(1n)) blocks.push(block);
      return blocks;
    })();
    const running = executor(driver, headerOf);
    const heights = await Promise.all([order(driver, range(1, 150)), order(driver, range(151, 300))]);
    for (const height of heights) await reached(driver, height);
    const late = await follow(driver, 1n, headerOf);
    assertChain(late, 1n);
    assert.deepEqual(
      numbersIn(late).sort((a, b) => a - b),
      range(1, 300),
    );
    const middle = late[Math.floor(late.length / 2)]?.height ?? 1n;
    assert.deepEqual(flat(await follow(driver, middle, headerOf)), flat(late.slice(Number(middle) - 1)));
    await driver.close();
    await running;
    assert.deepEqual(flat(await early), flat(late));

    const again = await open();
    assert.deepEqual(flat(await follow(again, 1n, headerOf)), flat(late));
    assert.deepEqual(flat(await follow(again, middle, headerOf)), flat(late.slice(Number(middle) - 1)));
    await again.close();
  });

  test(`${name}: headers are committed in order; another one for the same height is refused, now and after a restart`, async () => {
    const { open, order, headerOf = anyHeader } = await create();
    const driver = await open();
    const last = await order(driver, range(1, 5));
    const notFound = { code: 'LEDGER_NOT_FOUND' };
    await assert.rejects(driver.commitRoot(driver.head().height + 1n, anyHeader(9n)), notFound);
    await follow(driver, 1n, headerOf, last);
    const { height, sealed } = driver.head();
    assert.equal(sealed, height);
    await assert.rejects(driver.commitRoot(height + 1n, anyHeader(9n)), notFound);
    await driver.commitRoot(height, headerOf(height));
    const mismatch = { code: 'LEDGER_ROOT_MISMATCH' };
    await assert.rejects(driver.commitRoot(height, new Uint8Array(32)), mismatch);
    await driver.close();
    const again = await open();
    assert.equal(again.head().sealed, height);
    await again.commitRoot(height, headerOf(height));
    await assert.rejects(again.commitRoot(height, new Uint8Array(32)), mismatch);
    assert.throws(() => again.subscribe(height + 2n), notFound);
    await again.close();
    assert.throws(() => again.subscribe(1n), { code: 'LEDGER_CLOSED' });
    await assert.rejects(again.commitRoot(height, headerOf(height)), { code: 'LEDGER_CLOSED' });
  });

  test(`${name}: blocks run ahead of execution by a bounded number, and go on when it catches up`, async () => {
    const { open, order, headerOf = anyHeader } = await create();
    const driver = await open();
    const ordering = order(driver, range(1, 1_000));
    let seen = 0n;
    const idle = (async () => {
      for await (const { height } of driver.subscribe(1n)) seen = height;
    })();
    const ahead = await stillness(() => seen);
    assert.ok(ahead >= 1n && ahead <= 16n, `${ahead} blocks`);
    assert.ok(driver.head().height <= ahead);
    const running = executor(driver, headerOf);
    await reached(driver, await ordering);
    assert.ok(driver.head().height > ahead);
    await driver.close();
    await running;
    await idle;
  });

  test(`${name}: what was acknowledged survives kill -9, once`, async () => {
    const { open, killed, headerOf = anyHeader } = await create();
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round++) {
      acknowledged.push(...(await killed(range(round * 300 + 1, round * 300 + 300), 120)));
    }
    assert.ok(acknowledged.length >= 360, `${acknowledged.length}`);
    const driver = await open();
    const blocks = await follow(driver, 1n, headerOf);
    assertChain(blocks, 1n);
    const there = numbersIn(blocks);
    assert.equal(new Set(there).size, there.length);
    for (const number of acknowledged) assert.ok(there.includes(number), `${number} was acknowledged`);
    await driver.close();
  });
}

/** What is promised to those who submit. */
function testSubmitting({ name, create }: DriverUnderTest): void {
  test(`${name}: placements say where a transaction stands; an unknown one is unknown; one that waits is not taken twice`, async () => {
    const { open, headerOf = anyHeader } = await create();
    const driver = await open();
    const running = executor(driver, headerOf);
    const places = await Promise.all(
      range(1, 60).map(async (number) => {
        const { id } = await driver.submit(transaction(number));
        await assert.rejects(driver.submit(transaction(number)), { code: 'LEDGER_TRANSACTION_REFUSED' });
        return await driver.whenOrdered(id);
      }),
    );
    const blocks = await follow(driver, 1n, headerOf);
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

  test(`${name}: many at a time are answered each by itself, and all the good ones ordered`, async () => {
    const { open, headerOf = anyHeader } = await create();
    const driver = await open();
    // A driver may have nothing better than one by one.
    const submitMany = driver.submitMany?.bind(driver);
    if (submitMany === undefined) return await driver.close();
    const running = executor(driver, headerOf);
    const numbers = range(1, 3_000);
    const many = numbers.map((number) => transaction(number));
    many.splice(1_500, 0, new Uint8Array(8), transaction(7));
    const answers = await submitMany(many);
    const codes = answers.map((answer) => (answer instanceof Error ? (answer as { code?: string }).code : 'taken'));
    assert.deepEqual(codes.splice(1_500, 2), ['LEDGER_TRANSACTION_INVALID', 'LEDGER_TRANSACTION_REFUSED']);
    assert.deepEqual(new Set(codes), new Set(['taken']));
    answers.splice(1_500, 2);
    const ids = answers.map((id) => Buffer.from(id as Uint8Array).toString('hex'));
    assert.deepEqual(
      ids,
      numbers.map((number) => idOf(transaction(number))),
    );
    await Promise.all(ids.map((id) => driver.whenOrdered(id)));
    const there = numbersIn(await follow(driver, 1n, headerOf));
    assert.deepEqual(
      there.sort((a, b) => a - b),
      numbers,
    );
    assert.deepEqual(await submitMany([]), []);
    await driver.close();
    await running;
    await assert.rejects(submitMany([transaction(1)]), { code: 'LEDGER_CLOSED' });
  });

  test(`${name}: closed while busy, all that waits is told, and what was acknowledged stays`, async () => {
    const { open, headerOf = anyHeader } = await create();
    const driver = await open();
    const running = executor(driver, headerOf);
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
    const again = await open();
    const there = numbersIn(await follow(again, 1n, headerOf));
    assert.equal(new Set(there).size, there.length);
    for (const number of acknowledged) assert.ok(there.includes(number), `${number} was acknowledged`);
    await again.close();
  });
}

/** What a driver promises whose order is made elsewhere. */
function testFollowing({ name, create }: DriverUnderTest): void {
  test(`${name}: it takes nothing, and says so`, async () => {
    const { open } = await create();
    const driver = await open();
    await assert.rejects(driver.submit(transaction(1)), { code: 'LEDGER_TRANSACTION_REFUSED' });
    await assert.rejects(driver.whenOrdered(idOf(transaction(1))), { code: 'LEDGER_NOT_FOUND' });
    assert.equal(driver.submitMany, undefined);
    assert.equal(driver.head().height, 0n);
    await driver.close();
  });

  test(`${name}: closed while busy, what was committed stays, and it goes on from there`, async () => {
    const { open, order, headerOf = anyHeader } = await create();
    const driver = await open();
    const last = await order(driver, range(1, 400));
    const running = executor(driver, headerOf);
    await reached(driver, 5n);
    await driver.close();
    await running;
    const { sealed } = driver.head();
    const again = await open();
    assert.ok(again.head().height >= (sealed ?? 0n) && (sealed ?? 0n) >= 4n, String(sealed));
    const more = executor(again, headerOf);
    await reached(again, last);
    const blocks = await follow(again, 1n, headerOf);
    assertChain(blocks, 1n);
    assert.deepEqual(numbersIn(blocks), range(1, 400));
    await again.close();
    await more;
  });
}
