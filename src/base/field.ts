/**
 * The two prime fields of BN254 (alt_bn128), as integers, and the one way they are written down.
 * Source: EIP-196 / EIP-197.
 */

/** Order of the scalar field: circuit signals live here. */
export const SCALAR_FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
/** Order of the base field: coordinates of curve points live here. */
export const BASE_FIELD_ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
/** Bytes of one field element, big-endian. */
export const FIELD_BYTES = 32;

// 77 digits are enough for both primes; the length check keeps BigInt() off megabyte strings.
const CANONICAL_DECIMAL = /^(?:0|[1-9][0-9]{0,76})$/;

/**
 * Reads a canonical decimal below `order`; anything else (hex, sign, leading zero, blank, too large) is undefined.
 * Two spellings of one number would be two spellings of one proof.
 */
export function parseDecimal(text: unknown, order: bigint = SCALAR_FIELD_ORDER): bigint | undefined {
  if (typeof text !== 'string' || !CANONICAL_DECIMAL.test(text)) return undefined;
  const value = BigInt(text);
  return value < order ? value : undefined;
}

/** 32 big-endian bytes of a field element. @throws RangeError if the value is negative or needs more than 32 bytes. */
export function fieldToBytes(value: bigint): Uint8Array {
  if (value < 0n || value >= 1n << 256n) throw new RangeError('field element out of range');
  const out = new Uint8Array(FIELD_BYTES);
  const hex = value.toString(16).padStart(FIELD_BYTES * 2, '0');
  for (let i = 0; i < FIELD_BYTES; i++) out[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** The big-endian integer in `bytes`; not reduced, the caller checks the range. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
