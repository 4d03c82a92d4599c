import { canonicalJson } from '../base/canonical-json.ts';
import { parseDecimal } from '../base/field.ts';
import { SCHEMA_NAMES, type SchemaName } from '../claims/index.ts';
import { type Crypto, sha248 } from '../crypto/index.ts';
import { RegistryError, RegistryErrorCode } from './errors.ts';
import type { IssuerEntry } from './interface.ts';
import { isSerial } from './ledger.ts';

/** What circuits can hold: 8^6 gaps, of which n serials make n + 1. */
export const MAX_GAP_ELEMENTS = 8 ** 6 - 1;
const NAME = /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]{0,62}[^\p{C}\p{Z}])?$/u;

/** 1 to 64 printable characters, no blank at either end. */
export function isIssuerName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 64 && NAME.test(name);
}

export function isSchemaName(name: unknown): name is SchemaName {
  return (SCHEMA_NAMES as readonly unknown[]).includes(name);
}

/**
 * What an issuer signs of its entry. A SHA-248 of tagged text: no credential's message, a Poseidon hash, can be one.
 */
export function entryMessage(entry: Omit<IssuerEntry, 'signature'>): bigint {
  const { v, name, x, y, schema, revoked, sequence } = entry;
  return sha248(`zkbazaar/issuer-entry/1\n${canonicalJson({ v, name, x, y, schema, revoked, sequence })}`);
}

/**
 * Reads an issuer's entry and checks its signature.
 * @throws RegistryError REGISTRY_BAD_ENTRY, with the field in `where`
 */
export function readEntry(crypto: Crypto, input: unknown): IssuerEntry {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw bad('an issuer entry is an object');
  const fields = input as Record<string, unknown>;
  const { v, name, x, y, schema, revoked, sequence } = fields;
  if (v !== 1) throw bad('its version is not 1', 'v');
  if (!isIssuerName(name)) throw bad('the name is empty, too long or not printable', 'name');
  if (!isSchemaName(schema)) throw bad('there is no such schema', 'schema');
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) {
    throw bad('the sequence is no whole number from 1', 'sequence');
  }
  const signature = fields['signature'];
  const { r8x, r8y, s } = (typeof signature === 'object' && signature !== null ? signature : {}) as Record<
    string,
    unknown
  >;
  const entry: IssuerEntry = {
    v,
    name,
    x: decimal(x, 'x'),
    y: decimal(y, 'y'),
    schema,
    revoked: readSerials(revoked),
    sequence,
    signature: { r8x: decimal(r8x, 'signature.r8x'), r8y: decimal(r8y, 'signature.r8y'), s: decimal(s, 'signature.s') },
  };
  const key = { x: BigInt(entry.x), y: BigInt(entry.y) };
  if (!crypto.isPublicKey(key)) throw bad('x and y are no public key', 'x');
  const { signature: signed } = entry;
  const parts = { r8x: BigInt(signed.r8x), r8y: BigInt(signed.r8y), s: BigInt(signed.s) };
  if (!crypto.verifyPoseidon(key, entryMessage(entry), parts)) throw bad('the issuer did not sign it', 'signature');
  return entry;
}

/** Serials, strictly ascending. @throws RegistryError REGISTRY_BAD_ENTRY */
export function readSerials(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every(isSerial)) throw bad('revoked is no array of serials', 'revoked');
  if (value.length > MAX_GAP_ELEMENTS) throw bad(`more than ${MAX_GAP_ELEMENTS} serials are revoked`, 'revoked');
  if (!isAscending(value)) throw bad('revoked serials are not strictly ascending', 'revoked');
  return [...value];
}

/** Whether canonical decimals rise strictly: by length, then by digits. */
export function isAscending(decimals: readonly string[]): boolean {
  return decimals.every((value, index) => {
    const before = decimals[index - 1];
    return before === undefined || before.length < value.length || (before.length === value.length && before < value);
  });
}

function decimal(value: unknown, where: string): string {
  if (typeof value !== 'string' || parseDecimal(value) === undefined)
    throw bad('no canonical decimal in the field', where);
  return value;
}

function bad(message: string, where?: string): RegistryError {
  return new RegistryError(RegistryErrorCode.BadEntry, message, { where });
}
