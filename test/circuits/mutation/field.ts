import { SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';

export const mod = (value: bigint): bigint => {
  const rest = value % R;
  return rest < 0n ? rest + R : rest;
};

/** Inverse in the scalar field by the extended Euclidean algorithm. @throws RangeError for 0. */
export function inverse(value: bigint): bigint {
  let [a, b] = [mod(value), R];
  if (a === 0n) throw new RangeError('0 has no inverse');
  let [x, y] = [1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b % a, a];
    [x, y] = [y - quotient * x, x];
  }
  return mod(x);
}
