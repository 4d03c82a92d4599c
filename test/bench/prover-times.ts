/** Proving, warm: each side in a process of its own, snarkjs and ours in turns on the same statement. */
import { readFile } from 'node:fs/promises';
import { loadSnarkjs } from '../../src/artifacts/index.ts';
import { WitnessCalculator } from '../../src/prover/index.ts';
import { nativeProverMissing } from './engines.ts';
import type { ProverBench } from './prover-suite.ts';
import { tableDirectory } from './reference-keys.ts';
import { Side, type SideName, type TimedProof } from './side.ts';
import { ratioOf, summarise } from './stats.ts';
import type { Subject } from './subjects.ts';

/** `prove`: from a witness. `full`: from inputs. */
const KINDS = ['prove', 'full'] as const;
type Kind = (typeof KINDS)[number];

const AGAINST: Record<Kind, string> = { prove: 'snarkjs groth16.prove', full: 'snarkjs groth16.fullProve' };
const WHAT: Record<Kind, string> = { prove: 'proof from a witness', full: 'witness and proof' };

type Times = Record<Kind, Map<SideName, number[]>>;

export async function proverTimesSection(bench: ProverBench): Promise<void> {
  const sides: Side[] = [];
  try {
    sides.push(new Side('snarkjs'));
    if (nativeProverMissing() === undefined) sides.push(new Side('native'));
    sides.push(new Side('wasm'));
    for (const subject of bench.list) await measure(bench, subject, sides);
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

async function measure(bench: ProverBench, subject: Subject, sides: readonly Side[]): Promise<void> {
  const { sizes, progress } = bench;
  const { name, files, circuits } = subject;
  const calculator = await WitnessCalculator.create(new Uint8Array(await readFile(files.wasm)));
  const verify = await snarkjsJudge(subject);
  for (const side of sides)
    await side.open({ name, ...files, artifacts: circuits.options, tableDirectory: tableDirectory() });
  const times: Times = { prove: new Map(), full: new Map() };
  const kindOfCircuit = name.startsWith('reference-') ? 'reference' : 'own';
  for (let round = -sizes.warmups[kindOfCircuit]; round < sizes.rounds[name]; round++) {
    progress(`prove ${name}: ${round < 0 ? 'warming up' : `${round + 1} of ${sizes.rounds[name]}`}`);
    const { inputs } = subject.next();
    const witness = calculator.calculate(inputs).file;
    // With as few rounds as it gets, one of them warms it up.
    const asked = sides.filter(
      ({ name: side }) => side !== 'wasm' || (round >= -1 && round < sizes.wasmRounds[kindOfCircuit]),
    );
    for (const kind of KINDS) {
      const proofs: TimedProof[] = [];
      for (const side of asked) {
        const proof = await (kind === 'prove' ? side.prove(name, witness) : side.full(name, inputs));
        proofs.push(proof);
        if (round < 0) continue;
        const values = times[kind].get(side.name) ?? [];
        values.push(proof.ms);
        times[kind].set(side.name, values);
      }
      for (const proof of proofs) await verify(proof, proofs[0]?.publicSignals.join() ?? '');
    }
  }
  addRows(bench, subject, times);
}

/** A fast engine that is wrong gets no row. */
async function snarkjsJudge({ name, verifyingKey }: Subject) {
  const { groth16 } = await loadSnarkjs();
  return async ({ proof, publicSignals }: TimedProof, expected: string): Promise<void> => {
    if (publicSignals.join() !== expected) throw new Error(`${name}: the provers show different public signals`);
    if (!(await groth16.verify(verifyingKey, publicSignals, proof))) throw new Error(`${name}: a proof is refused`);
  };
}

function addRows({ rows }: ProverBench, { name, manifest }: Subject, times: Times): void {
  for (const kind of KINDS) {
    const theirs = times[kind].get('snarkjs') ?? [];
    for (const side of ['native', 'wasm', 'snarkjs'] as const) {
      const ours = times[kind].get(side);
      if (ours === undefined) continue;
      const what = `${name} (${manifest.constraints.total} constraints): ${WHAT[kind]}, ${side}`;
      const id = `prover.${name}.${kind}.${side}`;
      if (side === 'snarkjs') rows.push({ id, what, unit: 'ms', ...summarise(ours) });
      // Only the rounds that this side took part in, which are the first ones.
      else {
        const ratio = ratioOf(AGAINST[kind], theirs.slice(0, ours.length), ours);
        rows.push({ id, what, unit: 'ms', ...summarise(ours), ratio });
      }
    }
  }
}
