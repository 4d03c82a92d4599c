import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readProofPoints } from '../../../src/claims/proof-codec.ts';
import { G1_GENERATOR, type G1Point, negateG1 } from '../../../src/crypto/bn254.ts';
import { type CoefficientSource, Outcome, type PairingJob } from '../../../src/verifier/engine.ts';
import type { VerifyRequest } from '../../../src/verifier/index.ts';
import { createMclEngine } from '../../../src/verifier/mcl-engine.ts';
import { parseVerifyingKey } from '../../../src/verifier/verifying-key.ts';
import { addG1, at, offSubgroup, products, readVector, squares } from './vectors.ts';

const keys = [parseVerifyingKey(readVector('product-key')), parseVerifyingKey(readVector('square-key'))];

const job = ({ proof, publicSignals }: VerifyRequest, key: number | undefined, shift?: G1Point): PairingJob => {
  const points = readProofPoints(proof);
  const c = shift === undefined ? points.c : addG1(points.c, shift);
  return { points: { ...points, c }, signals: publicSignals.map(BigInt), key };
};

/** Two proofs with errors +D and -D in C: each is bad, and with equal coefficients their sum is right. */
const cancelling = [job(at(products, 0), 0, G1_GENERATOR), job(at(products, 1), 0, negateG1(G1_GENERATOR))];
const equalCoefficients: CoefficientSource = (count) => Array.from({ length: count }, () => 12345n);

describe('mcl engine', () => {
  it('would pass cancelling errors if coefficients were foreseeable', async () => {
    const engine = await createMclEngine(keys, equalCoefficients);
    assert.deepEqual(engine.run(cancelling), [Outcome.Passed, Outcome.Passed]);
    engine.close();
  });

  it('refuses cancelling errors, since each batch has fresh coefficients', async () => {
    const engine = await createMclEngine(keys);
    for (let i = 0; i < 5; i++) assert.deepEqual(engine.run(cancelling), [Outcome.Failed, Outcome.Failed]);
    engine.close();
  });

  it('draws other coefficients for each batch, all of 128 bits', async () => {
    const seen: bigint[] = [];
    const { randomCoefficients } = await import('../../../src/verifier/mcl-engine.ts');
    for (let i = 0; i < 50; i++) seen.push(...randomCoefficients(20));
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.every((value) => value > 0n && value < 1n << 128n));
    const bits = seen.reduce((sum, value) => sum + value.toString(2).replaceAll('0', '').length, 0);
    // 128,000 fair bits: 64,000 ones, standard deviation 179.
    assert.ok(Math.abs(bits - 64_000) < 1_800, `${bits} ones among 128,000 bits`);
  });

  it('checks the subgroup alone where no key is named', async () => {
    const engine = await createMclEngine([]);
    const inside = job(at(squares, 0), undefined);
    const outside = { ...inside, points: { ...inside.points, b: offSubgroup() } };
    assert.deepEqual(engine.run([inside, outside]), [Outcome.Passed, Outcome.OffSubgroup]);
    engine.close();
  });

  it('splits what is longer than one check', async () => {
    const engine = await createMclEngine(keys);
    const jobs = Array.from({ length: 300 }, (_, i) =>
      i % 2 === 0 ? job(at(products, i), 0) : job(at(squares, i), 1),
    );
    const bad = { ...at(jobs, 299), signals: [7n] };
    const outcomes = engine.run([...jobs.slice(0, 299), bad]);
    assert.deepEqual(
      outcomes.map((outcome, i) => (outcome === Outcome.Passed ? -1 : i)).filter((i) => i >= 0),
      [299],
    );
    engine.close();
  });

  it('gives its memory back', async () => {
    const engines = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const engine = await createMclEngine(keys);
        assert.deepEqual(engine.run([job(at(squares, i), 1)]), [Outcome.Passed]);
        engine.close();
        engine.close();
      }
    };
    await engines(2);
    const { getMclCurve } = await import('../../../src/verifier/mcl.ts');
    const before = (await getMclCurve()).mod.wasmMemory.buffer.byteLength;
    await engines(30);
    assert.equal((await getMclCurve()).mod.wasmMemory.buffer.byteLength, before);
  });
});
