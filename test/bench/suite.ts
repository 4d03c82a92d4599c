/** The frame of a suite: header, sections one after the other, what broke, bounds. */
import { closeCurve } from '../../src/artifacts/index.ts';
import { headerWarnings, readHeader } from './header.ts';
import type { Progress } from './progress.ts';
import type { Absent, Report, Row } from './report.ts';
import { judge } from './targets.ts';

interface Opened {
  /** In the order in which they run. */
  sections: readonly { name: string; run(): Promise<void> }[];
  close(): Promise<void>;
}

/** A section that breaks is reported and does not stop the others. */
export async function runSuite(
  suite: Report['suite'],
  quick: boolean,
  progress: Progress,
  open: (report: { rows: Row[]; absent: Absent[] }) => Promise<Opened>,
): Promise<Report> {
  const start = performance.now();
  const header = await readHeader();
  const warnings = headerWarnings(header);
  for (const warning of warnings) progress(`warning: ${warning}`);
  const failures: Report['failures'] = [];
  const [rows, absent]: [Row[], Absent[]] = [[], []];
  const { sections, close } = await open({ rows, absent });
  try {
    for (const { name, run } of sections) {
      try {
        await run();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        progress(`FAILED ${name}: ${message}`);
        failures.push({ section: name, message });
      }
    }
  } finally {
    await close();
    await closeCurve();
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  progress('done');
  const judged = rows.map((row) => {
    // What is no measurement meets no bound and misses none.
    const target = quick ? undefined : judge(row);
    return target === undefined ? row : { ...row, target };
  });
  return { v: 1, suite, quick, header, warnings, rows: judged, absent, failures, seconds };
}
