import type { CoreOptions, Section } from './args.ts';
import { type Bench, openBench } from './bench.ts';
import { cliSection } from './cli.ts';
import { gossipSection } from './gossip.ts';
import type { Progress } from './progress.ts';
import { proveSection } from './prove.ts';
import { relaySection } from './relay.ts';
import type { Report } from './report.ts';
import { FULL, QUICK } from './sizes.ts';
import { runSuite } from './suite.ts';
import { verifySection } from './verify.ts';

/** In the order of `SECTIONS`: the proofs of the first serve the others. */
const RUN: Record<Section, (bench: Bench) => Promise<void>> = {
  prove: proveSection,
  verify: verifySection,
  gossip: gossipSection,
  relay: relaySection,
  cli: cliSection,
};

/** The whole suite of issue 2: engines, gossip, relay, verbs. */
export function runCore({ quick, only, circuits }: CoreOptions, progress: Progress): Promise<Report> {
  return runSuite('core', quick, progress, async ({ rows }) => {
    const bench = await openBench(quick ? QUICK : FULL, circuits, progress, rows);
    return {
      sections: only.map((section) => ({ name: section, run: () => RUN[section](bench) })),
      close: () => bench.close(),
    };
  });
}
