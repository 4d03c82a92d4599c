import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { formatError, littleEndianBytes, littleEndianInteger, Sections } from './sections.ts';

/** Bytes before the first value: magic, version, count, two section heads, field size, prime, number of values. */
const HEADER_BYTES = 4 + 4 + 4 + 12 + (4 + 32 + 4) + 12;

const HIGHEST_LIMB = SCALAR_FIELD_ORDER >> 192n;

/**
 * snarkjs's .wtns with room for `values` values of 32 bytes each, to be filled in place: a witness is secret, so it is
 * written once and never copied about.
 * @returns the whole file and a view of its value section
 */
export function allocateWitnessFile(values: number): { file: Uint8Array; body: Uint8Array } {
  const file = new Uint8Array(HEADER_BYTES + values * 32);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode('wtns'), 0);
  view.setUint32(4, 2, true);
  view.setUint32(8, 2, true);
  view.setUint32(12, 1, true);
  view.setBigUint64(16, 40n, true);
  view.setUint32(24, 32, true);
  file.set(littleEndianBytes(SCALAR_FIELD_ORDER, 32), 28);
  view.setUint32(60, values, true);
  view.setUint32(64, 2, true);
  view.setBigUint64(68, BigInt(values) * 32n, true);
  return { file, body: file.subarray(HEADER_BYTES) };
}

/** The values of a .wtns file, one per wire. @throws ArtifactError ARTIFACT_FORMAT_INVALID */
export function readWitnessFile(file: Uint8Array): bigint[] {
  const body = readWitnessBody(file);
  return Array.from({ length: body.length / 32 }, (_, i) => littleEndianInteger(body.subarray(i * 32, i * 32 + 32)));
}

/**
 * The values themselves, 32 bytes little-endian each; a view of the file.
 * @throws ArtifactError ARTIFACT_FORMAT_INVALID
 */
export function readWitnessBody(file: Uint8Array): Uint8Array {
  const sections = new Sections(file, 'wtns', 2);
  const header = sections.read(1);
  if (header.u32() !== 32 || header.integer(32) !== SCALAR_FIELD_ORDER) {
    throw formatError('wtns', 'the field is not that of BN254');
  }
  const count = header.u32();
  const body = sections.bytes(2);
  if (body.length !== count * 32) throw formatError('wtns', 'the number of values is not the one announced');
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = 0; at < body.length; at += 32) {
    // Few values come near r: their highest limb tells.
    const highest = view.getBigUint64(at + 24, true);
    if (highest < HIGHEST_LIMB) continue;
    if (littleEndianInteger(body.subarray(at, at + 32)) >= SCALAR_FIELD_ORDER) {
      throw formatError('wtns', 'a value is not below r');
    }
  }
  return body;
}

/** Values of the public signals, wires 1 to `count`, as canonical decimals. */
export function readPublicSignals(body: Uint8Array, count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    String(littleEndianInteger(body.subarray((i + 1) * 32, (i + 2) * 32))),
  );
}
