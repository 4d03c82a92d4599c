/** Verifying, warm, in turns with snarkjs: one proof on this thread, and batches on a pool of two threads. */
import { createVerifier, createVerifierPool, type Verifier, type VerifyRequest } from '../../src/verifier/index.ts';
import { timed } from './bench.ts';
import { type EngineName, nativeVerifierMissing } from './engines.ts';
import { BATCH } from './requests.ts';
import { ratioOf, summarise } from './stats.ts';
import type { Subject } from './subjects.ts';
import type { VerifierBench } from './verifier-suite.ts';

const AGAINST = 'snarkjs groth16.verify';
const LENIENT = 'ours also checks canonical form, subgroup and expected signals, which snarkjs leaves out';
/** As the bound says. */
const THREADS = 2;
/** Batches handed over at once in the rows of a steady stream. */
const STREAM = 8;
/** Uncounted rounds: threads start, code compiles. */
const WARMUPS = 2;

const engines = (): EngineName[] => (nativeVerifierMissing() === undefined ? ['native', 'wasm'] : ['wasm']);

export async function singleSection(bench: VerifierBench): Promise<void> {
  for (const subject of bench.list) await singles(bench, subject);
}

async function singles(bench: VerifierBench, subject: Subject): Promise<void> {
  const { rows, sizes, progress } = bench;
  const requests = await bench.requests(subject);
  const theirVerify = await bench.snarkjs(subject);
  progress(`verify ${subject.name}, one by one`);
  const theirs: number[] = [];
  const ours = new Map<EngineName, number[]>(engines().map((engine) => [engine, []]));
  const verifiers = new Map<EngineName, Verifier>();
  try {
    for (const engine of ours.keys())
      verifiers.set(engine, await createVerifier({ keys: [subject.verifyingKeyBytes], engine }));
    for (let round = -WARMUPS; round < sizes.single; round++) {
      const request = requests[(round + WARMUPS) % requests.length];
      if (request === undefined) throw new RangeError('no proof');
      const other = await timed(() => theirVerify(request));
      if (round >= 0) theirs.push(other.ms);
      for (const [engine, verifier] of verifiers) {
        const mine = await timed(() => verifier.verify(request));
        if (!mine.value.valid) throw new Error(`${engine} refuses a proof of ${subject.name}: ${mine.value.code}`);
        if (round >= 0) ours.get(engine)?.push(mine.ms);
      }
    }
  } finally {
    for (const verifier of verifiers.values()) await verifier.close();
  }
  const what = `${subject.name} (${subject.verifyingKey.nPublic} public signals): one verification`;
  for (const [engine, times] of ours) {
    rows.push({
      id: `verifier.${subject.name}.single.${engine}`,
      what: `${what}, ${engine}`,
      unit: 'ms',
      ...summarise(times),
      ratio: ratioOf(AGAINST, theirs, times),
      ...(subject === bench.list[0] ? { note: LENIENT } : {}),
    });
  }
  rows.push({
    id: `verifier.${subject.name}.single.snarkjs`,
    what: `${what}, snarkjs`,
    unit: 'ms',
    ...summarise(theirs),
  });
}

export async function batchSection(bench: VerifierBench): Promise<void> {
  for (const subject of bench.list) await batches(bench, subject);
}

async function batches(bench: VerifierBench, subject: Subject): Promise<void> {
  const { rows, sizes, progress } = bench;
  const requests = await bench.requests(subject);
  const theirVerify = await bench.snarkjs(subject);
  progress(`verify ${subject.name} in batches of ${BATCH}`);
  const theirs: number[] = [];
  const lone = new Map<EngineName, number[]>(engines().map((engine) => [engine, []]));
  const stream = new Map<EngineName, number[]>(engines().map((engine) => [engine, []]));
  const pools = new Map<EngineName, Verifier>();
  try {
    for (const engine of lone.keys()) {
      pools.set(engine, createVerifierPool({ keys: [subject.verifyingKeyBytes], workers: THREADS, engine }));
    }
    for (let round = -WARMUPS; round < sizes.batches; round++) {
      const some = requests.slice(0, sizes.snarkjsPerBatch);
      const other = await timed(async () => {
        for (const request of some) await theirVerify(request);
      });
      if (round >= 0) theirs.push(other.ms / some.length);
      for (const [engine, pool] of pools) {
        const one = await timed(() => batch(pool, requests));
        const many = await timed(() => Promise.all(Array.from({ length: STREAM }, () => batch(pool, requests))));
        if (round < 0) continue;
        lone.get(engine)?.push(one.ms / BATCH);
        stream.get(engine)?.push(many.ms / BATCH / STREAM);
      }
    }
  } finally {
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  }
  const add = (id: string, what: string, times: readonly number[], note?: string) =>
    rows.push({
      id: `verifier.${subject.name}.${id}`,
      what: `${subject.name}: ${what}`,
      unit: 'ms/proof',
      ...summarise(times),
      ratio: ratioOf(AGAINST, theirs, times),
      ...(note === undefined ? {} : { note }),
    });
  const source = `${sizes.realProofs} real proofs, the rest re-randomised from them: all points differ`;
  const note = subject === bench.list[0] ? source : undefined;
  for (const [engine, times] of lone) {
    add(`batch-${BATCH}.${engine}`, `one batch of ${BATCH} at a time, ${THREADS} threads, ${engine}`, times, note);
  }
  for (const [engine, times] of stream) {
    add(`stream-${BATCH}.${engine}`, `${STREAM} batches of ${BATCH} at once, ${THREADS} threads, ${engine}`, times);
  }
}

async function batch(pool: Verifier, requests: readonly VerifyRequest[]): Promise<void> {
  const refused = (await pool.verifyBatch(requests)).find(({ valid }) => !valid);
  if (refused !== undefined) throw new Error(`a valid proof is refused: ${refused.code}`);
}
