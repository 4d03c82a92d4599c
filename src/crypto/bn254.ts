/**
 * The curve points of BN254 (alt_bn128) as plain integers: enough to read points strictly, to compress them and to
 * refuse degenerate keys without a pairing library. Not for secrets: nothing here is constant-time.
 *
 * G1: y^2 = x^3 + 3 over F_q, cofactor 1. G2: y^2 = x^3 + 3/(9+u) over F_q2 = F_q[u]/(u^2+1), cofactor 2q-r.
 * Source: EIP-197. Points are affine; the point at infinity has no representation here.
 */
import { BASE_FIELD_ORDER as Q } from '../base/field.ts';

/** An element a + b*u of F_q2. */
export type Fp2 = readonly [a: bigint, b: bigint];
export interface G1Point {
  readonly x: bigint;
  readonly y: bigint;
}
export interface G2Point {
  readonly x: Fp2;
  readonly y: Fp2;
}

/** The parameter of the curve family: r = 36x^4+36x^3+18x^2+6x+1. */
export const CURVE_PARAMETER = 4965661367192848881n;
export const G1_GENERATOR: G1Point = { x: 1n, y: 2n };
/** Source: EIP-197, "P2". */
export const G2_GENERATOR: G2Point = {
  x: [
    10857046999023057135944570762232829481370756359578518086990519993285655852781n,
    11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  ],
  y: [
    8495653923123431417604973247489272438418190587263600148770280649306958101930n,
    4082367875863433681332203403145435568316851327593401208105741076214120093531n,
  ],
};

const mod = (value: bigint): bigint => {
  const rest = value % Q;
  return rest < 0n ? rest + Q : rest;
};

/** base^exponent mod q, for 0 <= exponent. */
export function fpPow(base: bigint, exponent: bigint): bigint {
  // Four bits at a time: a quarter of the multiplications of the plain loop.
  const powers = [1n, mod(base)];
  for (let i = 2; i < 16; i++) powers.push(((powers[i - 1] ?? 1n) * mod(base)) % Q);
  let result = 1n;
  for (const digit of exponent.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % Q;
    const factor = powers[Number.parseInt(digit, 16)];
    if (digit !== '0' && factor !== undefined) result = (result * factor) % Q;
  }
  return result;
}

/** A square root of `value` modulo q, or undefined for a non-residue. q is 3 mod 4. */
export function fpSqrt(value: bigint): bigint | undefined {
  const root = fpPow(value, (Q + 1n) / 4n);
  return (root * root) % Q === mod(value) ? root : undefined;
}

const add2 = (p: Fp2, s: Fp2): Fp2 => [mod(p[0] + s[0]), mod(p[1] + s[1])];
const sub2 = (p: Fp2, s: Fp2): Fp2 => [mod(p[0] - s[0]), mod(p[1] - s[1])];
export const fp2Mul = (p: Fp2, s: Fp2): Fp2 => [mod(p[0] * s[0] - p[1] * s[1]), mod(p[0] * s[1] + p[1] * s[0])];
const conjugate = (p: Fp2): Fp2 => [p[0], mod(-p[1])];
const equal2 = (p: Fp2, s: Fp2): boolean => p[0] === s[0] && p[1] === s[1];

export function fp2Pow(base: Fp2, exponent: bigint): Fp2 {
  let result: Fp2 = [1n, 0n];
  for (const bit of exponent.toString(2)) {
    result = fp2Mul(result, result);
    if (bit === '1') result = fp2Mul(result, base);
  }
  return result;
}

/** A square root in F_q2 by two exponentiations in F_q (complex method), or undefined for a non-square. */
export function fp2Sqrt([a, b]: Fp2): Fp2 | undefined {
  if (b === 0n) {
    const root = fpSqrt(a);
    if (root !== undefined) return [root, 0n];
    const imaginary = fpSqrt(-a); // -1 is no square modulo q, so one of a and -a is
    return imaginary === undefined ? undefined : [0n, imaginary];
  }
  const norm = fpSqrt(a * a + b * b);
  if (norm === undefined) return undefined;
  const half = (Q + 1n) / 2n;
  const delta = mod((a + norm) * half); // non-zero, since b is
  const power = fpPow(delta, (Q - 3n) / 4n);
  const candidate = (delta * power) % Q;
  // candidate^2 is delta or -delta; b/(2*candidate) is the other coordinate either way.
  const residue = (candidate * candidate) % Q === delta;
  const other = mod(b * half * power * (residue ? 1n : -1n));
  const root: Fp2 = residue ? [candidate, other] : [other, candidate];
  return equal2(fp2Mul(root, root), [a, b]) ? root : undefined;
}

const G1_B = 3n;
/** 3/(9+u). */
const G2_B: Fp2 = fp2Mul([27n, -3n], [fpPow(82n, Q - 2n), 0n]);

/** x^3 + 3. */
export const g1Right = (x: bigint): bigint => mod(x * x * x + G1_B);
/** x^3 + 3/(9+u). */
export const g2Right = (x: Fp2): Fp2 => add2(fp2Mul(fp2Mul(x, x), x), G2_B);

/** Coordinates must be reduced. On the curve is in the group: the cofactor of G1 is 1. */
export const isOnG1 = ({ x, y }: G1Point): boolean => (y * y) % Q === g1Right(x);
/** Coordinates must be reduced. On the twist is not yet in the subgroup: see `isInG2Subgroup`. */
export const isOnG2Curve = ({ x, y }: G2Point): boolean => equal2(fp2Mul(y, y), g2Right(x));

export const equalG2 = (p: G2Point, s: G2Point): boolean => equal2(p.x, s.x) && equal2(p.y, s.y);
export const negateG1 = ({ x, y }: G1Point): G1Point => ({ x, y: mod(-y) });
export const negateG2 = ({ x, y }: G2Point): G2Point => ({ x, y: [mod(-y[0]), mod(-y[1])] });

/** Jacobian coordinates (X/Z^2, Y/Z^3); undefined is the point at infinity. */
type Jacobian = readonly [Fp2, Fp2, Fp2] | undefined;

const isZero2 = (p: Fp2): boolean => p[0] === 0n && p[1] === 0n;

function double(point: Jacobian): Jacobian {
  if (point === undefined) return undefined;
  const [x, y, z] = point;
  if (isZero2(y)) return undefined;
  const yy = fp2Mul(y, y);
  const s = fp2Mul([4n, 0n], fp2Mul(x, yy));
  const m = fp2Mul([3n, 0n], fp2Mul(x, x));
  const x3 = sub2(fp2Mul(m, m), add2(s, s));
  const y3 = sub2(fp2Mul(m, sub2(s, x3)), fp2Mul([8n, 0n], fp2Mul(yy, yy)));
  return [x3, y3, fp2Mul([2n, 0n], fp2Mul(y, z))];
}

function addPoints(p: Jacobian, s: Jacobian): Jacobian {
  if (p === undefined) return s;
  if (s === undefined) return p;
  const zz1 = fp2Mul(p[2], p[2]);
  const zz2 = fp2Mul(s[2], s[2]);
  const u1 = fp2Mul(p[0], zz2);
  const s1 = fp2Mul(p[1], fp2Mul(zz2, s[2]));
  const h = sub2(fp2Mul(s[0], zz1), u1);
  const r = sub2(fp2Mul(s[1], fp2Mul(zz1, p[2])), s1);
  if (isZero2(h)) return isZero2(r) ? double(p) : undefined;
  const hh = fp2Mul(h, h);
  const hhh = fp2Mul(h, hh);
  const v = fp2Mul(u1, hh);
  const x3 = sub2(sub2(fp2Mul(r, r), hhh), add2(v, v));
  const y3 = sub2(fp2Mul(r, sub2(v, x3)), fp2Mul(s1, hhh));
  return [x3, y3, fp2Mul(h, fp2Mul(p[2], s[2]))];
}

function multiply(point: Jacobian, scalar: bigint): Jacobian {
  let result: Jacobian;
  for (const bit of scalar.toString(2)) {
    result = double(result);
    if (bit === '1') result = addPoints(result, point);
  }
  return result;
}

/**
 * Factors of the endomorphism psi(x, y) = (conj(x)*PSI_X, conj(y)*PSI_Y) of the twist: untwist, Frobenius, twist.
 * On the subgroup psi is multiplication by q.
 */
export const PSI_X: Fp2 = fp2Pow([9n, 1n], (Q - 1n) / 3n);
export const PSI_Y: Fp2 = fp2Pow([9n, 1n], (Q - 1n) / 2n);

function psi(point: Jacobian): Jacobian {
  if (point === undefined) return undefined;
  const [x, y, z] = point;
  return [fp2Mul(conjugate(x), PSI_X), fp2Mul(conjugate(y), PSI_Y), conjugate(z)];
}

/**
 * Whether a point of the twist has order r: (x+1)P + psi(xP) + psi^2(xP) = psi^3(2xP), a quarter of the work of
 * rP = 0. Criterion: Dai, Lin, Zhao, Zhou, https://eprint.iacr.org/2022/348; that no other point passes
 * follows from a resultant, which `test/unit/verifier/subgroup.test.ts` computes.
 */
export function isInG2Subgroup(point: G2Point): boolean {
  const p: Jacobian = [point.x, point.y, [1n, 0n]];
  const xp = multiply(p, CURVE_PARAMETER);
  const psi1 = psi(xp);
  const psi2 = psi(psi1);
  const left = addPoints(addPoints(addPoints(xp, p), psi1), psi2);
  const right = psi(psi(psi(double(xp))));
  if (left === undefined || right === undefined) return left === right;
  return addPoints(left, [right[0], sub2([0n, 0n], right[1]), right[2]]) === undefined;
}

/**
 * Why a Groth16 key with these elements is unsound whatever else it holds, or undefined. With gamma = +-delta anyone
 * can forge a proof (A = alpha, B = beta, C = -+vk_x); delta = +-generator is what a key has before anybody has
 * contributed, so its secret is known to all.
 */
export function keyWeakness(gamma: G2Point, delta: G2Point): string | undefined {
  if (equalG2(gamma, delta) || equalG2(gamma, negateG2(delta))) {
    return 'gamma equals delta: phase 2 was skipped, so proofs can be forged';
  }
  if (equalG2(delta, G2_GENERATOR) || equalG2(delta, negateG2(G2_GENERATOR))) {
    return 'delta is the generator: nobody has contributed to phase 2, so proofs can be forged';
  }
  return undefined;
}
