/** Values that must be found nowhere, and the forms in which they could be. */
import { createHash } from 'node:crypto';
import { SCALAR_FIELD_ORDER } from '../../../src/base/field.ts';

const value = (name: string): bigint =>
  BigInt(`0x${createHash('sha512').update(`canary/${name}`).digest('hex')}`) % SCALAR_FIELD_ORDER;

export const CANARIES = [value('one'), value('two')] as const;

/** Decimal, hex, and bytes in both orders as text and raw; any eight digits or bytes in a row are enough to find. */
export function forms(secret: bigint): Buffer[] {
  const hex = secret.toString(16).padStart(64, '0');
  const bytes = Buffer.from(hex, 'hex');
  const reversed = Buffer.from(bytes).reverse();
  return [
    Buffer.from(secret.toString().slice(8, 28)),
    Buffer.from(hex.slice(8, 28)),
    Buffer.from(reversed.toString('hex').slice(8, 28)),
    Buffer.from(bytes.toString('base64').slice(4, 20)),
    bytes.subarray(4, 16),
    reversed.subarray(4, 16),
  ];
}

/** Canary inputs of `power`: the note holds them, and a false `a` makes the claim fail. */
export function canaryInputs(a: string): Record<string, string | string[][]> {
  const [one, two] = CANARIES.map(String);
  return {
    salt: '5',
    a,
    note: [
      [one ?? '', two ?? ''],
      [two ?? '', one ?? ''],
    ],
  };
}
