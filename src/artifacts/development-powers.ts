import { BASE_FIELD_ORDER, SCALAR_FIELD_ORDER as R } from '../base/field.ts';
import { littleEndianBytes } from './sections.ts';
import type { SnarkjsCurve, SnarkjsGroup } from './snarkjs.ts';

/**
 * Powers of tau, prepared for phase 2, by one party who knows tau: a minute for 2^15, where snarkjs, which must work on
 * points whose exponents nobody knows, takes half an hour of CPU. Here the exponents are known, so each Lagrange point
 * is one multiplication of the generator. For development keys alone: whoever knows tau forges proofs.
 * Sections and their order are those of snarkjs's `powersoftau prepare phase2`; a test holds the bytes equal.
 */
export interface PowersOfTauSecrets {
  tau: bigint;
  alpha: bigint;
  beta: bigint;
}

/** Points that are converted at once; between two batches the event loop runs. */
const BATCH = 4096;
const WINDOW_BITS = 8;

/**
 * @param secrets each in [1, r) and drawn at random; they are not kept
 * @param onFraction called with the finished share, 0 to 1
 * @returns the parts of a .ptau file, in order
 */
export async function* makePowersOfTau(
  curve: SnarkjsCurve,
  power: number,
  { tau, alpha, beta }: PowersOfTauSecrets,
  onFraction: (fraction: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const [g1, g2] = [new Multiples(curve.G1), new Multiples(curve.G2)];
  const size = 2 ** power;
  const times = (factor: bigint, values: readonly bigint[]) => values.map((value) => (value * factor) % R);
  const powers = geometric(tau, 2 * size - 1);
  const few = powers.slice(0, size);
  const lagrange = Array.from({ length: power + 1 }, (_, p) => lagrangeAt(tau, p, rootOf(curve, p))).flat();
  const doubled = truncatedLagrangeAt(tau, power + 1, rootOf(curve, power + 1));
  const sections: readonly [id: number, group: Multiples, scalars: readonly bigint[]][] = [
    [2, g1, powers],
    [3, g2, few],
    [4, g1, times(alpha, few)],
    [5, g1, times(beta, few)],
    [6, g2, [beta]],
    [12, g1, [...lagrange, ...doubled]],
    [13, g2, lagrange],
    [14, g1, times(alpha, lagrange)],
    [15, g1, times(beta, lagrange)],
  ];
  const total = sections.reduce((sum, [, , scalars]) => sum + scalars.length, 0);
  let done = 0;
  yield join([new TextEncoder().encode('ptau'), u32(1), u32(sections.length + 2)]);
  yield sectionHead(1, 44);
  yield join([u32(32), littleEndianBytes(BASE_FIELD_ORDER, 32), u32(power), u32(power)]);
  for (const [id, group, scalars] of sections) {
    yield sectionHead(id, scalars.length * group.pointBytes);
    for (let start = 0; start < scalars.length; start += BATCH) {
      const some = scalars.slice(start, start + BATCH);
      yield await group.of(some);
      done += some.length;
      onFraction(done / total);
    }
    // No contributions: there is nothing in them that a verifier could use.
    if (id === 6) yield join([sectionHead(7, 4), u32(0)]);
  }
}

/** Multiples of a group's generator, by a table of its shifted multiples: 32 additions each. */
class Multiples {
  readonly #group: SnarkjsGroup;
  /** Per byte of a scalar, 1 to 255 times 2^(8 byte) times the generator; made when it is first needed. */
  #table: Uint8Array[][] | undefined;

  constructor(group: SnarkjsGroup) {
    this.#group = group;
  }

  get pointBytes(): number {
    return this.#group.F.n8 * 2;
  }

  /** Affine, in snarkjs's own form, one after the other. */
  async of(scalars: readonly bigint[]): Promise<Uint8Array> {
    const group = this.#group;
    this.#table ??= shiftedMultiples(group);
    const points = new Uint8Array(scalars.length * group.F.n8 * 3);
    for (const [i, scalar] of scalars.entries()) {
      let point = group.zero;
      for (const [window, byte] of littleEndianBytes(scalar, 32).entries()) {
        const entry = this.#table[window]?.[byte];
        if (entry !== undefined) point = group.add(point, entry);
      }
      points.set(point, i * group.F.n8 * 3);
    }
    return group.batchToAffine(points);
  }
}

function shiftedMultiples(group: SnarkjsGroup): Uint8Array[][] {
  const table: Uint8Array[][] = [];
  let base = group.g;
  for (let window = 0; window < 256 / WINDOW_BITS; window++) {
    const step = group.toAffine(base);
    // Position 0 stays empty: nothing is added.
    const row: Uint8Array[] = [];
    let sum = base;
    for (let digit = 1; digit < 2 ** WINDOW_BITS; digit++) {
      row[digit] = group.toAffine(sum);
      sum = group.add(sum, step);
    }
    table.push(row);
    base = sum;
  }
  return table;
}

/** 1, x, x², … */
function geometric(x: bigint, count: number): bigint[] {
  const values = [1n];
  while (values.length < count) values.push(((values.at(-1) ?? 0n) * x) % R);
  return values;
}

/** A root of unity of order 2^power, the one that snarkjs uses. */
function rootOf({ Fr }: SnarkjsCurve, power: number): bigint {
  const root = Fr.w[power];
  if (root === undefined) throw new RangeError('the domain is too large for the field');
  return Fr.toObject(root);
}

/** L_i(tau) = (tau^n - 1) / n * w^i / (tau - w^i) for the n-th roots of unity, n = 2^power. */
function lagrangeAt(tau: bigint, power: number, root: bigint): bigint[] {
  const n = 2 ** power;
  const roots = geometric(root, n);
  const inverses = invertAll(roots.map((w) => mod(tau - w)));
  const factor = (mod(exponentiate(tau, BigInt(n)) - 1n) * invert(BigInt(n))) % R;
  return roots.map((w, i) => (((factor * w) % R) * (inverses[i] ?? 0n)) % R);
}

/** The same where tau^(n-1) is left out of the sum, as snarkjs does for the doubled domain, whose last power it lacks. */
function truncatedLagrangeAt(tau: bigint, power: number, root: bigint): bigint[] {
  const n = 2 ** power;
  const last = (exponentiate(tau, BigInt(n - 1)) * invert(BigInt(n))) % R;
  const roots = geometric(root, n);
  return lagrangeAt(tau, power, root).map((value, i) => mod(value - last * (roots[i] ?? 0n)));
}

/** All inverses for the price of one. @throws RangeError for a zero */
function invertAll(values: readonly bigint[]): bigint[] {
  const products = [1n];
  for (const value of values) products.push(((products.at(-1) ?? 0n) * value) % R);
  let inverse = invert(products.at(-1) ?? 0n);
  const result: bigint[] = Array.from(values, () => 0n);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (inverse * (products[i] ?? 0n)) % R;
    inverse = (inverse * (values[i] ?? 0n)) % R;
  }
  return result;
}

function invert(value: bigint): bigint {
  if (mod(value) === 0n) throw new RangeError('zero has no inverse');
  return exponentiate(value, R - 2n);
}

function exponentiate(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % R;
    square = (square * square) % R;
  }
  return result;
}

const mod = (value: bigint): bigint => ((value % R) + R) % R;
const u32 = (value: number): Uint8Array => littleEndianBytes(BigInt(value), 4);
const sectionHead = (id: number, length: number): Uint8Array => join([u32(id), littleEndianBytes(BigInt(length), 8)]);
const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
