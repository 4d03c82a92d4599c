import { equalBytes } from '../../base/bytes.ts';
import { LedgerError } from '../errors.ts';
import type { BlockLog } from '../log/interface.ts';

/** What every driver over a log says of heights and of headers that are committed. */

/** @throws LEDGER_NOT_FOUND where nobody can subscribe */
export function checkHeights({ oldest, head }: BlockLog, from: bigint): void {
  if (from >= oldest && from <= head.height + 1n) return;
  const there = `heights ${oldest} to ${head.height + 1n} can be subscribed to`;
  throw new LedgerError('LEDGER_NOT_FOUND', `no blocks from height ${from} on: ${there}`);
}

/** @param executed height of the last committed header, or that before the first block. @throws LEDGER_NOT_FOUND */
export function checkNext(height: bigint, executed: bigint): void {
  if (height === executed + 1n) return;
  throw new LedgerError('LEDGER_NOT_FOUND', `the next header is that of height ${executed + 1n}, not ${height}`);
}

/** Whether the header of a height is the one that was committed. @throws LEDGER_ROOT_MISMATCH, LEDGER_NOT_FOUND */
export async function compareSeal(log: BlockLog, height: bigint, header: Uint8Array): Promise<void> {
  for await (const seal of log.seals(height)) {
    if (seal.height === height && equalBytes(seal.header, header)) return;
    if (seal.height !== height) break;
    throw new LedgerError('LEDGER_ROOT_MISMATCH', `another header was committed for height ${height}`, {
      hint: 'this replica executes differently from what it did before: stop it, and compare versions and state',
    });
  }
  throw new LedgerError('LEDGER_NOT_FOUND', `the header of height ${height} was pruned`);
}
