import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { Grain } from './grain.ts';

/**
 * circomlib's Poseidon in plain integers: x^5 over BN254's scalar field, 1 to 16 inputs, first state element 0.
 *
 * The constants are made here, the first time an arity is used, by the generator of the paper: shipping them would cost
 * every process 2 MB to parse. Partial rounds are done with sparse matrices, as in appendix B of the paper, but derived
 * in another way: see `sparse`. A hash takes as long as circomlibjs's WebAssembly, and starting it 100 times less.
 */
const R = SCALAR_FIELD_ORDER;
const FULL_ROUNDS = 8;
/** By state width from 2 on; eprint 2019/458, table 2, rounded up as circomlib does. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68] as const;
export const MAX_POSEIDON_INPUTS = PARTIAL_ROUNDS.length;

type Vector = bigint[];
type Matrix = Vector[];

interface Parameters {
  /** Added before the S-boxes of each full round. */
  readonly constants: readonly Vector[];
  /** Mixes after each full round but the one before the partial rounds. */
  readonly mix: Matrix;
  /** Mixes after the last full round of the first half. */
  readonly mixToPartial: Matrix;
  readonly partial: readonly { constant: bigint; row: Vector; column: Vector }[];
}

const cache: (Parameters | undefined)[] = [];

/** @param inputs 1 to 16 values in [0, r); the caller has checked them */
export function poseidonHash(inputs: readonly bigint[]): bigint {
  const width = inputs.length + 1;
  cache[width] ??= makeParameters(width);
  const { constants, mix, mixToPartial, partial } = cache[width];
  let state: Vector = [0n, ...inputs];
  const half = FULL_ROUNDS / 2;
  for (let round = 0; round < half; round++) {
    state = apply(round === half - 1 ? mixToPartial : mix, fullSbox(state, constants[round] ?? []));
  }
  let [first = 0n, ...rest] = state;
  for (const { constant, row, column } of partial) {
    const power = pow5(first + constant);
    let sum = 0n;
    // The rest is never reduced here: seventy sums of products stay below 2^516.
    for (let i = 0; i < rest.length; i++) {
      const value = rest[i] as bigint;
      sum += value * (row[i + 1] as bigint);
      rest[i] = value + power * (column[i] as bigint);
    }
    first = (sum + power * (row[0] as bigint)) % R;
  }
  rest = rest.map((value) => value % R);
  state = [first, ...rest];
  for (let round = half; round < FULL_ROUNDS - 1; round++) state = apply(mix, fullSbox(state, constants[round] ?? []));
  // Only the first element of the last state is the hash.
  return dot(mix[0] ?? [], fullSbox(state, constants[FULL_ROUNDS - 1] ?? [])) % R;
}

function pow5(value: bigint): bigint {
  const square = (value * value) % R;
  return (((square * square) % R) * value) % R;
}

function fullSbox(state: Vector, constants: Vector): Vector {
  return state.map((value, i) => pow5(value + (constants[i] ?? 0n)));
}

function dot(a: Vector, b: Vector): bigint {
  let sum = 0n;
  for (let i = 0; i < a.length; i++) sum += (a[i] as bigint) * (b[i] as bigint);
  return sum;
}

function apply(matrix: Matrix, vector: Vector): Vector {
  return matrix.map((row) => dot(row, vector) % R);
}

function makeParameters(width: number): Parameters {
  const partialRounds = PARTIAL_ROUNDS[width - 2] ?? 0;
  const grain = new Grain(width, FULL_ROUNDS, partialRounds);
  const constants = Array.from({ length: FULL_ROUNDS + partialRounds }, () =>
    Array.from({ length: width }, () => grain.element()),
  );
  // A Cauchy matrix: 1 / (x_i + y_j).
  const seeds = Array.from({ length: 2 * width }, () => grain.integer() % R);
  const mix = seeds.slice(0, width).map((x) => seeds.slice(width).map((y) => invert((x + y) % R)));
  const half = FULL_ROUNDS / 2;
  const scalars = gatherConstants(constants, mix, half, partialRounds);
  const { pre, rows, columns } = sparse(mix, partialRounds);
  return {
    constants: [...constants.slice(0, half), ...constants.slice(half + partialRounds)],
    mix,
    mixToPartial: pre,
    partial: scalars.map((constant, i) => ({ constant, row: rows[i] ?? [], column: columns[i] ?? [] })),
  };
}

/**
 * In a partial round only the first element meets an S-box, so the others' constants may as well be added after it, and
 * so before the next round: M (0, c_1, ..) joins the next round's constants. What is left is one scalar a round.
 */
function gatherConstants(constants: Matrix, mix: Matrix, from: number, count: number): Vector {
  return Array.from({ length: count }, (_, i) => {
    const [first = 0n, ...others] = constants[from + i] ?? [];
    const carried = apply(mix, [0n, ...others]);
    constants[from + i + 1] = (constants[from + i + 1] ?? []).map((value, j) => (value + (carried[j] ?? 0n)) % R);
    return first;
  });
}

/**
 * Sparse mixing. Write M = [[m, v], [w, N]] and, before partial round k of K, the state's tail as N^(k-K) z_k. Then
 * the dense step  x' = m s + v tail,  tail' = w s + N tail  becomes
 *   x' = m s + (v N^(k-K)) z,   z' = z + (N^(K-k-1) w) s,
 * where s is the S-box's output: 2 (t - 1) products instead of t^2. z_K is the tail itself, and z_0 = N^K tail_0, which
 * goes into the matrix before.
 */
function sparse(mix: Matrix, rounds: number): { pre: Matrix; rows: Matrix; columns: Matrix } {
  const [[m = 0n, ...v] = [], ...below] = mix;
  const w = below.map(([value = 0n]) => value);
  const n = below.map((row) => row.slice(1));
  const inverse = transpose(invertMatrix(n));
  const rows: Matrix = [];
  const columns: Matrix = [];
  let [row, column] = [v, w];
  for (let k = rounds - 1; k >= 0; k--) {
    row = apply(inverse, row);
    rows[k] = [m, ...row];
    columns[k] = column;
    column = apply(n, column);
  }
  return { pre: [mix[0] ?? [], ...multiply(power(n, rounds), below)], rows, columns };
}

function transpose(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j] ?? 0n));
}

function multiply(a: Matrix, b: Matrix): Matrix {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column) % R));
}

function power(matrix: Matrix, exponent: number): Matrix {
  if (exponent === 1) return matrix;
  const root = power(matrix, exponent >> 1);
  const square = multiply(root, root);
  return exponent % 2 === 0 ? square : multiply(square, matrix);
}

/** Gauss-Jordan; every square part of a Cauchy matrix has an inverse. */
function invertMatrix(matrix: Matrix): Matrix {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1n : 0n))]);
  for (let k = 0; k < size; k++) {
    const pivot = work.findIndex((row, i) => i >= k && row[k] !== 0n);
    [work[k], work[pivot]] = [work[pivot] ?? [], work[k] ?? []];
    const inverse = invert(work[k]?.[k] ?? 0n);
    const scaled = (work[k] ?? []).map((value) => (value * inverse) % R);
    work[k] = scaled;
    for (let i = 0; i < size; i++) {
      const factor = work[i]?.[k] ?? 0n;
      if (i === k || factor === 0n) continue;
      work[i] = (work[i] ?? []).map((value, j) => (value + (R - factor) * (scaled[j] ?? 0n)) % R);
    }
  }
  return work.map((row) => row.slice(size));
}

/** Extended Euclid. */
function invert(value: bigint): bigint {
  let [a, b] = [value, R];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + R : x;
}
