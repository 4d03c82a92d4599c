/** Two implementations that share no code with our engines nor with each other, as judges of single requests. */
import { bn254 } from '@noble/curves/bn254.js';
import { curves, groth16, type SnarkjsCurve } from 'snarkjs';
import type { Groth16Proof } from '../../src/claims/interface.ts';
import { VerdictCode, type VerifyRequest } from '../../src/verifier/index.ts';
import { productKeyId, readVector } from '../unit/verifier/vectors.ts';
import { type KeyFile, nobleG1, nobleG2, nobleHolds } from './noble-groth16.ts';

const productFile = readVector('product-key') as KeyFile;
const squareFile = readVector('square-key') as KeyFile;
const keyFile = (id: string): KeyFile => (id === productKeyId ? productFile : squareFile);

// snarkjs takes the curve from a global of this name. Without threads it spends 2 ms on a point off the curve, not 14.
const shared = globalThis as { curve_bn128?: SnarkjsCurve | undefined };

export const snarkjs = {
  async start(): Promise<void> {
    shared.curve_bn128 = await curves.getCurveFromName('bn128', { singleThread: true });
  },

  /** Its verdict. It throws at much that is malformed; that is a refusal too. */
  async judge({ verifyingKey, publicSignals, proof }: VerifyRequest): Promise<boolean> {
    try {
      return await groth16.verify(keyFile(verifyingKey), publicSignals, proof);
    } catch {
      return false;
    }
  },

  async stop(): Promise<void> {
    await shared.curve_bn128?.terminate();
    shared.curve_bn128 = undefined;
  },
};

const { G2, fields } = bn254;

/** What noble can tell apart. Only for requests in their one spelling, that is, with one of these codes from us. */
export const NOBLE_CODES: ReadonlySet<VerdictCode> = new Set([
  VerdictCode.Valid,
  VerdictCode.InvalidProof,
  VerdictCode.PointNotOnCurve,
  VerdictCode.PointNotInSubgroup,
]);

/** @noble/curves on curve, subgroup and pairing; the order of steps is written down here. */
export function nobleJudge({ verifyingKey, publicSignals, proof }: VerifyRequest): VerdictCode {
  const key = keyFile(verifyingKey);
  const [a, b, c] = [nobleG1(proof.pi_a), nobleG2(proof.pi_b), nobleG1(proof.pi_c)];
  const onTwist = () => {
    const { x, y } = b.toAffine();
    const right = fields.Fp2.add(fields.Fp2.mul(fields.Fp2.sqr(x), x), G2.Point.CURVE().b);
    return fields.Fp2.eql(fields.Fp2.sqr(y), right);
  };
  for (const point of [a, c]) {
    try {
      point.assertValidity();
    } catch {
      return VerdictCode.PointNotOnCurve;
    }
  }
  if (!onTwist()) return VerdictCode.PointNotOnCurve;
  if (!b.isTorsionFree()) return VerdictCode.PointNotInSubgroup;
  return nobleHolds(key, proof, publicSignals) ? VerdictCode.Valid : VerdictCode.InvalidProof;
}

/** The cofactor's prime factors: points of the twist have one of these orders, r, or a product of them. */
const FACTORS = [10069n, 5864401n, 1875725156269n, 197620364512881247228717050342013327560683201906968909n];
type Twist = ReturnType<typeof nobleG2>;

function times(point: Twist, scalar: bigint): Twist {
  let sum = G2.Point.ZERO;
  for (const bit of scalar.toString(2)) {
    sum = sum.double();
    if (bit === '1') sum = sum.add(point);
  }
  return sum;
}

/** Of a point of the twist that is outside the subgroup: its parts of each prime order of the cofactor. */
export function smallOrderPoints(outside: Groth16Proof['pi_b']): Groth16Proof['pi_b'][] {
  const whole = FACTORS.reduce((product, factor) => product * factor, fields.Fr.ORDER);
  return FACTORS.map((factor) => times(nobleG2(outside), whole / factor))
    .filter((point) => !point.is0())
    .map(texts);
}

/** p + s. */
export const addG2 = (p: Groth16Proof['pi_b'], s: Groth16Proof['pi_b']): Groth16Proof['pi_b'] =>
  texts(nobleG2(p).add(nobleG2(s)));

function texts(point: Twist): Groth16Proof['pi_b'] {
  const { x, y } = point.toAffine();
  return [
    [String(x.c0), String(x.c1)],
    [String(y.c0), String(y.c1)],
    ['1', '0'],
  ];
}
