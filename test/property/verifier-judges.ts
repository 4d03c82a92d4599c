/** Two implementations that share no code with our engines nor with each other, as judges of single requests. */
import { bn254 } from '@noble/curves/bn254.js';
import { curves, groth16, type SnarkjsCurve } from 'snarkjs';
import type { Groth16Proof } from '../../src/claims/interface.ts';
import { VerdictCode, type VerifyRequest } from '../../src/verifier/index.ts';
import { productKeyId, readVector } from '../unit/verifier/vectors.ts';

interface KeyFile {
  vk_alpha_1: string[];
  vk_beta_2: Groth16Proof['pi_b'];
  vk_gamma_2: Groth16Proof['pi_b'];
  vk_delta_2: Groth16Proof['pi_b'];
  IC: string[][];
}

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

const { G1, G2, fields } = bn254;
const g1 = ([x, y]: readonly string[]) => G1.Point.fromAffine({ x: BigInt(x ?? ''), y: BigInt(y ?? '') });
const g2 = ([x, y]: Groth16Proof['pi_b']) => {
  const fp2 = ([c0, c1]: readonly [string, string]) => fields.Fp2.fromBigTuple([BigInt(c0), BigInt(c1)]);
  return G2.Point.fromAffine({ x: fp2(x), y: fp2(y) });
};

/** What noble can tell apart. Only for requests in their one spelling, that is, with one of these codes from us. */
export const NOBLE_CODES: ReadonlySet<VerdictCode> = new Set([
  VerdictCode.Valid,
  VerdictCode.InvalidProof,
  VerdictCode.PointNotOnCurve,
  VerdictCode.PointNotInSubgroup,
]);

/** @noble/curves on curve, subgroup and pairing; the equation and the order of steps are written down here. */
export function nobleJudge({ verifyingKey, publicSignals, proof }: VerifyRequest): VerdictCode {
  const key = keyFile(verifyingKey);
  const [a, b, c] = [g1(proof.pi_a), g2(proof.pi_b), g1(proof.pi_c)];
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
  const v = publicSignals.reduce(
    (sum, text, i) => {
      const signal = BigInt(text);
      return signal === 0n ? sum : sum.add(g1(key.IC[i + 1] ?? []).multiplyUnsafe(signal));
    },
    g1(key.IC[0] ?? []),
  );
  const product = bn254.pairingBatch([
    { g1: a.negate(), g2: b },
    { g1: g1(key.vk_alpha_1), g2: g2(key.vk_beta_2) },
    { g1: v, g2: g2(key.vk_gamma_2) },
    { g1: c, g2: g2(key.vk_delta_2) },
  ]);
  return fields.Fp12.eql(product, fields.Fp12.ONE) ? VerdictCode.Valid : VerdictCode.InvalidProof;
}

/** The cofactor's prime factors: points of the twist have one of these orders, r, or a product of them. */
const FACTORS = [10069n, 5864401n, 1875725156269n, 197620364512881247228717050342013327560683201906968909n];
type Twist = ReturnType<typeof g2>;

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
  return FACTORS.map((factor) => times(g2(outside), whole / factor))
    .filter((point) => !point.is0())
    .map(texts);
}

/** p + s. */
export const addG2 = (p: Groth16Proof['pi_b'], s: Groth16Proof['pi_b']): Groth16Proof['pi_b'] =>
  texts(g2(p).add(g2(s)));

function texts(point: Twist): Groth16Proof['pi_b'] {
  const { x, y } = point.toAffine();
  return [
    [String(x.c0), String(x.c1)],
    [String(y.c0), String(y.c1)],
    ['1', '0'],
  ];
}
