import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import type { BlockLog, BlockLogOptions, OrderedBlock } from '../../../../src/ledger/log/interface.ts';

export const NETWORK = new Uint8Array(16).fill(7);

/** A folder that is gone after the tests of the file. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'zkbazaar-log-'));
  after(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'log');
}

/** Transactions of these lengths; their bytes tell the height and the place. */
export function blockOf(height: bigint, lengths: readonly number[] = [16, 8]): OrderedBlock {
  const transactions = lengths.map((length, i) => new Uint8Array(length).fill(1 + ((Number(height) * 31 + i) % 250)));
  return {
    height,
    time: 1_000n + height,
    transactionsRoot: new Uint8Array(32).fill(Number(height % 256n)),
    batch: batchOf(transactions),
  };
}

export const headerOf = (height: bigint) => new Uint8Array(24).fill(Number(height % 251n) + 1);

export function opened(path: string, more: Partial<BlockLogOptions> = {}): Promise<BlockLog> {
  return openBlockLog({ folder: path, network: NETWORK, lockWaitMs: 0, ...more });
}

export async function appendAll(log: BlockLog, from: bigint, to: bigint, lengths?: readonly number[]): Promise<void> {
  for (let height = from; height <= to; height++) {
    await log.append(blockOf(height, lengths));
    await log.appendSeal(height, headerOf(height));
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
