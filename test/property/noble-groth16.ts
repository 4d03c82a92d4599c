/**
 * Groth16's equation over the points and the pairing of @noble/curves: e(A, B) = e(alpha, beta) e(V, gamma) e(C, delta),
 * V = IC_0 + sum of signal_i IC_i. Source: J. Groth, eprint 2016/260, section 3.2. Nothing of ours is used.
 */
import { bn254 } from '@noble/curves/bn254.js';
import type { Groth16Proof } from '../../src/claims/interface.ts';

/** What is used of snarkjs's verification_key.json; points at infinity have z = 0. */
export interface KeyFile {
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: Groth16Proof['pi_b'];
  readonly vk_gamma_2: Groth16Proof['pi_b'];
  readonly vk_delta_2: Groth16Proof['pi_b'];
  readonly IC: readonly (readonly string[])[];
}

const { G1, G2, fields } = bn254;

/** Not checked to be on the curve. */
export function nobleG1([x = '', y = '', z]: readonly string[]) {
  return z === '0' ? G1.Point.ZERO : G1.Point.fromAffine({ x: BigInt(x), y: BigInt(y) });
}

/** Not checked to be on the twist. */
export function nobleG2([x, y, z]: Groth16Proof['pi_b']) {
  const fp2 = ([c0, c1]: readonly [string, string]) => fields.Fp2.fromBigTuple([BigInt(c0), BigInt(c1)]);
  return String(z) === '0,0' ? G2.Point.ZERO : G2.Point.fromAffine({ x: fp2(x), y: fp2(y) });
}

/** Whether the equation holds. Signals must be canonical and as many as the key has, points of the right groups. */
export function nobleHolds(key: KeyFile, proof: Groth16Proof, publicSignals: readonly string[]): boolean {
  const v = publicSignals.reduce(
    (sum, text, i) => {
      const signal = BigInt(text);
      return signal === 0n ? sum : sum.add(nobleG1(key.IC[i + 1] ?? []).multiplyUnsafe(signal));
    },
    nobleG1(key.IC[0] ?? []),
  );
  const pairs = [
    { g1: nobleG1(proof.pi_a).negate(), g2: nobleG2(proof.pi_b) },
    { g1: nobleG1(key.vk_alpha_1), g2: nobleG2(key.vk_beta_2) },
    { g1: v, g2: nobleG2(key.vk_gamma_2) },
    { g1: nobleG1(proof.pi_c), g2: nobleG2(key.vk_delta_2) },
  ];
  // A pair with the point at infinity is 1, and noble wants none.
  const product = bn254.pairingBatch(pairs.filter(({ g1, g2 }) => !g1.is0() && !g2.is0()));
  return fields.Fp12.eql(product, fields.Fp12.ONE);
}
