/** Random rank-1 circuits with a witness, in snarkjs's files; made so that the odd cases of a prover come up. */
import { allocateWitnessFile } from '../../src/artifacts/wtns.ts';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import type { Random } from './random.ts';

/** Coefficients by wire; wire 0 is 1. */
type Row = Map<number, bigint>;

export interface Shape {
  constraints: number;
  /** Public wires, any of: chosen, determined, in no constraint. */
  publics: number;
  /** Wires whose values are chosen. */
  free: number;
  /** Wires that no constraint has: all their points in the key are at infinity. */
  unused: number;
  /** `zeros`: all wires but the first are 0. `bits`: all are 0 or 1. `no B`: no constraint has a B. */
  kind: 'any' | 'zeros' | 'bits' | 'no B';
}

export interface RandomCircuit {
  /** `.r1cs` */
  r1cs: Uint8Array;
  /** `.wtns` */
  witnessFile: Uint8Array;
  /** Its values, 32 bytes each. */
  witness: Uint8Array;
  values: readonly bigint[];
  publicSignals: string[];
}

const mod = (value: bigint): bigint => ((value % R) + R) % R;

/** Any element, and often one at an edge: 0, 1, r - 1, small, a power of two or next to one. */
function edgy(random: Random): bigint {
  const power = 1n << BigInt(random.below(253));
  const edges = [0n, 0n, 1n, R - 1n, BigInt(random.below(65536)), power, power - 1n];
  return random.below(3) === 0 ? mod(random.bits(320)) : random.pick(edges);
}

function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, mod(value), R - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % R;
    base = (base * base) % R;
  }
  return result;
}

const evaluate = (row: Row, values: readonly bigint[]): bigint =>
  mod([...row].reduce((sum, [wire, coefficient]) => sum + coefficient * (values[wire] ?? 0n), 0n));

/** 1 to `count` in any order. */
function shuffled(count: number, random: Random): number[] {
  const left = Array.from({ length: count }, (_, i) => i + 1);
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)).flat();
}

/** Up to three of the known wires; sometimes none. */
function randomRow(known: readonly number[], random: Random): Row {
  return new Map(Array.from({ length: random.below(4) }, () => [random.pick(known), edgy(random)]));
}

/** Each constraint determines a wire of its own, or says that one is 0 or 1. */
export function randomCircuit(shape: Shape, random: Random): RandomCircuit {
  const { constraints, publics, free, unused, kind } = shape;
  const wires = 1 + free + constraints + unused;
  if (publics >= wires) throw new RangeError('more public wires than wires');
  const choose = (): bigint => (kind === 'zeros' ? 0n : kind === 'bits' ? BigInt(random.below(2)) : edgy(random));
  const names = shuffled(wires - 1, random);
  const values = Array.from({ length: wires }, () => 0n);
  values[0] = 1n;
  const known = [0, ...names.splice(0, free)];
  for (const wire of known.slice(1)) values[wire] = choose();
  const rows = names.splice(0, constraints).map((wire): [Row, Row, Row] => {
    if (kind === 'no B') {
      values[wire] = choose();
      return [new Map([[wire, 1n]]), new Map(), new Map()];
    }
    const own = determine(wire, kind, known, values, random);
    known.push(wire);
    return own;
  });
  for (const wire of names) values[wire] = choose();
  const { file: witnessFile, body: witness } = allocateWitnessFile(wires);
  for (const [wire, value] of values.entries()) witness.set(bytes32(value), wire * 32);
  const publicSignals = values.slice(1, 1 + publics).map(String);
  return { r1cs: r1csFile(wires, publics, rows), witnessFile, witness, values, publicSignals };
}

function determine(
  wire: number,
  kind: Shape['kind'],
  known: readonly number[],
  values: bigint[],
  random: Random,
): [Row, Row, Row] {
  if (kind === 'bits' || random.below(5) === 0) {
    values[wire] = kind === 'zeros' ? 0n : BigInt(random.below(2));
    return [
      new Map([[wire, 1n]]),
      new Map([
        [wire, 1n],
        [0, R - 1n],
      ]),
      new Map(),
    ];
  }
  // Where all is to be 0, the constant 1 may not come in.
  const usable = kind === 'zeros' ? known.slice(1) : known;
  const [a, b, c] = [randomRow(usable, random), randomRow(usable, random), randomRow(usable, random)];
  const coefficient = mod(random.bits(250)) + 1n;
  const rest = mod(evaluate(a, values) * evaluate(b, values) - evaluate(c, values));
  values[wire] = (rest * inverse(coefficient)) % R;
  c.set(wire, coefficient);
  return [a, b, c];
}

function bytes32(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
const u64 = (value: number): Uint8Array => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);

/** iden3's container; source of the layout: iden3/r1csfile, doc/r1cs_bin_format.md. */
function r1csFile(wires: number, publics: number, rows: readonly [Row, Row, Row][]): Uint8Array {
  const counts = [wires, publics, 0, wires - 1 - publics].map(u32);
  const header = [u32(32), bytes32(R), ...counts, u64(wires), u32(rows.length)];
  const terms = (row: Row) => [u32(row.size), ...[...row].flatMap(([wire, value]) => [u32(wire), bytes32(value)])];
  const sections: [number, Uint8Array[]][] = [
    [1, header],
    [2, rows.flat().flatMap(terms)],
    [3, Array.from({ length: wires }, (_, label) => u64(label))],
  ];
  const parts = sections.flatMap(([id, content]) => {
    const bytes = Buffer.concat(content);
    return [u32(id), u64(bytes.length), bytes];
  });
  return new Uint8Array(Buffer.concat([Buffer.from('r1cs'), u32(1), u32(sections.length), ...parts]));
}
