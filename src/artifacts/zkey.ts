import { createHash } from 'node:crypto';
import { toHex } from '../base/bytes.ts';
import { BASE_FIELD_ORDER, fieldToBytes, SCALAR_FIELD_ORDER } from '../base/field.ts';
import type { G2Decimals, ManifestContribution, VerifyingKey } from './interface.ts';
import { formatError, littleEndianInteger, type SectionReader, Sections } from './sections.ts';

/**
 * Reader of snarkjs's Groth16 .zkey: header, IC points and contributions. Written from the layout in snarkjs 0.7
 * (src/zkey_utils.js). Points are affine, little-endian, in Montgomery form; all zero bytes mean the point at infinity.
 */
export interface ProvingKeyHeader {
  nWires: number;
  nPublic: number;
  domainSize: number;
  /** The verifying key inside, without e(alpha, beta). */
  verifyingKey: VerifyingKey;
  /** The prover's own copy of delta, in G1. */
  delta1: G1Point;
  /** Hash of the circuit and of the parameters before any contribution, hex. */
  circuitHash: string;
  contributions: readonly ZkeyContribution[];
}

export interface ZkeyContribution extends ManifestContribution {
  /** Delta in G1 once this contribution was applied. */
  deltaAfter: G1Point;
  /** Beacons only: hex, and the number of SHA-256 iterations as a power of two. */
  beacon?: { value: string; iterationsExp: number } | undefined;
}

export type G1Point = readonly [x: bigint, y: bigint];
export type G2Point = readonly [x: readonly [bigint, bigint], y: readonly [bigint, bigint]];

export const ZkeySection = {
  Protocol: 1,
  Header: 2,
  Ic: 3,
  Coefficients: 4,
  PointsA: 5,
  PointsB1: 6,
  PointsB2: 7,
  PointsC: 8,
  PointsH: 9,
  Contributions: 10,
} as const;

const GROTH16 = 1;
const G1_BYTES = 64;
const G2_BYTES = 128;
/** A contribution costs over 500 bytes; more than this is a crafted file, not a ceremony. */
const MAX_CONTRIBUTIONS = 10_000;

// Montgomery form with R = 2^256: stored = value * R mod q, so value = stored * R^-1 mod q.
const MONTGOMERY_INVERSE = modularInverse((1n << 256n) % BASE_FIELD_ORDER, BASE_FIELD_ORDER);

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function readProvingKeyHeader(file: Uint8Array): ProvingKeyHeader {
  const sections = new Sections(file, 'zkey', 1);
  if (sections.read(ZkeySection.Protocol).u32() !== GROTH16) throw formatError('zkey', 'not a Groth16 key');
  const header = sections.read(ZkeySection.Header);
  if (header.u32() !== 32 || header.integer(32) !== BASE_FIELD_ORDER)
    throw formatError('zkey', 'the curve is not BN254');
  if (header.u32() !== 32 || header.integer(32) !== SCALAR_FIELD_ORDER) {
    throw formatError('zkey', 'the curve is not BN254');
  }
  const nWires = header.u32();
  const nPublic = header.u32();
  const domainSize = header.u32();
  if (domainSize === 0 || (domainSize & (domainSize - 1)) !== 0) {
    throw formatError('zkey', 'the domain is no power of two');
  }
  const alpha1 = readG1(header);
  readG1(header); // beta in G1
  const beta2 = readG2(header);
  const gamma2 = readG2(header);
  const delta1 = readG1(header);
  const delta2 = readG2(header);
  const ic = sections.read(ZkeySection.Ic);
  if (ic.remaining !== (nPublic + 1) * G1_BYTES) throw formatError('zkey', 'IC does not match the number of signals');
  const points: (readonly [string, string, string])[] = [];
  for (let i = 0; i <= nPublic; i++) points.push(g1Decimals(readG1(ic)));
  const verifyingKey: VerifyingKey = {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic,
    vk_alpha_1: g1Decimals(alpha1),
    vk_beta_2: g2Decimals(beta2),
    vk_gamma_2: g2Decimals(gamma2),
    vk_delta_2: g2Decimals(delta2),
    IC: points,
  };
  return { nWires, nPublic, domainSize, verifyingKey, delta1, ...readContributions(sections) };
}

function readContributions(sections: Sections): Pick<ProvingKeyHeader, 'circuitHash' | 'contributions'> {
  const reader = sections.read(ZkeySection.Contributions);
  const circuitHash = toHex(reader.bytes(64));
  const count = reader.u32();
  if (count > MAX_CONTRIBUTIONS) throw formatError('zkey', `${count} contributions are too many`);
  const contributions: ZkeyContribution[] = [];
  for (let i = 0; i < count; i++) contributions.push(readContribution(reader));
  if (reader.remaining !== 0) throw formatError('zkey', 'bytes after the last contribution');
  return { circuitHash, contributions };
}

function readContribution(reader: SectionReader): ZkeyContribution {
  const deltaAfter = readG1(reader);
  const g1s = readG1(reader);
  const g1sx = readG1(reader);
  const g2spx = readG2(reader);
  const transcript = reader.bytes(64);
  const kind = reader.u32() === 1 ? 'beacon' : 'contribution';
  const parameters = readParameters(reader);
  // The hash that snarkjs prints for a contribution: BLAKE2b-512 over its public key, points uncompressed, big-endian.
  const hash = createHash('blake2b512');
  for (const point of [deltaAfter, g1s, g1sx]) hash.update(g1Uncompressed(point));
  hash.update(g2Uncompressed(g2spx)).update(transcript);
  const { name, beacon, iterationsExp } = parameters;
  return {
    name,
    kind,
    hash: hash.digest('hex'),
    deltaAfter,
    ...(kind === 'beacon' ? { beacon: { value: beacon, iterationsExp } } : {}),
  };
}

function readParameters(outer: SectionReader): { name: string; beacon: string; iterationsExp: number } {
  const found = { name: '', beacon: '', iterationsExp: 0 };
  const length = outer.u32();
  if (length > 1024) throw formatError('zkey', 'a contribution has overlong parameters');
  const end = outer.remaining - length;
  while (outer.remaining > end) {
    const kind = outer.u8();
    if (kind === 1) found.name = new TextDecoder().decode(outer.bytes(outer.u8()));
    else if (kind === 2) found.iterationsExp = outer.u8();
    else if (kind === 3) found.beacon = toHex(outer.bytes(outer.u8()));
    else throw formatError('zkey', `unknown parameter ${kind} of a contribution`);
  }
  if (outer.remaining !== end) throw formatError('zkey', 'the parameters of a contribution overrun their length');
  return found;
}

function readG1(reader: SectionReader): G1Point {
  const bytes = reader.bytes(G1_BYTES);
  return [coordinate(bytes, 0), coordinate(bytes, 32)];
}

function readG2(reader: SectionReader): G2Point {
  const bytes = reader.bytes(G2_BYTES);
  return [
    [coordinate(bytes, 0), coordinate(bytes, 32)],
    [coordinate(bytes, 64), coordinate(bytes, 96)],
  ];
}

function coordinate(bytes: Uint8Array, offset: number): bigint {
  const stored = littleEndianInteger(bytes.subarray(offset, offset + 32));
  if (stored >= BASE_FIELD_ORDER) throw formatError('zkey', 'a coordinate is not below q');
  return (stored * MONTGOMERY_INVERSE) % BASE_FIELD_ORDER;
}

function isInfinity(values: readonly bigint[]): boolean {
  return values.every((value) => value === 0n);
}

// snarkjs writes infinity as (0, 1, 0).
function g1Decimals(point: G1Point): [string, string, string] {
  return isInfinity(point) ? ['0', '1', '0'] : [String(point[0]), String(point[1]), '1'];
}

function g2Decimals([x, y]: G2Point): G2Decimals {
  if (isInfinity([...x, ...y])) {
    return [
      ['0', '0'],
      ['1', '0'],
      ['0', '0'],
    ];
  }
  return [
    [String(x[0]), String(x[1])],
    [String(y[0]), String(y[1])],
    ['1', '0'],
  ];
}

function g1Uncompressed(point: G1Point): Uint8Array {
  return Buffer.concat(point.map(fieldToBytes));
}

// The uncompressed form puts the higher coefficient first (as zcash does).
function g2Uncompressed([x, y]: G2Point): Uint8Array {
  return Buffer.concat([x[1], x[0], y[1], y[0]].map(fieldToBytes));
}

function modularInverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1] = [modulus, value % modulus];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return ((t0 % modulus) + modulus) % modulus;
}
