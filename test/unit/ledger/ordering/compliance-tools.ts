import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { transactionAt } from '../../../../src/ledger/block/batch.ts';
import type { OrderedBlock } from '../../../../src/ledger/log/interface.ts';
import type { OrderingLog } from '../../../../src/ledger/ordering/interface.ts';
import { idOf, numberOf, rootOf, transaction } from './transactions.ts';

/** What the compliance suite does with a driver of ordering. */

export type HeaderOf = (height: bigint) => Uint8Array;

export const anyHeader: HeaderOf = (height) => new Uint8Array(32).fill(Number(height % 255n) + 1);
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Submits, and waits until all are ordered. */
export async function submitted(driver: OrderingLog, numbers: readonly number[]): Promise<undefined> {
  await Promise.all(
    numbers.map(async (number) => {
      const { id } = await driver.submit(transaction(number));
      assert.equal(id, idOf(transaction(number)));
      await driver.whenOrdered(id);
    }),
  );
}

/** Follows from a height to the head of now, committing what was not committed. */
export async function follow(
  driver: OrderingLog,
  from: bigint,
  headerOf: HeaderOf,
  to = driver.head().height,
): Promise<OrderedBlock[]> {
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
export function executor(driver: OrderingLog, headerOf: HeaderOf): Promise<void> {
  return (async () => {
    const { sealed } = driver.head();
    for await (const { height } of driver.subscribe((sealed ?? 0n) + 1n))
      await driver.commitRoot(height, headerOf(height));
  })().catch((error: { code?: string }) => assert.equal(error.code, 'LEDGER_CLOSED'));
}

/** Until the driver's order has come so far. */
export async function reached(driver: OrderingLog, height: bigint | undefined): Promise<void> {
  while (height !== undefined && driver.head().height < height) await sleep(2);
}

export function numbersIn(blocks: readonly OrderedBlock[]): number[] {
  return blocks.flatMap(({ batch }) => range(0, batch.count - 1).map((i) => numberOf(transactionAt(batch, i))));
}

export function assertChain(blocks: readonly OrderedBlock[], from: bigint): void {
  let time = 0n;
  blocks.forEach((block, i) => {
    assert.equal(block.height, from + BigInt(i));
    assert.ok(block.time >= time);
    assert.ok(block.batch.count > 0, 'no empty blocks');
    assert.deepEqual(block.transactionsRoot, rootOf(block.batch));
    time = block.time;
  });
}

export const flat = (blocks: readonly OrderedBlock[]) =>
  blocks.map(({ height, time, transactionsRoot, batch }) => [
    height,
    time,
    Buffer.from(transactionsRoot).toString('hex'),
    Buffer.from(batch.bytes).toString('hex'),
  ]);

/** What a number of blocks is once it stands still for longer than a block would take. */
export async function stillness(look: () => bigint): Promise<bigint> {
  for (;;) {
    const before = look();
    await sleep(400);
    if (before > 0n && look() === before) return before;
  }
}
