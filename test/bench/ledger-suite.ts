/** `npm run bench -- ledger`: how fast the ledger is, with and without its parts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerOptions, LedgerSection } from './args.ts';
import { executionSection } from './ledger-execution.ts';
import { liveSection } from './ledger-live.ts';
import { parallelSection } from './ledger-parallel.ts';
import { pipelineSection } from './ledger-pipeline.ts';
import { programsSection } from './ledger-programs.ts';
import { quantumSection } from './ledger-quantum.ts';
import { recoverySection } from './ledger-recovery.ts';
import { unitRow } from './ledger-rows.ts';
import { shardsSection } from './ledger-shards.ts';
import { LEDGER_FULL, LEDGER_QUICK, type LedgerSizes } from './ledger-sizes.ts';
import type { Progress } from './progress.ts';
import type { Absent, Report, Row } from './report.ts';
import { runSuite } from './suite.ts';

export interface LedgerBench {
  readonly sizes: LedgerSizes;
  readonly rows: Row[];
  readonly absent: Absent[];
  readonly progress: Progress;
  /** Removed at the end. */
  readonly dir: string;
}

const RUN: Record<LedgerSection, (bench: LedgerBench) => Promise<void>> = {
  execution: executionSection,
  parallel: parallelSection,
  programs: programsSection,
  pipeline: pipelineSection,
  quantum: quantumSection,
  recovery: recoverySection,
  shards: shardsSection,
  live: liveSection,
};

export function runLedger({ quick, only }: LedgerOptions, progress: Progress): Promise<Report> {
  return runSuite('ledger', quick, progress, async (report) => {
    const sizes = quick ? LEDGER_QUICK : LEDGER_FULL;
    report.rows.push(unitRow(sizes.unitMs));
    const dir = mkdtempSync(join(tmpdir(), 'zkbazaar-bench-'));
    const remove = () => rmSync(dir, { recursive: true, force: true });
    process.once('exit', remove);
    const bench: LedgerBench = { ...report, sizes, progress, dir };
    return {
      sections: only.map((section) => ({ name: section, run: () => RUN[section](bench) })),
      async close() {
        process.off('exit', remove);
        remove();
      },
    };
  });
}
