/** Verifying: one proof and batches, on this thread and in the pool, against `snarkjs.groth16.verify` in turns. */
import { loadSnarkjs } from '../../src/artifacts/index.ts';
import type { CircuitName } from '../../src/claims/interface.ts';
import { readProofPoints } from '../../src/claims/proof-codec.ts';
import { Outcome, type PairingJob } from '../../src/verifier/engine.ts';
import { createVerifier, createVerifierPool, readVerifyingKey, type VerifyRequest } from '../../src/verifier/index.ts';
import { createMclEngine } from '../../src/verifier/mcl-engine.ts';
import { type Bench, timed } from './bench.ts';
import { rerandomise } from './rerandomise.ts';
import { ratioOf, summarise } from './stats.ts';

const AGAINST = 'snarkjs verify';
const LENIENT = 'ours also checks canonical form, subgroup and expected signals, which snarkjs leaves out';

export async function verifySection(bench: Bench): Promise<void> {
  await bench.ensureProven(2);
  for (const circuit of bench.names) await verifySingle(bench, circuit);
  await verifyBatches(bench);
}

/** One verification by snarkjs, in this process, curve and threads warm. */
async function snarkjsVerify(bench: Bench, circuit: CircuitName): Promise<(request: VerifyRequest) => Promise<void>> {
  const { groth16 } = await loadSnarkjs();
  const key = JSON.parse(Buffer.from(bench.circuits.get(circuit).verifyingKeyBytes).toString('utf8')) as unknown;
  return async ({ publicSignals, proof }) => {
    if (!(await groth16.verify(key, publicSignals, proof))) throw new Error(`snarkjs refuses a proof of ${circuit}`);
  };
}

function requestsOf(bench: Bench, circuit: CircuitName): VerifyRequest[] {
  const { verifyingKeyId: verifyingKey } = bench.circuits.get(circuit);
  return bench.proven
    .filter((proven) => proven.circuit === circuit)
    .map(({ proof, publicSignals, expected }) => ({ verifyingKey, proof, publicSignals, expected }));
}

async function verifySingle(bench: Bench, circuit: CircuitName): Promise<void> {
  const { circuits, sizes, rows, progress } = bench;
  progress(`verify ${circuit}, one by one`);
  const requests = requestsOf(bench, circuit);
  const theirVerify = await snarkjsVerify(bench, circuit);
  const verifier = await createVerifier({ keys: [circuits.get(circuit).verifyingKeyBytes] });
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let round = -2; round < sizes.singleVerifications; round++) {
      const request = requests[(round + 2) % requests.length];
      if (request === undefined) throw new RangeError('no proof');
      const mine = await timed(() => verifier.verify(request));
      if (!mine.value.valid) throw new Error(`our verifier refuses a proof of ${circuit}: ${mine.value.code}`);
      const other = await timed(() => theirVerify(request));
      // The first two compile.
      if (round < 0) continue;
      ours.push(mine.ms);
      theirs.push(other.ms);
    }
  } finally {
    await verifier.close();
  }
  const signals = circuits.get(circuit).verifyingKey.nPublic;
  rows.push(
    {
      id: `verify.${circuit}.single`,
      what: `${circuit} (${signals} public signals): one verification, one thread, default engine`,
      unit: 'ms',
      ...summarise(ours),
      ratio: ratioOf(AGAINST, theirs, ours),
      note: LENIENT,
    },
    { id: `verify.${circuit}.single.snarkjs`, what: 'the same proof, snarkjs', unit: 'ms', ...summarise(theirs) },
  );
}

/** Batches of the largest circuit measured, which is the one of orders. */
async function verifyBatches(bench: Bench): Promise<void> {
  const { circuits, sizes, rows, progress, names } = bench;
  const circuit = names.includes('qualification') ? 'qualification' : (names[0] ?? 'credential');
  const { verifyingKeyBytes, verifyingKey } = circuits.get(circuit);
  const originals = requestsOf(bench, circuit);
  const largest = Math.max(...sizes.batches.map(([size]) => size));
  progress(`re-randomising ${originals.length} proofs of ${circuit} to ${largest}`);
  const requests = [...originals];
  while (requests.length < largest) {
    const original = originals[requests.length % originals.length];
    if (original === undefined) throw new RangeError('no proof');
    requests.push({ ...original, proof: await rerandomise(original.proof, verifyingKey) });
  }
  const jobs: PairingJob[] = requests.map(({ proof, publicSignals }) => ({
    points: readProofPoints(proof),
    signals: publicSignals.map(BigInt),
    key: 0,
  }));
  const theirVerify = await snarkjsVerify(bench, circuit);
  const engine = await createMclEngine([readVerifyingKey(verifyingKeyBytes).key]);
  const pool = createVerifierPool({ keys: [verifyingKeyBytes] });
  const runEngine = (size: number): void => {
    if (engine.run(jobs.slice(0, size)).some((outcome) => outcome !== Outcome.Passed))
      throw new Error('engine refuses');
  };
  const runPool = async (size: number): Promise<void> => {
    const verdicts = await pool.verifyBatch(requests.slice(0, size));
    const refused = verdicts.find(({ valid }) => !valid);
    if (refused !== undefined) throw new Error(`the pool refuses a valid proof: ${refused.code}`);
  };
  const source = `${originals.length} real proofs of ${circuit}, the rest re-randomised from them: all points differ`;
  try {
    // Starts the threads and compiles.
    runEngine(Math.min(8, largest));
    await runPool(Math.min(64, largest));
    for (const [size, rounds] of sizes.batches) {
      progress(`verify ${circuit} in batches of ${size}`);
      const times: Record<'engine' | 'pool' | 'snarkjs', number[]> = { engine: [], pool: [], snarkjs: [] };
      for (let round = 0; round < rounds; round++) {
        times.engine.push((await timed(() => runEngine(size))).ms / size);
        times.pool.push((await timed(() => runPool(size))).ms / size);
        const some = requests.slice(0, sizes.verificationsPerRound);
        const theirs = await timed(async () => {
          for (const request of some) await theirVerify(request);
        });
        times.snarkjs.push(theirs.ms / some.length);
      }
      for (const kind of ['engine', 'pool'] as const) {
        rows.push({
          id: `verify.batch-${size}.${kind}`,
          what: `${circuit}, ${size} at once: ${kind === 'engine' ? 'WASM engine, one thread' : 'pool, a thread per core, default engine'}`,
          unit: 'ms/proof',
          ...summarise(times[kind]),
          ratio: ratioOf(AGAINST, times.snarkjs, times[kind]),
          ...(size === largest ? { note: source } : {}),
        });
      }
    }
  } finally {
    engine.close();
    await pool.close();
  }
}
