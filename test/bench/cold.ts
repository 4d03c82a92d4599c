/** Whole processes: our command against the snarkjs command of the same name, with the same files, in turns. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { WitnessCalculator } from '../../src/prover/index.ts';
import { cleanEnv, LAUNCHER } from '../unit/cli/run-cli.ts';
import { timed } from './bench.ts';
import { nativeProverMissing } from './engines.ts';
import type { Progress } from './progress.ts';
import type { ProverBench } from './prover-suite.ts';
import type { Row } from './report.ts';
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
  /** More arguments for our uncounted first run. */
  first?: readonly string[];
  note?: string;
}

interface Where {
  rows: Row[];
  progress: Progress;
  dir: string;
}

/**
 * One uncounted run of each first. Ours has a data folder and a cache of compiled code of its own, both empty at first,
 * as after an installation; snarkjs has none and asks for none.
 */
export async function coldPair({ rows, progress, dir }: Where, pair: ColdPair): Promise<void> {
  const { id, what, runs, note } = pair;
  const snarkjs = await snarkjsCommand();
  const folder = join(dir, id);
  const env = { ZKBAZAAR_DATA_DIR: join(folder, 'data'), NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const times: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  let firstMs = 0;
  for (let round = -1; round < runs; round++) {
    progress(`cold ${what}: ${round < 0 ? 'first' : `${round + 1} of ${runs}`}`);
    const args = round < 0 ? [...pair.ours, ...(pair.first ?? [])] : pair.ours;
    const ours = await timed(() => run([LAUNCHER, ...args], env));
    const theirs = await timed(() => run([snarkjs, ...pair.theirs], {}));
    for (const { value } of [ours, theirs]) {
      if (value.code !== 0) throw new Error(`${what} ended with ${value.code}: ${value.stderr}`);
    }
    if (round < 0) {
      firstMs = ours.ms;
      continue;
    }
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
      note: `${note === undefined ? '' : `${note}; `}very first run, nothing cached: ${Math.round(firstMs)} ms`,
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
    const pair = (verb: string, args: readonly string[]): ColdPair => ({
      id: `prover.${name}.cold-${verb}`,
      what: `\`zkbazaar groth16 ${verb}\`, ${name}, whole process`,
      ours: ['groth16', verb, ...args, ...out('ours')],
      theirs: ['groth16', verb, ...args, ...out('snarkjs')],
      runs: name === 'reference-5k' ? sizes.coldRuns['reference-5k'] : sizes.coldRuns.other,
    });
    const full = pair('fullprove', [input, files.wasm, files.provingKey]);
    await coldPair(bench, { ...full, note: 'without tables' });
    if (nativeProverMissing() === undefined) {
      const tables = { first: ['--tables'], note: 'tables of the key made by the first run (--tables)' };
      await coldPair(bench, { ...full, id: `${full.id}-tables`, what: `${full.what}, tables cached`, ...tables });
    }
    if (name === 'reference-5k')
      await coldPair(bench, { ...pair('prove', [files.provingKey, witness]), note: 'without tables' });
  }
}

interface Run {
  code: number | null;
  stderr: string;
}

/** As a shell starts it, with nobody's settings. */
function run(args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: cleanEnv(env), stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => {
      stderr = `${stderr}${part}`.slice(-2000);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}
