/** Peak memory of a process that proves the largest reference circuit and nothing else. */
import { readFile } from 'node:fs/promises';
import { WitnessCalculator } from '../../src/prover/index.ts';
import { nativeProverMissing } from './engines.ts';
import { memoryOf } from './memory.ts';
import type { ProverBench } from './prover-suite.ts';
import { Side, type SideName } from './side.ts';
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
  const { rows, absent, progress, list, sizes } = bench;
  const subject = list.find(({ name }) => name === 'reference-30k') ?? list[0];
  if (subject === undefined) return;
  const id = `prover.${subject.name}.memory`;
  if ((await memoryOf(process.pid)) === undefined) {
    absent.push({ id, why: 'this system has no /proc' });
    return;
  }
  const measured = new Map<SideName, Memory[]>();
  const sides: SideName[] = ['snarkjs', ...(nativeProverMissing() === undefined ? (['native'] as const) : []), 'wasm'];
  for (let round = 0; round < sizes.memoryRounds; round++) {
    for (const side of sides) {
      progress(`memory of ${side}, ${subject.name}: ${round + 1} of ${sizes.memoryRounds}`);
      measured.set(side, [...(measured.get(side) ?? []), await measure(side, subject)]);
    }
  }
  const theirs = measured.get('snarkjs')?.map(({ peak }) => peak) ?? [];
  const native = measured.get('native');
  if (native !== undefined) {
    rows.push({
      id: `${id}.native`,
      what: `${subject.name}: peak memory of the native prover above its key and tables`,
      unit: 'MiB',
      ...summarise(native.map(({ base, peak, held }) => peak - base - held)),
      note:
        `VmHWM of a process after ${PROOFS} proofs, less its VmRSS before a key was opened ` +
        `(${Math.round(native[0]?.base ?? 0)} MiB: Node and the addon), less key and tables as far as they were resident ` +
        `(${Math.round(native[0]?.held ?? 0)} MiB)`,
    });
  }
  for (const [side, values] of measured) {
    const peaks = values.map(({ peak }) => peak);
    rows.push({
      id: `${id}.${side}-process`,
      what: `${subject.name}: peak memory of a whole process that proves with ${side}`,
      unit: 'MiB',
      ...summarise(peaks),
      ...(side === 'snarkjs' ? {} : { ratio: ratioOf('snarkjs groth16.prove', theirs, peaks) }),
    });
  }
}

async function measure(name: SideName, { name: circuit, files, circuits, next }: Subject): Promise<Memory> {
  const witness = (await WitnessCalculator.create(new Uint8Array(await readFile(files.wasm)))).calculate(next().inputs);
  const side = new Side(name);
  try {
    await side.ready();
    const base = (await memoryOf(side.pid))?.rss ?? Number.NaN;
    await side.open({ name: circuit, ...files, artifacts: circuits.options });
    for (let i = 0; i < PROOFS; i++) await side.prove(circuit, witness.file);
    const held = (await side.held()) / MIB;
    return { base, peak: (await memoryOf(side.pid))?.peak ?? Number.NaN, held };
  } finally {
    await side.close();
  }
}
