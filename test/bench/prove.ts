/** Proving: our resident engine against snarkjs's `fullProve`, each in a process of its own, in turns. */
import { join } from 'node:path';
import { DEFAULT_PROOFS_DIRECTORY } from '../../src/artifacts/index.ts';
import type { CircuitName } from '../../src/claims/interface.ts';
import { createProver } from '../../src/prover/index.ts';
import { type Bench, timed } from './bench.ts';
import { memoryOf } from './memory.ts';
import { Side } from './side.ts';
import { ratioOf, summarise } from './stats.ts';

const AGAINST = 'snarkjs fullProve';

interface Pairs {
  ours: number[];
  theirs: number[];
}

export async function proveSection(bench: Bench): Promise<void> {
  const memory: Pairs = { ours: [], theirs: [] };
  for (const circuit of bench.names) await proveCircuit(bench, circuit, memory);
  if (memory.ours.length === 0) return;
  bench.rows.push(
    {
      id: 'memory.prover.peak',
      what: 'peak memory of the proving process, which held one circuit',
      unit: 'MiB',
      ...summarise(memory.ours),
      ratio: ratioOf(AGAINST, memory.theirs, memory.ours),
      note: 'one value per circuit; VmHWM of the process that proved it, ours beside snarkjs’s',
    },
    { id: 'memory.prover.peak.snarkjs', what: 'the same, snarkjs', unit: 'MiB', ...summarise(memory.theirs) },
  );
}

async function proveCircuit(bench: Bench, circuit: CircuitName, memory: Pairs): Promise<void> {
  const { circuits, sizes, rows, progress, world, proven } = bench;
  const folder = join(DEFAULT_PROOFS_DIRECTORY, circuit);
  const files = { wasm: join(folder, 'circuit.wasm'), provingKey: join(folder, 'proving-key.zkey') };
  const prover = createProver({}, { circuits });
  let snarkjs: Side | undefined;
  const first: Pairs = { ours: [], theirs: [] };
  const warm: Pairs = { ours: [], theirs: [] };
  try {
    for (let round = 0; round <= sizes.warmProofs; round++) {
      const pairs = round === 0 ? first : warm;
      progress(`prove ${circuit}: ${round === 0 ? 'first' : `warm ${round} of ${sizes.warmProofs}`}, ours`);
      const { claim, seal } = world.prepare(circuit);
      const ours = await timed(() => prover.prove(claim));
      progress(`prove ${circuit}: ${round === 0 ? 'first' : `warm ${round} of ${sizes.warmProofs}`}, snarkjs`);
      const theirs = await timed(async () => {
        // Started inside the first measurement, as our engine is.
        snarkjs ??= new Side('snarkjs');
        await snarkjs.open({ name: circuit, ...files, artifacts: circuits.options, tableDirectory: '' });
        return snarkjs.full(circuit, claim.inputs);
      });
      if (theirs.value.publicSignals.join() !== ours.value.publicSignals.join()) {
        throw new Error(`${circuit}: the two provers show different public signals`);
      }
      pairs.ours.push(ours.ms);
      pairs.theirs.push(theirs.ms);
      proven.push(seal(ours.value));
    }
    const [mine, other] = [await memoryOf(prover.enginePid), await memoryOf(snarkjs?.pid)];
    if (mine !== undefined && other !== undefined) {
      memory.ours.push(mine.peak);
      memory.theirs.push(other.peak);
    }
  } finally {
    await prover.close();
    await snarkjs?.close();
  }
  const { total } = circuits.get(circuit).manifest.constraints;
  for (const [kind, { ours, theirs }] of [['warm', warm] as const, ['first', first] as const]) {
    const what = kind === 'warm' ? 'proof, default engine, warm' : 'first proof, process start to proof';
    rows.push(
      {
        id: `prove.${circuit}.${kind}`,
        what: `${circuit} (${total} constraints): ${what}`,
        unit: 'ms',
        ...summarise(ours),
        ratio: ratioOf(AGAINST, theirs, ours),
        ...(kind === 'first'
          ? { note: 'ours reads, hashes and checks every file of the circuit; snarkjs checks none' }
          : {}),
      },
      { id: `prove.${circuit}.${kind}.snarkjs`, what: 'the same claim, snarkjs', unit: 'ms', ...summarise(theirs) },
    );
  }
}
