/** More valid proofs of the same statements: Groth16 proofs can be re-randomised by anybody. */
import { randomBytes } from 'node:crypto';
import { openCurve, type SnarkjsCurve, type VerifyingKey } from '../../src/artifacts/index.ts';
import type { Groth16Proof } from '../../src/claims/interface.ts';

type Point = Uint8Array;

/**
 * (A, B, C) -> (A / r, r B + r s delta, C + s A) for random r and s: a uniformly random proof of the same statement, with
 * other points throughout, so no verifier can profit from having seen the first one.
 */
export async function rerandomise(proof: Groth16Proof, key: VerifyingKey): Promise<Groth16Proof> {
  const curve = await openCurve();
  const { G1, G2, Fr } = curve;
  const [r, s] = [randomScalar(curve), randomScalar(curve)];
  const a = G1.fromObject(g1Object(proof.pi_a));
  const b = G2.fromObject(g2Object(proof.pi_b));
  const c = G1.fromObject(g1Object(proof.pi_c));
  const delta = G2.fromObject(g2Object(key.vk_delta_2));
  const scalars = Fr as typeof Fr & { inv(a: Uint8Array): Uint8Array };
  return {
    ...proof,
    pi_a: g1Text(curve, G1.timesFr(a, scalars.inv(r))),
    pi_b: g2Text(curve, G2.add(G2.timesFr(b, r), G2.timesFr(delta, Fr.mul(r, s)))),
    pi_c: g1Text(curve, G1.add(c, G1.timesFr(a, s))),
  };
}

function randomScalar({ Fr }: SnarkjsCurve): Uint8Array {
  return Fr.e(BigInt(`0x${randomBytes(31).toString('hex')}`) + 1n);
}

const g1Object = (point: readonly string[]): bigint[] => point.map(BigInt);
const g2Object = (point: readonly (readonly string[])[]): bigint[][] => point.map((part) => part.map(BigInt));

function g1Text({ G1 }: SnarkjsCurve, point: Point): Groth16Proof['pi_a'] {
  const [x = 0n, y = 0n] = G1.toObject(G1.toAffine(point)) as bigint[];
  return [String(x), String(y), '1'];
}

function g2Text({ G2 }: SnarkjsCurve, point: Point): Groth16Proof['pi_b'] {
  const [[x0, x1] = [], [y0, y1] = []] = G2.toObject(G2.toAffine(point)) as bigint[][];
  return [
    [String(x0), String(x1)],
    [String(y0), String(y1)],
    ['1', '0'],
  ];
}
