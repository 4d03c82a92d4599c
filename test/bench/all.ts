import {
  type AllOptions,
  type CoreOptions,
  type LedgerOptions,
  type ProverOptions,
  parseBenchArgs,
  type VerifierOptions,
} from './args.ts';
import { runCore } from './core.ts';
import { runLedger } from './ledger-suite.ts';
import type { Progress } from './progress.ts';
import { runProver } from './prover-suite.ts';
import type { Report } from './report.ts';
import { runVerifier } from './verifier-suite.ts';

/** Every suite whole, one after the other, as one report: the header is that of the first. */
export async function runAll({ json, quick }: AllOptions, progress: Progress): Promise<Report> {
  const whole = (suite: string) => ({ ...parseBenchArgs([suite]), json, quick });
  const reports = [
    await runProver(whole('prover') as ProverOptions, progress),
    await runVerifier(whole('verifier') as VerifierOptions, progress),
    await runCore(whole('core') as CoreOptions, progress),
    await runLedger(whole('ledger') as LedgerOptions, progress),
  ];
  const [first] = reports;
  if (first === undefined) throw new RangeError('no suite');
  return {
    ...first,
    suite: 'all',
    warnings: [...new Set(reports.flatMap(({ warnings }) => warnings))],
    rows: reports.flatMap(({ rows }) => rows),
    absent: reports.flatMap(({ absent }) => absent ?? []),
    failures: reports.flatMap(({ suite, failures }) =>
      failures.map(({ section, message }) => ({ section: `${suite} ${section}`, message })),
    ),
    seconds: reports.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
