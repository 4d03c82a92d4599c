/** The proofs in `test/vectors/verifier/`, made by circom2 and snarkjs, and ways to spoil them. */
import { readFileSync } from 'node:fs';
import { BASE_FIELD_ORDER as Q } from '../../../src/base/field.ts';
import type { Groth16Proof } from '../../../src/claims/interface.ts';
import {
  type Fp2,
  fp2Sqrt,
  type G1Point,
  type G2Point,
  g2Right,
  isInG2Subgroup,
  negateG1,
  negateG2,
} from '../../../src/crypto/bn254.ts';
import { readVerifyingKey, type VerifyRequest } from '../../../src/verifier/index.ts';

interface Proven {
  proof: Groth16Proof;
  publicSignals: string[];
}

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../vectors/verifier/${name}.json`, import.meta.url)));
export const readVector = (name: string): unknown => JSON.parse(new TextDecoder().decode(read(name)));

export const productKey = read('product-key');
export const squareKey = read('square-key');
/** Phase 2 was skipped: gamma = delta = generator. */
export const skippedKey = read('skipped-key');
export const productKeyId = readVerifyingKey(productKey).id;
export const squareKeyId = readVerifyingKey(squareKey).id;
export const forgery = readVector('skipped-forgery') as Proven;

const requests = (name: string, verifyingKey: string): VerifyRequest[] =>
  (readVector(name) as Proven[]).map(({ proof, publicSignals }) => ({ verifyingKey, proof, publicSignals }));

/** 24 proofs with four public signals. */
export const products = requests('product-proofs', productKeyId);
/** 8 proofs with one public signal. */
export const squares = requests('square-proofs', squareKeyId);

/** The item at `index`, counted round the end. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('no items');
  return item;
}

export const g1Texts = ({ x, y }: G1Point): [string, string, string] => [String(x), String(y), '1'];
export const g2Texts = ({ x, y }: G2Point): Groth16Proof['pi_b'] => [
  [String(x[0]), String(x[1])],
  [String(y[0]), String(y[1])],
  ['1', '0'],
];
export const toG1 = ([x, y]: readonly string[]): G1Point => ({ x: BigInt(x ?? ''), y: BigInt(y ?? '') });
export const toG2 = ([x, y]: Groth16Proof['pi_b']): G2Point => ({
  x: [BigInt(x[0]), BigInt(x[1])],
  y: [BigInt(y[0]), BigInt(y[1])],
});

export const withProof = (request: VerifyRequest, change: Partial<Groth16Proof>): VerifyRequest => ({
  ...request,
  proof: { ...request.proof, ...change },
});

/** (-A, -B, C): another spelling of the same proof, which verifies. */
export const malleated = (request: VerifyRequest): VerifyRequest =>
  withProof(request, {
    pi_a: g1Texts(negateG1(toG1(request.proof.pi_a))),
    pi_b: g2Texts(negateG2(toG2(request.proof.pi_b))),
  });

/** The n-th point of the twist (by u-part of x) that is outside the subgroup. */
export function offSubgroup(n = 0n): G2Point {
  for (let i = 1n; ; i++) {
    const x: Fp2 = [n, i];
    const y = fp2Sqrt(g2Right(x));
    if (y !== undefined && !isInG2Subgroup({ x, y })) return { x, y };
  }
}

const inverse = (value: bigint): bigint => {
  let [a, b, u, v] = [((value % Q) + Q) % Q, Q, 1n, 0n];
  while (a > 1n) [a, b, u, v] = [b % a, a, v - (b / a) * u, u];
  return ((u % Q) + Q) % Q;
};

/** Sum of two points of G1 whose x differ. */
export function addG1(p: G1Point, s: G1Point): G1Point {
  const slope = ((s.y - p.y) * inverse(s.x - p.x)) % Q;
  const x = (((slope * slope - p.x - s.x) % Q) + Q) % Q;
  return { x, y: (((slope * (p.x - x) - p.y) % Q) + Q) % Q };
}
