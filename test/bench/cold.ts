/** Whole processes: our command against the snarkjs command of the same name, with the same files, in turns. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { WitnessCalculator } from '../../src/prover/index.ts';
import { cleanEnv, LAUNCHER } from '../unit/cli/run-cli.ts';
import { timed } from './bench.ts';
import type { Progress } from './progress.ts';
import type { ProverBench } from './prover-suite.ts';
import type { Absent, Row } from './report.ts';
import { ratioOf, summarise } from './stats.ts';

const SNARKJS = join(PACKAGE_ROOT, 'node_modules', 'snarkjs');

/** What `npx snarkjs` starts, by the package's own `bin`. */
export async function snarkjsCommand(): Promise<string> {
  const { bin } = JSON.parse(await readFile(join(SNARKJS, 'package.json'), 'utf8')) as { bin: { snarkjs: string } };
  return join(SNARKJS, bin.snarkjs);
}

interface ColdPair {
  id: string;
  /** Of our command, without the files. */
  what: string;
  ours: readonly string[];
  theirs: readonly string[];
  runs: number;
}

interface Where {
  rows: Row[];
  absent: Absent[];
  progress: Progress;
}

/** One uncounted run of each first: ours fills the caches of compiled code and of tables that every later one finds. */
export async function coldPair({ rows, absent, progress }: Where, pair: ColdPair): Promise<void> {
  const { id, what, runs } = pair;
  const snarkjs = await snarkjsCommand();
  const times: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  const first = await timed(() => run([LAUNCHER, ...pair.ours]));
  if (first.value.code === 2) {
    absent.push({ id, why: `${what}: ${first.value.stderr.split('\n')[0] ?? 'refused'}` });
    return;
  }
  for (let round = -1; round < runs; round++) {
    progress(`cold ${what}: ${round < 0 ? 'first' : `${round + 1} of ${runs}`}`);
    const ours = round < 0 ? first : await timed(() => run([LAUNCHER, ...pair.ours]));
    const theirs = await timed(() => run([snarkjs, ...pair.theirs]));
    for (const { value } of [ours, theirs]) {
      if (value.code !== 0) throw new Error(`${what} ended with ${value.code}: ${value.stderr}`);
    }
    if (round < 0) continue;
    times.ours.push(ours.ms);
    times.theirs.push(theirs.ms);
  }
  rows.push(
    {
      id,
      what,
      unit: 'ms',
      ...summarise(times.ours),
      ratio: ratioOf('the snarkjs command', times.theirs, times.ours),
      note: `first run, without caches of code and tables: ${Math.round(first.ms)} ms`,
    },
    { id: `${id}.snarkjs`, what: 'the same by the snarkjs command', unit: 'ms', ...summarise(times.theirs) },
  );
}

export async function coldProverSection(bench: ProverBench): Promise<void> {
  const { list, sizes, dir } = bench;
  for (const { name, files, next } of list) {
    if (name !== 'reference-5k' && name !== 'reference-30k') continue;
    const { inputs } = next();
    const calculator = await WitnessCalculator.create(new Uint8Array(await readFile(files.wasm)));
    const input = join(dir, `${name}-input.json`);
    const witness = join(dir, `${name}.wtns`);
    await writeFile(input, JSON.stringify(inputs));
    await writeFile(witness, calculator.calculate(inputs).file);
    const out = (side: string) => [join(dir, `${name}-${side}-proof.json`), join(dir, `${name}-${side}-public.json`)];
    const runs = name === 'reference-5k' ? sizes.coldRuns['reference-5k'] : sizes.coldRuns.other;
    const pair = (verb: string, args: readonly string[]): ColdPair => ({
      id: `prover.${name}.cold-${verb}`,
      what: `\`zkbazaar groth16 ${verb}\`, ${name}, whole process`,
      ours: ['groth16', verb, ...args, ...out('ours')],
      theirs: ['groth16', verb, ...args, ...out('snarkjs')],
      runs,
    });
    await coldPair(bench, pair('fullprove', [input, files.wasm, files.provingKey]));
    await coldPair(bench, pair('prove', [files.provingKey, witness]));
  }
}

interface Run {
  code: number | null;
  stderr: string;
}

/** As a shell starts it, with nobody's settings. */
function run(args: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: cleanEnv(), stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => {
      stderr = `${stderr}${part}`.slice(-2000);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}
