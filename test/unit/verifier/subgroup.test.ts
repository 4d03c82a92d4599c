import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { curves, type SnarkjsCurve } from 'snarkjs';
import { BASE_FIELD_ORDER as Q, SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';
import {
  type Fp2,
  fp2Sqrt,
  G1_GENERATOR,
  G2_GENERATOR,
  type G2Point,
  g2Right,
  isInG2Subgroup,
  isOnG2Curve,
  negateG2,
  CURVE_PARAMETER as X,
} from '../../../src/crypto/bn254.ts';
import { Outcome } from '../../../src/verifier/engine.ts';
import { G2_BYTES, getMclCurve, MclArena } from '../../../src/verifier/mcl.ts';
import { SubgroupCheck } from '../../../src/verifier/mcl-subgroup.ts';
import { NativeEngine } from '../../../src/verifier/native-engine.ts';
import { nativeAddon } from './engines.ts';

/** Of the twist; #E'(F_q2) = r * COFACTOR. */
const COFACTOR = 2n * Q - R;
/** The prime factors of the cofactor. */
const FACTORS = [10069n, 5864401n, 1875725156269n, 197620364512881247228717050342013327560683201906968909n];

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

const curve: SnarkjsCurve = await curves.getCurveFromName('bn128', { singleThread: true });
interface TimesScalar {
  timesScalar(point: Uint8Array, scalar: bigint): Uint8Array;
}
/** snarkjs's own arithmetic, which assumes no order. Undefined is the point at infinity. */
function times(point: G2Point, scalar: bigint): G2Point | undefined {
  const { G2 } = curve;
  const product = (G2 as unknown as TimesScalar).timesScalar(G2.fromObject([point.x, point.y, [1n, 0n]]), scalar);
  if (G2.isZero(product)) return undefined;
  const [x, y] = G2.toObject(G2.toAffine(product)) as [Fp2, Fp2];
  return { x, y };
}
function plus(p: G2Point, s: G2Point): G2Point {
  const { G2 } = curve;
  const [a, b] = [p, s].map(({ x, y }) => G2.fromObject([x, y, [1n, 0n]]));
  const [x, y] = G2.toObject(G2.toAffine(G2.add(a ?? G2.zero, b ?? G2.zero))) as [Fp2, Fp2];
  return { x, y };
}

/** Points of the whole twist: of r * COFACTOR points hardly any is in the subgroup. */
function twistPoints(count: number): G2Point[] {
  const points: G2Point[] = [];
  for (let i = 1n; points.length < count; i++) {
    const x: Fp2 = [i * i * 31n + 7n, i];
    const y = fp2Sqrt(g2Right(x));
    if (y !== undefined) points.push({ x, y });
  }
  return points;
}

const mcl = await getMclCurve();
const arena = new MclArena(mcl);
const check = new SubgroupCheck(mcl, arena);
const slot = arena.alloc(G2_BYTES);
const native = nativeAddon === undefined ? undefined : new NativeEngine(nativeAddon, []);
/** The addon's answers: alone, and among as many as make it go another way. */
function addonSays(point: G2Point): boolean[] {
  const job = { points: { a: G1_GENERATOR, b: point, c: G1_GENERATOR }, signals: [], key: undefined };
  const outcomes = [1, 8].flatMap((count) => native?.run(Array.from({ length: count }, () => job)) ?? []);
  return outcomes.map((outcome) => outcome === Outcome.Passed);
}

function agreed(point: G2Point): boolean {
  assert.ok(isOnG2Curve(point));
  mcl.setG2(slot, point);
  const answers = [isInG2Subgroup(point), check.isInSubgroup(slot), mcl.mod._mclBnG2_isValidOrder(slot) === 1];
  answers.push(...addonSays(point));
  assert.equal(new Set(answers).size, 1, `bigint, ours on mcl, mcl, the addon: ${answers}`);
  return answers[0] === true;
}

describe('G2 subgroup check', () => {
  after(() => {
    arena.free();
    return curve.terminate();
  });

  it('has constants that fit together', () => {
    assert.equal(36n * X ** 4n + 36n * X ** 3n + 18n * X ** 2n + 6n * X + 1n, R);
    assert.equal(
      FACTORS.reduce((product, factor) => product * factor, 1n),
      COFACTOR,
    );
  });

  for (const [name, g] of [
    ['this one: (x+1) + x psi + x psi^2 - 2x psi^3', [X + 1n, X, X, -2n * X]],
    ["the addon's: (6x+2) + psi - psi^2 + psi^3", [6n * X + 2n, 1n, -1n, 1n]],
  ] as const) {
    it(`is sound, whatever passes has order r; ${name}`, () => {
      // psi satisfies psi^2 - t psi + q = 0 on the whole twist, and the check asks for g(psi)P = 0. The resultant of the
      // two polynomials is a combination of them, so it kills P too: the order of P divides it and the group's order
      // r * COFACTOR, whose only common factor is r.
      const t = 6n * X ** 2n + 1n;
      assert.equal(Q + 1n - t, R);
      // g modulo psi^2 = t psi - q, so psi^3 = (t^2 - q) psi - t q.
      const a = g[0] - Q * g[2] - t * Q * g[3];
      const b = g[1] + t * g[2] + (t * t - Q) * g[3];
      const resultant = a * a + a * b * t + b * b * Q;
      assert.equal(gcd(resultant, R * COFACTOR), R);
      // On the subgroup psi multiplies by q, so its points do pass.
      assert.equal((g[0] + g[1] * Q + g[2] * Q ** 2n + g[3] * Q ** 3n) % R, 0n);
    });
  }

  it('passes points of the subgroup', () => {
    for (const scalar of [1n, 2n, 3n, X, R - 1n, 2n ** 200n + 12345n]) {
      const point = times(G2_GENERATOR, scalar);
      assert.ok(point !== undefined && agreed(point), `${scalar} G`);
      assert.ok(agreed(negateG2(point)));
    }
    for (const point of twistPoints(10)) {
      const cleared = times(point, COFACTOR);
      assert.ok(cleared !== undefined && agreed(cleared));
    }
  });

  it('refuses points of the rest of the twist', () => {
    for (const point of twistPoints(60)) assert.equal(agreed(point), false);
  });

  it('refuses points of each small order, and a good point plus one of them', () => {
    for (const factor of FACTORS) {
      const [point] = twistPoints(20).flatMap((start) => times(start, (R * COFACTOR) / factor) ?? []);
      assert.ok(point !== undefined);
      assert.equal(times(point, factor), undefined);
      assert.equal(agreed(point), false);
      assert.equal(agreed(plus(G2_GENERATOR, point)), false);
    }
  });
});
