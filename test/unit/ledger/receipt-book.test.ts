import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf } from '../../../src/ledger/block/batch.ts';
import { STATUS } from '../../../src/ledger/constants.ts';
import type { ExecutedBlock } from '../../../src/ledger/execute/executor.ts';
import { makeReceipts, RECEIPT_WORDS } from '../../../src/ledger/execute/shared.ts';
import { ReceiptBook } from '../../../src/ledger/receipt-book.ts';

const idOf = (number: number) => new Uint8Array(32).fill(number % 251, 0, 16).fill(Math.floor(number / 251), 16);

/** A block of transactions with these numbers, that ended so. */
function add(book: ReceiptBook, height: bigint, numbers: readonly number[], status: number = STATUS.ok): void {
  const ids = new Uint8Array(numbers.length * 32);
  const receipts = makeReceipts(numbers.length);
  numbers.forEach((number, i) => {
    ids.set(idOf(number), i * 32);
    receipts.words[i * RECEIPT_WORDS] = status;
    receipts.words[i * RECEIPT_WORDS + 1] = number;
  });
  const batch = batchOf(numbers.map(() => new Uint8Array(96)));
  // The parts of an executed block that receipts are read from.
  const executed = { planned: { batch, receipts }, events: [new Uint8Array()] } as unknown as ExecutedBlock;
  book.add(height, ids, executed);
}

test('receipts are found by id until the oldest block has to go, and the last block stays whatever its size', () => {
  const book = new ReceiptBook(200);
  for (let block = 0; block < 50; block++) {
    add(
      book,
      BigInt(block + 1),
      Array.from({ length: 50 }, (_, i) => block * 50 + i),
    );
    const first = Math.max(0, block - 3) * 50;
    for (let number = Math.max(0, first - 60); number < (block + 1) * 50; number += 7) {
      const receipt = book.get(idOf(number));
      if (number < first) assert.equal(receipt, undefined, `${number} after block ${block}`);
      else {
        assert.deepEqual([receipt?.height, receipt?.index], [BigInt(Math.floor(number / 50) + 1), number % 50]);
        assert.deepEqual([receipt?.gasUsed, receipt?.id], [number, idOf(number)]);
      }
    }
  }
  const large = Array.from({ length: 500 }, (_, i) => 5_000 + i);
  add(book, 51n, large);
  for (const number of large) assert.equal(book.get(idOf(number))?.height, 51n);
  assert.equal(book.get(idOf(2_499)), undefined);
});

test('what paid stands, whatever attempt was barred before or after it', () => {
  const book = new ReceiptBook(3);
  add(book, 1n, [1], STATUS.notYetValid);
  assert.equal(book.get(idOf(1))?.status, STATUS.notYetValid);
  add(book, 2n, [1, 2]);
  add(book, 3n, [1], STATUS.wrongNonce);
  assert.deepEqual([book.get(idOf(1))?.height, book.get(idOf(1))?.status], [2n, STATUS.ok]);
  // The first block goes, and takes nothing along that stands in another.
  add(book, 4n, [3, 4]);
  assert.equal(book.get(idOf(4))?.height, 4n);
});

test('all who wait for a receipt get it, unless they gave up; the rest is told when it is closed', async () => {
  const book = new ReceiptBook(100);
  const control = new AbortController();
  const [first, second] = [book.wait(idOf(1)), book.wait(idOf(1), new AbortController().signal)];
  const gone = book.wait(idOf(1), control.signal);
  const alone = book.wait(idOf(2), control.signal);
  const never = book.wait(idOf(3));
  control.abort(new Error('enough'));
  await assert.rejects(gone, /enough/);
  await assert.rejects(alone, /enough/);
  await assert.rejects(book.wait(idOf(1), control.signal), /enough/);
  add(book, 1n, [1, 2]);
  assert.equal((await first).height, 1n);
  assert.equal((await second).gasUsed, 1);
  assert.equal((await book.wait(idOf(2), control.signal)).index, 1, 'it is there: nobody waits');
  book.close();
  await assert.rejects(never, { code: 'LEDGER_CLOSED' });
  await assert.rejects(book.wait(new Uint8Array(5)), RangeError);
});
