import { sha256 } from '../base/bytes.ts';
import { bytesToInteger } from '../base/field.ts';

/** SHA-256 cut to its first 31 bytes, as a big-endian integer: always a field element, with no modular bias. */
export function sha248(data: Uint8Array | string): bigint {
  return bytesToInteger(sha256(data).subarray(0, 31));
}
