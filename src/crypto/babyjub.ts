import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import type { EddsaSignature, Point } from './interface.ts';
import { poseidonHash } from './poseidon.ts';

/**
 * Baby Jubjub (ERC-2494): a x^2 + y^2 = 1 + d x^2 y^2 over BN254's scalar field, and the checks that verifiers do.
 * Public values only: nothing here takes the same time for all of them. Signing is `signer.ts`.
 */
const R = SCALAR_FIELD_ORDER;
const A = 168_700n;
const D = 168_696n;
/** Order of the subgroup; the cofactor is 8. */
export const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;
/** Generator of the subgroup. */
const BASE8: Point = {
  x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

/** Projective: x = X/Z, y = Y/Z. */
interface Projective {
  X: bigint;
  Y: bigint;
  Z: bigint;
}

const NEUTRAL: Projective = { X: 0n, Y: 1n, Z: 1n };

const projective = ({ x, y }: Point): Projective => ({ X: x, Y: y, Z: 1n });

/** add-2008-bbjlp of the Explicit-Formulas Database; complete, since a is a square in this field and d is not. */
function add(p: Projective, q: Projective): Projective {
  const a = (p.Z * q.Z) % R;
  const b = (a * a) % R;
  const c = (p.X * q.X) % R;
  const d = (p.Y * q.Y) % R;
  const e = (((D * c) % R) * d) % R;
  const f = b - e;
  const g = b + e;
  return {
    X: (((a * f) % R) * (((p.X + p.Y) * (q.X + q.Y) - c - d) % R)) % R,
    Y: (((a * g) % R) * (d - A * c)) % R,
    Z: (f * g) % R,
  };
}

/** dbl-2008-bbjlp. */
function double({ X, Y, Z }: Projective): Projective {
  const b = (X + Y) ** 2n % R;
  const c = (X * X) % R;
  const d = (Y * Y) % R;
  const e = A * c;
  const f = e + d;
  const j = (f - 2n * Z * Z) % R;
  return { X: ((b - c - d) * j) % R, Y: ((f % R) * (e - d)) % R, Z: (f * j) % R };
}

function multiply(scalar: bigint, point: Projective): Projective {
  let result = NEUTRAL;
  for (const bit of scalar.toString(2)) {
    result = double(result);
    if (bit === '1') result = add(result, point);
  }
  return result;
}

const isZero = (value: bigint): boolean => value % R === 0n;
const equal = (p: Projective, q: Projective): boolean => isZero(p.X * q.Z - q.X * p.Z) && isZero(p.Y * q.Z - q.Y * p.Z);

/** @param point with both coordinates in [0, r) */
export function isOnBabyJubjub({ x, y }: Point): boolean {
  const [x2, y2] = [(x * x) % R, (y * y) % R];
  return isZero(A * x2 + y2 - 1n - D * x2 * y2);
}

/** @param point on the curve */
export function isInSubgroup(point: Point): boolean {
  return equal(multiply(SUBGROUP_ORDER, projective(point)), NEUTRAL);
}

/** S B8 = R8 + 8 H(R8, A, M) A, as circomlib's `EdDSAPoseidonVerifier` checks it; points on the curve, S below the order. */
export function signatureHolds(publicKey: Point, message: bigint, { r8x, r8y, s }: EddsaSignature): boolean {
  const hash = poseidonHash([r8x, r8y, publicKey.x, publicKey.y, message]);
  const right = add(projective({ x: r8x, y: r8y }), multiply(8n * hash, projective(publicKey)));
  return equal(multiply(s, projective(BASE8)), right);
}
