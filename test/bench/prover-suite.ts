/** `npm run bench -- prover`: how fast we prove, with each engine, against snarkjs in the same run. */
import type { ProverOptions, ProverSection } from './args.ts';
import { coldProverSection } from './cold.ts';
import { nativeProverMissing } from './engines.ts';
import { loopSection } from './loop.ts';
import type { Progress } from './progress.ts';
import { proverMemorySection } from './prover-memory.ts';
import { PROVER_FULL, PROVER_QUICK, type ProverSizes } from './prover-sizes.ts';
import { proverTimesSection } from './prover-times.ts';
import type { Absent, Report, Row } from './report.ts';
import { openSubjects, type Subjects } from './subjects.ts';
import { runSuite } from './suite.ts';

export interface ProverBench extends Subjects {
  sizes: ProverSizes;
  rows: Row[];
  absent: Absent[];
  progress: Progress;
}

const RUN: Record<ProverSection, (bench: ProverBench) => Promise<void>> = {
  prove: proverTimesSection,
  memory: proverMemorySection,
  loop: loopSection,
  cold: coldProverSection,
};

export function runProver({ quick, only, circuits }: ProverOptions, progress: Progress): Promise<Report> {
  return runSuite('prover', quick, progress, async (report) => {
    const missing = nativeProverMissing();
    if (missing !== undefined) report.absent.push({ id: 'prover.*.native', why: missing });
    const subjects = await openSubjects(circuits, progress);
    const bench = { ...subjects, ...report, sizes: quick ? PROVER_QUICK : PROVER_FULL, progress };
    return {
      sections: only.map((section) => ({ name: section, run: () => RUN[section](bench) })),
      close: () => subjects.close(),
    };
  });
}
