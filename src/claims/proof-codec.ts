/**
 * The two binary forms of a Groth16 proof. Each proof has exactly one spelling per form; everything else is refused.
 *
 * 256 bytes, uncompressed: A.x A.y | B.x.u B.x B.y.u B.y | C.x C.y, each 32 bytes big-endian, the part at u first
 * (the order of EIP-197, so of Ethereum's pairing precompile).
 * 128 bytes, compressed: A.x | B.x.u B.x | C.x; q has 254 bits, so the two top bits of each point say which y it is:
 * 10 the smaller, 11 the larger (for B compared by the part at u, then by the other). 00, 01 are refused: a proof
 * never holds the point at infinity.
 */
import { CodedError } from '../base/errors.ts';
import { BASE_FIELD_ORDER, bytesToInteger, fieldToBytes, parseDecimal } from '../base/field.ts';
import {
  type Fp2,
  fp2Sqrt,
  fpSqrt,
  type G1Point,
  type G2Point,
  g1Right,
  g2Right,
  isOnG1,
  isOnG2Curve,
} from '../crypto/bn254.ts';
import type { Groth16Proof } from './interface.ts';

export const COMPRESSED_PROOF_BYTES = 128;
export const UNCOMPRESSED_PROOF_BYTES = 256;

export const ProofCodecErrorCode = {
  /** Neither 128 nor 256 bytes. */
  Length: 'PROOF_CODEC_LENGTH',
  Flags: 'PROOF_CODEC_FLAGS',
  /** Missing, extra or mistyped fields, wrong array lengths. */
  Shape: 'PROOF_CODEC_SHAPE',
  /** `protocol` is not `groth16` or `curve` is not `bn128`. */
  Label: 'PROOF_CODEC_LABEL',
  /** No canonical decimal below q, or a point that is not written affine. */
  Coordinate: 'PROOF_CODEC_COORDINATE',
  Infinity: 'PROOF_CODEC_INFINITY',
  NotOnCurve: 'PROOF_CODEC_NOT_ON_CURVE',
} as const;
export type ProofCodecErrorCode = (typeof ProofCodecErrorCode)[keyof typeof ProofCodecErrorCode];

/** The three points of a proof; reduced and on their curves, B not yet known to be in the subgroup. */
export interface ProofPoints {
  readonly a: G1Point;
  readonly b: G2Point;
  readonly c: G1Point;
}

const FLAGS_MASK = 0xc0;
const FLAG_SMALLER = 0x80;
const FLAG_LARGER = 0xc0;
const HALF = (BASE_FIELD_ORDER - 1n) / 2n;

const isLarger = (y: bigint): boolean => y > HALF;
const isLarger2 = ([a, b]: Fp2): boolean => (b === 0n ? isLarger(a) : isLarger(b));
const negate = (y: bigint): bigint => (y === 0n ? 0n : BASE_FIELD_ORDER - y);

function fail(code: ProofCodecErrorCode, message: string, where: string): never {
  throw new CodedError(code, message, { where });
}

/** Splits the flags from a compressed point and gives the rest; `first` may be the part at u of an Fp2. */
function takeFlags(bytes: Uint8Array, offset: number, where: string): { larger: boolean; first: bigint } {
  // A copy: `slice` of a Buffer would be a view, and the flags would vanish from the caller's envelope.
  const head = new Uint8Array(bytes.subarray(offset, offset + 32));
  const flags = (head[0] ?? 0) & FLAGS_MASK;
  if (flags !== FLAG_SMALLER && flags !== FLAG_LARGER) {
    fail(ProofCodecErrorCode.Flags, 'the two top bits of a compressed point must be 10 or 11', where);
  }
  head[0] = (head[0] ?? 0) & ~FLAGS_MASK;
  return { larger: flags === FLAG_LARGER, first: reduced(head, where) };
}

function reduced(bytes: Uint8Array, where: string): bigint {
  const value = bytesToInteger(bytes);
  if (value >= BASE_FIELD_ORDER) fail(ProofCodecErrorCode.Coordinate, 'coordinate is not below q', where);
  return value;
}

function decompressG1(bytes: Uint8Array, offset: number, where: string): G1Point {
  const { larger, first: x } = takeFlags(bytes, offset, where);
  const y = fpSqrt(g1Right(x));
  if (y === undefined) fail(ProofCodecErrorCode.NotOnCurve, 'no point of the curve has this x', where);
  return { x, y: isLarger(y) === larger ? y : negate(y) };
}

function decompressG2(bytes: Uint8Array, offset: number, where: string): G2Point {
  const { larger, first } = takeFlags(bytes, offset, where);
  const x: Fp2 = [reduced(bytes.subarray(offset + 32, offset + 64), where), first];
  const y = fp2Sqrt(g2Right(x));
  if (y === undefined) fail(ProofCodecErrorCode.NotOnCurve, 'no point of the twist has this x', where);
  return { x, y: isLarger2(y) === larger ? y : [negate(y[0]), negate(y[1])] };
}

/**
 * Points of a proof in either form, told apart by length.
 * About 0.6 ms for the compressed form (four exponentiations), some microseconds for the other.
 * @throws CodedError PROOF_CODEC_* for another length, bad flags, a coordinate not below q, a point off its curve.
 */
export function decodeProofPoints(bytes: Uint8Array): ProofPoints {
  if (bytes.length === COMPRESSED_PROOF_BYTES) {
    return { a: decompressG1(bytes, 0, 'A'), b: decompressG2(bytes, 32, 'B'), c: decompressG1(bytes, 96, 'C') };
  }
  if (bytes.length !== UNCOMPRESSED_PROOF_BYTES) {
    fail(ProofCodecErrorCode.Length, `a proof has 128 or 256 bytes, not ${bytes.length}`, 'proof');
  }
  const at = (index: number, where: string) => reduced(bytes.subarray(32 * index, 32 * index + 32), where);
  const points: ProofPoints = {
    a: { x: at(0, 'A'), y: at(1, 'A') },
    b: { x: [at(3, 'B'), at(2, 'B')], y: [at(5, 'B'), at(4, 'B')] },
    c: { x: at(6, 'C'), y: at(7, 'C') },
  };
  return checkOnCurve(points);
}

/** @throws CodedError PROOF_CODEC_INFINITY, PROOF_CODEC_NOT_ON_CURVE */
function checkOnCurve(points: ProofPoints): ProofPoints {
  const { a, b, c } = points;
  const check = (where: string, isZero: boolean, isOn: boolean): void => {
    if (isZero) fail(ProofCodecErrorCode.Infinity, 'point is the point at infinity', where);
    if (!isOn) fail(ProofCodecErrorCode.NotOnCurve, 'point is not on its curve', where);
  };
  check('A', a.x === 0n && a.y === 0n, isOnG1(a));
  check(
    'B',
    [...b.x, ...b.y].every((part) => part === 0n),
    isOnG2Curve(b),
  );
  check('C', c.x === 0n && c.y === 0n, isOnG1(c));
  return points;
}

/** The one binary spelling of `points`, which must be on their curves. */
export function encodeProofPoints({ a, b, c }: ProofPoints, form: 'compressed' | 'uncompressed'): Uint8Array {
  const compressed = form === 'compressed';
  const numbers = compressed ? [a.x, b.x[1], b.x[0], c.x] : [a.x, a.y, b.x[1], b.x[0], b.y[1], b.y[0], c.x, c.y];
  const out = new Uint8Array(32 * numbers.length);
  numbers.forEach((value, index) => {
    out.set(fieldToBytes(value), 32 * index);
  });
  if (compressed) {
    const mark = (offset: number, larger: boolean) => {
      out[offset] = (out[offset] ?? 0) | (larger ? FLAG_LARGER : FLAG_SMALLER);
    };
    mark(0, isLarger(a.y));
    mark(32, isLarger2(b.y));
    mark(96, isLarger(c.y));
  }
  return out;
}

/** snarkjs's spelling of the points. */
export function proofFromPoints({ a, b, c }: ProofPoints): Groth16Proof {
  return {
    pi_a: [String(a.x), String(a.y), '1'],
    pi_b: [
      [String(b.x[0]), String(b.x[1])],
      [String(b.y[0]), String(b.y[1])],
      ['1', '0'],
    ],
    pi_c: [String(c.x), String(c.y), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}

const PROOF_FIELDS = ['curve', 'pi_a', 'pi_b', 'pi_c', 'protocol'];

const isTextArray = (value: unknown, length: number): value is string[] =>
  Array.isArray(value) && value.length === length && value.every((item) => typeof item === 'string');

/**
 * Step one of reading snarkjs's `proof.json`: exactly its fields, with texts of the right nesting in them.
 * @throws CodedError PROOF_CODEC_SHAPE, PROOF_CODEC_LABEL
 */
export function checkProofShape(value: unknown): asserts value is Groth16Proof {
  const shape = (ok: boolean, where: string): void => {
    if (!ok) fail(ProofCodecErrorCode.Shape, 'not the shape of a Groth16 proof of snarkjs', where);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(ProofCodecErrorCode.Shape, 'a proof must be an object', 'proof');
  }
  const proof = value as Partial<Record<keyof Groth16Proof, unknown>>;
  for (const field of PROOF_FIELDS) shape(Object.hasOwn(proof, field), field);
  shape(Object.keys(proof).length === PROOF_FIELDS.length, 'proof');
  shape(isTextArray(proof.pi_a, 3), 'pi_a');
  const b = proof.pi_b;
  shape(Array.isArray(b) && b.length === 3 && b.every((part) => isTextArray(part, 2)), 'pi_b');
  shape(isTextArray(proof.pi_c, 3), 'pi_c');
  if (proof.protocol !== 'groth16') fail(ProofCodecErrorCode.Label, 'protocol is not groth16', 'protocol');
  if (proof.curve !== 'bn128') fail(ProofCodecErrorCode.Label, 'curve is not bn128', 'curve');
}

function readCoordinate(text: string, where: string): bigint {
  return (
    parseDecimal(text, BASE_FIELD_ORDER) ??
    fail(ProofCodecErrorCode.Coordinate, 'coordinate is no canonical decimal below q', where)
  );
}

function checkAffine(z: readonly string[], where: string): void {
  if (z.every((part) => part === '0')) fail(ProofCodecErrorCode.Infinity, 'point is the point at infinity', where);
  const [one, ...rest] = z;
  if (one !== '1' || rest.some((part) => part !== '0')) {
    fail(ProofCodecErrorCode.Coordinate, 'point is not written affine (z = 1)', where);
  }
}

/**
 * A point of G1 as snarkjs writes it.
 * @throws CodedError PROOF_CODEC_COORDINATE, PROOF_CODEC_INFINITY; whether it is on the curve is not checked
 */
export function readG1([x, y, z]: readonly [string, string, string], where: string): G1Point {
  const point = { x: readCoordinate(x, where), y: readCoordinate(y, where) };
  checkAffine([z], where);
  return point;
}

/** A point of the twist as snarkjs writes it. @throws CodedError as `readG1` */
export function readG2([x, y, z]: Groth16Proof['pi_b'], where: string): G2Point {
  const point: G2Point = {
    x: [readCoordinate(x[0], where), readCoordinate(x[1], where)],
    y: [readCoordinate(y[0], where), readCoordinate(y[1], where)],
  };
  checkAffine(z, where);
  return point;
}

/**
 * Step two: the points, each canonical, affine, not at infinity and on its curve. Whether B is in the subgroup is
 * left to the verifier (`isInG2Subgroup`).
 * @throws CodedError PROOF_CODEC_COORDINATE, PROOF_CODEC_INFINITY, PROOF_CODEC_NOT_ON_CURVE
 */
export function readProofPoints(proof: Groth16Proof): ProofPoints {
  return checkOnCurve({
    a: readG1(proof.pi_a, 'pi_a'),
    b: readG2(proof.pi_b, 'pi_b'),
    c: readG1(proof.pi_c, 'pi_c'),
  });
}

/**
 * A proof as bytes; `value` must be in its one spelling and on its curves.
 * @throws CodedError PROOF_CODEC_* as `checkProofShape` and `readProofPoints`
 */
export function encodeProof(value: Groth16Proof, form: 'compressed' | 'uncompressed' = 'compressed'): Uint8Array {
  const proof: unknown = value;
  checkProofShape(proof);
  return encodeProofPoints(readProofPoints(proof), form);
}

/**
 * The proof in snarkjs's form from either binary form.
 * @throws CodedError PROOF_CODEC_* as `decodeProofPoints`
 */
export function decodeProof(bytes: Uint8Array): Groth16Proof {
  return proofFromPoints(decodeProofPoints(bytes));
}
