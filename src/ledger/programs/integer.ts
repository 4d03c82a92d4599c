/** The only place where programs divide: exact on bigint, and each says which way it rounds. */

export const BASIS_POINTS = 10_000n;

/** floor(a * b / c) of numbers that are not negative, c above 0. */
export function mulDivDown(a: bigint, b: bigint, c: bigint): bigint {
  return (a * b) / c;
}

/** ceil(a * b / c) of numbers that are not negative, c above 0. */
export function mulDivUp(a: bigint, b: bigint, c: bigint): bigint {
  return (a * b + c - 1n) / c;
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
