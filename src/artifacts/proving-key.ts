import { formatError, Sections } from './sections.ts';
import { type ProvingKeyHeader, readProvingKeyHeader, ZkeySection } from './zkey.ts';

/**
 * A Groth16 proving key cut into what a prover works on. All arrays are views of one buffer: affine points of 64 (G1)
 * or 128 (G2) bytes, little-endian Montgomery, as ffjavascript's WebAssembly takes them.
 */
export interface ProvingKey {
  header: ProvingKeyHeader;
  alpha1: Uint8Array;
  beta1: Uint8Array;
  beta2: Uint8Array;
  delta1: Uint8Array;
  delta2: Uint8Array;
  /** Rows of matrix (u32: 0 A, 1 B), constraint (u32), wire (u32), value (32 bytes), ordered by constraint. */
  coefficients: Uint8Array;
  pointsA: Uint8Array;
  pointsB1: Uint8Array;
  pointsB2: Uint8Array;
  pointsC: Uint8Array;
  pointsH: Uint8Array;
}

export const COEFFICIENT_BYTES = 12 + 32;

/** Bytes of the header section before the first point: two field sizes, two primes, three counts. */
const POINTS_OFFSET = 4 + 32 + 4 + 32 + 12;

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function readProvingKey(file: Uint8Array): ProvingKey {
  const header = readProvingKeyHeader(file);
  const sections = new Sections(file, 'zkey', 1);
  const points = sections.read(ZkeySection.Header);
  points.bytes(POINTS_OFFSET);
  const [alpha1, beta1, beta2] = [points.bytes(64), points.bytes(64), points.bytes(128)];
  points.bytes(128); // gamma
  const [delta1, delta2] = [points.bytes(64), points.bytes(128)];
  const { nWires, nPublic, domainSize } = header;
  const section = (id: number, bytes: number) => {
    const found = sections.bytes(id);
    if (found.length !== bytes) throw formatError('zkey', `section ${id} has ${found.length} bytes, not ${bytes}`);
    return found;
  };
  return {
    header,
    alpha1,
    beta1,
    beta2,
    delta1,
    delta2,
    coefficients: readCoefficients(sections, header),
    pointsA: section(ZkeySection.PointsA, nWires * 64),
    pointsB1: section(ZkeySection.PointsB1, nWires * 64),
    pointsB2: section(ZkeySection.PointsB2, nWires * 128),
    pointsC: section(ZkeySection.PointsC, (nWires - nPublic - 1) * 64),
    pointsH: section(ZkeySection.PointsH, domainSize * 64),
  };
}

/** Checks what WebAssembly will not: indices in range, and the order that lets rows be split between threads. */
function readCoefficients(sections: Sections, { nWires, domainSize }: ProvingKeyHeader): Uint8Array {
  const reader = sections.read(ZkeySection.Coefficients);
  const count = reader.u32();
  if (reader.remaining !== count * COEFFICIENT_BYTES) throw formatError('zkey', 'the coefficients have the wrong size');
  const bytes = reader.bytes(reader.remaining);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let previous = 0;
  for (let offset = 0; offset < bytes.length; offset += COEFFICIENT_BYTES) {
    const constraint = view.getUint32(offset + 4, true);
    const inRange =
      view.getUint32(offset, true) < 2 && constraint < domainSize && view.getUint32(offset + 8, true) < nWires;
    if (!inRange || constraint < previous) throw formatError('zkey', 'a coefficient is out of range or out of order');
    previous = constraint;
  }
  return bytes;
}
