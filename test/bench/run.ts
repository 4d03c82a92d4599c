/** `npm run bench`: progress on standard error; on standard output one JSON document with --json, else a table. */
import { readFile } from 'node:fs/promises';
import { type BenchOptions, parseBenchArgs, type ShowOptions, USAGE, UsageError } from './args.ts';
import { type Progress, startProgress } from './progress.ts';
import { type Report, toMarkdown } from './report.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseBenchArgs(argv);
  if (options.command === 'show') {
    const text = await readFile(options.file, 'utf8');
    // `npm run` without --silent prints two lines of its own first.
    process.stdout.write(toMarkdown(JSON.parse(text.slice(text.indexOf('{'))) as Report));
    return 0;
  }
  // Ends what a run has started, as far as it listens to `exit`.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(EXIT_INTERRUPTED));
  const progress = startProgress((line) => process.stderr.write(line));
  const report = await runSuites(options, progress);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : toMarkdown(report));
  return report.failures.length === 0 ? 0 : EXIT_FAILED;
}

/** Each suite is loaded when it is asked for. */
async function runSuites(options: Exclude<BenchOptions, ShowOptions>, progress: Progress): Promise<Report> {
  if (options.command === 'core') return (await import('./core.ts')).runCore(options, progress);
  if (options.command === 'prover') return (await import('./prover-suite.ts')).runProver(options, progress);
  if (options.command === 'verifier') return (await import('./verifier-suite.ts')).runVerifier(options, progress);
  if (options.command === 'ledger') return (await import('./ledger-suite.ts')).runLedger(options, progress);
  return (await import('./all.ts')).runAll(options, progress);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(usage ? `${error.message}\n${USAGE}` : `${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = usage ? EXIT_USAGE : EXIT_FAILED;
}
