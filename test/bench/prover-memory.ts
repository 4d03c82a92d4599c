/** Peak memory of a process that proves the largest reference circuit and nothing else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WitnessCalculator } from '../../src/prover/index.ts';
import { nativeProverMissing } from './engines.ts';
import { memoryOf } from './memory.ts';
import type { ProverBench } from './prover-suite.ts';
import { Side, type SideCircuit, type SideName } from './side.ts';
import { ratioOf, summarise } from './stats.ts';
import type { Subject } from './subjects.ts';

const MIB = 2 ** 20;
/** The second finds what the first left behind. */
const PROOFS = 3;

interface Memory {
  /** Resident before any key was opened: Node and the engine's code. */
  base: number;
  /** VmHWM at the end. */
  peak: number;
  /** Key and tables as far as they are resident. */
  held: number;
}

export async function proverMemorySection(bench: ProverBench): Promise<void> {
  const { rows, absent, progress, list, sizes, dir } = bench;
  const subject = list.find(({ name }) => name === 'reference-30k') ?? list[0];
  if (subject === undefined) return;
  const id = `prover.${subject.name}`;
  const tableDirectory = join(dir, 'tables');
  const native = nativeProverMissing() === undefined;
  if (native) {
    progress(`tables for ${subject.name}`);
    const ms = await openAndClose(subject, tableDirectory);
    const note = 'once per key and machine; the same call reads the key, which takes milliseconds';
    const what = `${subject.name}: making the native prover’s tables`;
    rows.push({ id: `${id}.tables.native`, what, unit: 'ms', ...summarise([ms]), note });
  }
  if ((await memoryOf(process.pid)) === undefined) {
    absent.push({ id: `${id}.memory`, why: 'this system has no /proc' });
    return;
  }
  const measured = new Map<SideName, Memory[]>();
  const sides: readonly SideName[] = native ? ['snarkjs', 'addon', 'native', 'wasm'] : ['snarkjs', 'wasm'];
  for (let round = 0; round < sizes.memoryRounds; round++) {
    for (const side of sides) {
      if (round > 0 && side !== 'addon') continue;
      progress(`memory of ${side}, ${subject.name}: ${round + 1} of ${sizes.memoryRounds}`);
      measured.set(side, [...(measured.get(side) ?? []), await measure(side, subject, tableDirectory)]);
    }
  }
  const alone = measured.get('addon') ?? [];
  const [one] = alone;
  if (one !== undefined) {
    rows.push({
      id: `${id}.memory.native`,
      what: `${subject.name}: peak memory of the native prover above its key and tables`,
      unit: 'MiB',
      ...summarise(alone.map(({ base, peak, held }) => peak - base - held)),
      note:
        `VmHWM after ${PROOFS} proofs of a process that has the addon and nothing else (${Math.round(one.peak)} MiB), less its VmRSS ` +
        `before the key was opened (${Math.round(one.base)} MiB: Node), less key and tables as far as they were resident ` +
        `(${Math.round(one.held)} MiB, by /proc/self/smaps); with Node ${Math.round(one.peak - one.held)} MiB`,
    });
  }
  const theirs = measured.get('snarkjs')?.map(({ peak }) => peak) ?? [];
  for (const [side, values] of measured) {
    if (side === 'addon') continue;
    const peaks = values.map(({ peak }) => peak);
    rows.push({
      id: `${id}.memory.${side}-process`,
      what: `${subject.name}: peak memory of a whole process that proves with ${side}`,
      unit: 'MiB',
      ...summarise(peaks),
      ...(side === 'snarkjs' ? {} : { ratio: ratioOf('snarkjs groth16.prove', theirs, peaks) }),
    });
  }
}

const circuitOf = ({ name, files, circuits }: Subject, tableDirectory: string): SideCircuit => ({
  ...{ name, wasm: files.wasm, provingKey: files.provingKey },
  ...{ artifacts: circuits.options, tableDirectory },
});

async function openAndClose(subject: Subject, tableDirectory: string): Promise<number> {
  const side = new Side('native');
  try {
    return await side.open(circuitOf(subject, tableDirectory));
  } finally {
    await side.close();
  }
}

async function measure(name: SideName, subject: Subject, tableDirectory: string): Promise<Memory> {
  const wasm = new Uint8Array(await readFile(subject.files.wasm));
  const witness = (await WitnessCalculator.create(wasm)).calculate(subject.next().inputs).file;
  const side = new Side(name);
  try {
    await side.ready();
    const base = (await memoryOf(side.pid))?.rss ?? Number.NaN;
    await side.open(circuitOf(subject, tableDirectory));
    for (let i = 0; i < PROOFS; i++) await side.proveOnly(subject.name, witness);
    const held = (await side.held()) / MIB;
    return { base, peak: (await memoryOf(side.pid))?.peak ?? Number.NaN, held };
  } finally {
    await side.close();
  }
}
