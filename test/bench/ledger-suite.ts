/** `npm run bench -- ledger`: how fast the ledger is, with and without its parts. */
import type { LedgerOptions, LedgerSection } from './args.ts';
import { executionSection } from './ledger-execution.ts';
import { parallelSection } from './ledger-parallel.ts';
import { programsSection } from './ledger-programs.ts';
import { unitRow } from './ledger-rows.ts';
import { LEDGER_FULL, LEDGER_QUICK, type LedgerSizes } from './ledger-sizes.ts';
import type { Progress } from './progress.ts';
import type { Absent, Report, Row } from './report.ts';
import { runSuite } from './suite.ts';

export interface LedgerBench {
  readonly sizes: LedgerSizes;
  readonly rows: Row[];
  readonly absent: Absent[];
  readonly progress: Progress;
}

const RUN: Record<LedgerSection, (bench: LedgerBench) => Promise<void>> = {
  execution: executionSection,
  parallel: parallelSection,
  programs: programsSection,
};

export function runLedger({ quick, only }: LedgerOptions, progress: Progress): Promise<Report> {
  return runSuite('ledger', quick, progress, async (report) => {
    const sizes = quick ? LEDGER_QUICK : LEDGER_FULL;
    report.rows.push(unitRow(sizes.unitMs));
    const bench: LedgerBench = { ...report, sizes, progress };
    return {
      sections: only.map((section) => ({ name: section, run: () => RUN[section](bench) })),
      close: async () => undefined,
    };
  });
}
