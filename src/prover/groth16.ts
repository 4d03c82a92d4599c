import { randomBytes } from 'node:crypto';
import { COEFFICIENT_BYTES, type ProvingKey } from '../artifacts/proving-key.ts';
import type { SnarkjsCurve, ThreadCommand } from '../artifacts/snarkjs.ts';
import { readPublicSignals } from '../artifacts/wtns.ts';
import { bytesToInteger, SCALAR_FIELD_ORDER } from '../base/field.ts';
import type { Groth16Proof } from '../claims/interface.ts';
import type { ProofResult, ProveStage } from './interface.ts';

/**
 * Groth16 over a proving key that stays in memory. The arithmetic is that of ffjavascript's WebAssembly threads; what
 * differs from snarkjs's `groth16.prove` is the order of work. snarkjs runs five multi-scalar multiplications one after
 * the other, with reading and a single-threaded loop between them. Here the four that need only the witness are queued
 * first, so that no thread waits while the quotient polynomial is made.
 * Source: J. Groth, On the Size of Pairing-based Non-interactive Arguments, eprint 2016/260, section 3.2.
 */

/** Share of a proof's time by part, measured on 26k constraints; progress is the sum of the finished parts. */
const WEIGHTS = { a: 0.14, b1: 0.12, b2: 0.34, c: 0.14, polynomials: 0.1, h: 0.16 } as const;

export type PartListener = (stage: ProveStage, fraction: number) => void;

/**
 * @param witness values of 32 bytes little-endian, one per wire; the caller wipes it afterwards
 * @param onPart called with the fraction of this function's work that is done
 */
export async function proveGroth16(
  curve: SnarkjsCurve,
  key: ProvingKey,
  witness: Uint8Array,
  onPart: PartListener,
): Promise<ProofResult> {
  const { G1, G2, Fr } = curve;
  let done = 0;
  const part = async <T>(stage: ProveStage, weight: number, work: Promise<T>): Promise<T> => {
    const result = await work;
    done += weight;
    onPart(stage, Math.min(done, 1));
    return result;
  };
  const { nPublic } = key.header;
  const [a, b1, b2, c, h] = await Promise.all([
    part('multiexp', WEIGHTS.a, G1.multiExpAffine(key.pointsA, witness)),
    part('multiexp', WEIGHTS.b1, G1.multiExpAffine(key.pointsB1, witness)),
    part('multiexp', WEIGHTS.b2, G2.multiExpAffine(key.pointsB2, witness)),
    part('multiexp', WEIGHTS.c, G1.multiExpAffine(key.pointsC, witness.subarray((nPublic + 1) * 32))),
    part('multiexp', WEIGHTS.polynomials, quotient(curve, key, witness)).then((scalars) =>
      part('multiexp', WEIGHTS.h, G1.multiExpAffine(key.pointsH, scalars)),
    ),
  ]);
  // Fresh and uniform for every proof: reused r and s would tie proofs together and give the witness away.
  const r = Fr.e(randomScalar());
  const s = Fr.e(randomScalar());
  const delta1 = G1.fromRprLEM(key.delta1, 0);
  const delta2 = G2.fromRprLEM(key.delta2, 0);
  const piA = sum(G1, [a, G1.fromRprLEM(key.alpha1, 0), G1.timesFr(delta1, r)]);
  const piB1 = sum(G1, [b1, G1.fromRprLEM(key.beta1, 0), G1.timesFr(delta1, s)]);
  const piB = sum(G2, [b2, G2.fromRprLEM(key.beta2, 0), G2.timesFr(delta2, s)]);
  const piC = sum(G1, [c, h, G1.timesFr(piA, s), G1.timesFr(piB1, r), G1.timesFr(delta1, Fr.neg(Fr.mul(r, s)))]);
  return { proof: formatProof(curve, piA, piB, piC), publicSignals: readPublicSignals(witness, nPublic) };
}

/** Scalars of the H points: (A*B - C) / Z on the odd half of the doubled domain, in ordinary form. */
async function quotient(curve: SnarkjsCurve, key: ProvingKey, witness: Uint8Array): Promise<Uint8Array> {
  const { Fr } = curve;
  const { domainSize } = key.header;
  const rows = await evaluateRows(curve, key, witness);
  const power = Math.log2(domainSize);
  const shift = power === Fr.s ? Fr.shift : Fr.w[power + 1];
  if (shift === undefined) throw new RangeError('the domain is too large for the field');
  const odd = await Promise.all(
    rows.map(async (values) => Fr.fft(await Fr.batchApplyKey(await Fr.ifft(values), Fr.e(1), shift))),
  );
  const joined = await curve.tm.queueAction([
    ...odd.map((buff, index): ThreadCommand => ({ cmd: 'ALLOCSET', var: index, buff })),
    { cmd: 'ALLOC', var: 3, len: domainSize * 32 },
    {
      cmd: 'CALL',
      fnName: 'qap_joinABC',
      params: [{ var: 0 }, { var: 1 }, { var: 2 }, { val: domainSize }, { var: 3 }],
    },
    { cmd: 'CALL', fnName: 'frm_batchFromMontgomery', params: [{ var: 3 }, { val: domainSize }, { var: 3 }] },
    { cmd: 'GET', out: 0, var: 3, len: domainSize * 32 },
  ]);
  return single(joined);
}

/** A*w, B*w and their products C, one value per constraint; the constraints are split between the threads. */
async function evaluateRows(curve: SnarkjsCurve, key: ProvingKey, witness: Uint8Array): Promise<Uint8Array[]> {
  const { domainSize } = key.header;
  const threads = curve.tm.concurrency;
  const perThread = Math.ceil(domainSize / threads);
  const rows = [0, 1, 2].map(() => new Uint8Array(domainSize * 32));
  const view = new DataView(key.coefficients.buffer, key.coefficients.byteOffset, key.coefficients.byteLength);
  await Promise.all(
    Array.from({ length: threads }, async (_, thread) => {
      const from = thread * perThread;
      const count = Math.min(domainSize, from + perThread) - from;
      if (count <= 0) return;
      const start = firstCoefficient(view, from);
      const end = firstCoefficient(view, from + count);
      const result = await curve.tm.queueAction([
        {
          cmd: 'ALLOCSET',
          var: 0,
          buff: key.coefficients.slice(start * COEFFICIENT_BYTES, end * COEFFICIENT_BYTES),
        },
        { cmd: 'ALLOCSET', var: 1, buff: witness },
        ...[2, 3, 4].map((slot): ThreadCommand => ({ cmd: 'ALLOC', var: slot, len: count * 32 })),
        {
          cmd: 'CALL',
          fnName: 'qap_buildABC',
          params: [
            { var: 0 },
            { val: end - start },
            { var: 1 },
            { var: 2 },
            { var: 3 },
            { var: 4 },
            { val: from },
            { val: count },
            { val: 0 },
            { val: witness.length / 32 },
          ],
        },
        ...[0, 1, 2].map((out): ThreadCommand => ({ cmd: 'GET', out, var: out + 2, len: count * 32 })),
      ]);
      for (const [index, row] of rows.entries()) row.set(result[index] ?? [], from * 32);
    }),
  );
  return rows;
}

/** Index of the first coefficient of a constraint >= `constraint`; the coefficients are ordered by constraint. */
function firstCoefficient(view: DataView, constraint: number): number {
  let [low, high] = [0, view.byteLength / COEFFICIENT_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (view.getUint32(middle * COEFFICIENT_BYTES + 4, true) < constraint) low = middle + 1;
    else high = middle;
  }
  return low;
}

function formatProof(curve: SnarkjsCurve, a: Uint8Array, b: Uint8Array, c: Uint8Array): Groth16Proof {
  const g1 = (point: Uint8Array): [string, string, string] => {
    const [x, y, z] = curve.G1.toObject(curve.G1.toAffine(point)) as [bigint, bigint, bigint];
    return [String(x), String(y), String(z)];
  };
  const [x, y, z] = curve.G2.toObject(curve.G2.toAffine(b)) as [bigint, bigint][];
  const pair = (value: [bigint, bigint] | undefined): [string, string] => [String(value?.[0]), String(value?.[1])];
  return { pi_a: g1(a), pi_b: [pair(x), pair(y), pair(z)], pi_c: g1(c), protocol: 'groth16', curve: 'bn128' };
}

function sum(group: SnarkjsCurve['G1'], points: readonly Uint8Array[]): Uint8Array {
  return points.reduce((total, point) => group.add(total, point), group.zero);
}

function single(results: readonly Uint8Array[]): Uint8Array {
  const [first] = results;
  if (first === undefined) throw new RangeError('a thread returned nothing');
  return first;
}

/** Uniform below r: 384 bits reduced leave a bias below 2^-128. */
function randomScalar(): bigint {
  return bytesToInteger(randomBytes(48)) % SCALAR_FIELD_ORDER;
}
