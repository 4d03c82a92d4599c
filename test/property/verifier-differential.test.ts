/**
 * snarkjs is the judge: over 10,000 mutated proofs and signals our verdict is the one that snarkjs gives, but for the
 * refusals of `STRICTER`, which `docs/verifier-differences.md` explains.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { curves, groth16, type SnarkjsCurve } from 'snarkjs';
import { createVerifier, type Verdict, VerdictCode, type VerifyRequest } from '../../src/verifier/index.ts';
import { productKey, productKeyId, products, readVector, squareKey, squares } from '../unit/verifier/vectors.ts';
import { MUTATIONS, Random } from './verifier-mutations.ts';

const MUTANTS = Number(process.env['ZKBAZAAR_TEST_MUTANTS'] ?? 10_000);
const SEED = Number(process.env['ZKBAZAAR_TEST_SEED'] ?? Date.now() % 2 ** 31);
/** Mutants checked in one of our batches, good and bad mixed. */
const BATCH = 64;

/** Codes with which we refuse what snarkjs may accept. With any other code, and with "valid", it must agree. */
const STRICTER: ReadonlySet<VerdictCode> = new Set([
  VerdictCode.BadShape,
  VerdictCode.BadLabel,
  VerdictCode.SignalNotCanonical,
  VerdictCode.SignalCount,
  VerdictCode.CoordinateNotCanonical,
  VerdictCode.PointAtInfinity,
  VerdictCode.PointNotInSubgroup,
]);
/** Mutations of which at least one mutant must be good for snarkjs and refused by us, or the list is out of date. */
const KNOWN_DIFFERENCES = [
  'coordinate + q',
  'coordinate in hex',
  'coordinate with leading zeros',
  'a point with another z',
  'another label',
  'a label missing',
  'a label of junk',
  'a field more',
  'a coordinate more',
  'signal in hex',
  'signal with leading zeros',
];

const keyFiles: Record<string, unknown> = { [productKeyId]: readVector('product-key') };
const squareFile = readVector('square-key');

/** snarkjs's verdict. It throws at much that is malformed; that is a refusal too. */
async function judge({ verifyingKey, publicSignals, proof }: VerifyRequest): Promise<boolean> {
  try {
    return await groth16.verify(keyFiles[verifyingKey] ?? squareFile, publicSignals, proof);
  } catch {
    return false;
  }
}

interface Mutant {
  name: string;
  request: VerifyRequest;
}

function makeMutants(): Mutant[] {
  const random = new Random(SEED);
  const total = MUTATIONS.reduce((sum, { share }) => sum + share, 0);
  const mutants = MUTATIONS.flatMap(({ name, share, mutate }) =>
    Array.from({ length: Math.ceil((share * MUTANTS) / total) }, (): Mutant => {
      const others = random.below(4) === 0 ? squares : products;
      return { name, request: mutate(random.pick(others), random, others) as VerifyRequest };
    }),
  );
  // Mixed, so that batches hold good and bad, and both keys.
  for (let i = mutants.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [mutants[i], mutants[j]] = [mutants[j] as Mutant, mutants[i] as Mutant];
  }
  return mutants;
}

// snarkjs takes the curve from a global of this name. Without threads it spends 2 ms on a point off the curve, not 14.
const shared = globalThis as { curve_bn128?: SnarkjsCurve | undefined };
shared.curve_bn128 = await curves.getCurveFromName('bn128', { singleThread: true });

describe('verifier against snarkjs', () => {
  after(async () => {
    await shared.curve_bn128?.terminate();
    shared.curve_bn128 = undefined;
  });

  it(`judges ${MUTANTS} mutants alike (seed ${SEED})`, async (t) => {
    const verifier = await createVerifier({ keys: [productKey, squareKey] });
    const mutants = makeMutants();
    assert.ok(mutants.length >= MUTANTS);
    const differences = new Map<string, number>();
    const counts = new Map<VerdictCode, number>();
    for (let start = 0; start < mutants.length; start += BATCH) {
      const some = mutants.slice(start, start + BATCH);
      const verdicts = await verifier.verifyBatch(some.map(({ request }) => request));
      for (const [i, { name, request }] of some.entries()) {
        const verdict = verdicts[i] as Verdict;
        const good = await judge(request);
        counts.set(verdict.code, (counts.get(verdict.code) ?? 0) + 1);
        if (verdict.valid === good) continue;
        const what = `${name}: ${verdict.code}, snarkjs ${good}, seed ${SEED}\n${JSON.stringify(request)}`;
        assert.ok(good && STRICTER.has(verdict.code), what);
        differences.set(name, (differences.get(name) ?? 0) + 1);
      }
    }
    await verifier.close();
    for (const name of KNOWN_DIFFERENCES) assert.ok(differences.has(name), `no difference seen for: ${name}`);
    assert.ok((counts.get(VerdictCode.Valid) ?? 0) > 0 && (counts.get(VerdictCode.InvalidProof) ?? 0) > 0);
    t.diagnostic(`verdicts: ${JSON.stringify(Object.fromEntries([...counts].sort()))}`);
    t.diagnostic(`stricter than snarkjs: ${JSON.stringify(Object.fromEntries([...differences].sort()))}`);
  });
});
