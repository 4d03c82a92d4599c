/** `openLedger` over what a run left on the disk: snapshot of all accounts, then the log. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SIGNATURE_ALGORITHMS } from '../../src/ledger/constants.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { GENESIS } from './ledger-genesis.ts';
import { makeKeys } from './ledger-keys.ts';
import { ledgerFolder } from './ledger-pipeline.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { measureUnit } from './ledger-unit.ts';
import { rounded, summarise } from './stats.ts';

const RUNS = 2;

export async function recoverySection(bench: LedgerBench): Promise<void> {
  const { sizes, rows, progress } = bench;
  const keys = await makeKeys(SIGNATURE_ALGORITHMS.ed25519, sizes.signers);
  const seconds = async (folder: string, height: number) => {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const start = performance.now();
      const ledger = await openLedger({ folder, genesis: GENESIS, capacity: capacityOf(sizes.accounts) });
      times.push((performance.now() - start) / 1000);
      const { head } = ledger;
      await ledger.close();
      if (head.height !== BigInt(height)) throw new Error(`recovered to height ${head.height}, not ${height}`);
    }
    return summarise(times);
  };
  const full = await ledgerFolder(bench, 'recovery', keys, sizes.durableBlocks);
  const count = sizes.durableBlocks * sizes.block;
  const unit = measureUnit(sizes.unitMs);
  progress(`recovery of ${count} transactions`);
  const whole = await seconds(full, sizes.durableBlocks);
  const rate = rounded(count / whole.median);
  rows.push({
    id: 'ledger.recovery.open',
    what: `open a ledger of ${sizes.accounts} accounts in a snapshot and ${count} transactions in the log`,
    unit: 's',
    ...whole,
    note: `${rate} tx/s and op/s, ${rounded(rate / unit)} times the unit; every transactions root, state root and receipts root compared`,
  });
  const empty = await ledgerFolder(bench, 'empty', keys, 0);
  progress('opening without blocks');
  rows.push({
    id: 'ledger.recovery.snapshot',
    what: `of that, the snapshot of ${sizes.accounts} accounts, its tree and root`,
    unit: 's',
    ...(await seconds(empty, 0)),
  });
  const script = fileURLToPath(new URL('./ledger-memory-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, empty, `${capacityOf(sizes.accounts)}`]);
  const { resident, peak } = JSON.parse(stdout) as { resident: number; peak: number };
  rows.push({
    id: 'ledger.recovery.memory',
    what: `resident memory of a process that has opened a ledger of ${sizes.accounts} accounts, default lanes`,
    unit: 'MiB',
    ...summarise([resident / 2 ** 20]),
    note: `at most ${Math.round(peak / 2 ** 20)} MiB while it opened it`,
  });
}

export function capacityOf(accounts: number): number {
  return accounts + 100_000;
}
