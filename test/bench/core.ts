import { closeCurve } from '../../src/artifacts/index.ts';
import type { CoreOptions, Section } from './args.ts';
import { type Bench, openBench } from './bench.ts';
import { cliSection } from './cli.ts';
import { gossipSection } from './gossip.ts';
import { headerWarnings, readHeader } from './header.ts';
import type { Progress } from './progress.ts';
import { proveSection } from './prove.ts';
import { relaySection } from './relay.ts';
import type { Report } from './report.ts';
import { FULL, QUICK } from './sizes.ts';
import { verifySection } from './verify.ts';

/** In the order of `SECTIONS`: the proofs of the first serve the others. */
const RUN: Record<Section, (bench: Bench) => Promise<void>> = {
  prove: proveSection,
  verify: verifySection,
  gossip: gossipSection,
  relay: relaySection,
  cli: cliSection,
};

/** The whole suite. A section that breaks is reported and does not stop the others. */
export async function runCore(options: CoreOptions, progress: Progress): Promise<Report> {
  const start = performance.now();
  const header = await readHeader();
  const warnings = headerWarnings(header);
  for (const warning of warnings) progress(`warning: ${warning}`);
  const failures: Report['failures'] = [];
  const bench = await openBench(options.quick ? QUICK : FULL, options.circuits, progress);
  try {
    for (const section of options.only) {
      try {
        await RUN[section](bench);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        progress(`FAILED ${section}: ${message}`);
        failures.push({ section, message });
      }
    }
  } finally {
    await bench.close();
    await closeCurve();
  }
  const seconds = Math.round((performance.now() - start) / 1000);
  progress('done');
  return { v: 1, suite: 'core', quick: options.quick, header, warnings, rows: bench.rows, failures, seconds };
}
