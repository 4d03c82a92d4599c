import { randomBytes } from 'node:crypto';
import { bytesToInteger, SCALAR_FIELD_ORDER } from '../base/field.ts';
import { type Credential, credentialSchema } from '../claims/index.ts';
import type { Pseudonym } from './interface.ts';

/**
 * What the keystore seals: a length, public-ish data as JSON, then the secrets as raw bytes. Raw, because bytes can be
 * overwritten and strings cannot; no secret is ever part of a string.
 */
export interface Vault {
  holder: string;
  credentials: Credential[];
  pseudonyms: Pseudonym[];
  /** 32 bytes, big-endian, in [1, r). */
  secret: Buffer;
  /** Ed25519 seeds, in the order of `pseudonyms`. */
  seeds: Buffer[];
}

const SECRET_BYTES = 32;
const LENGTH_BYTES = 4;

/** A holder secret, uniform in [1, r): 254 random bits, drawn again while they are out of range (three of four fit). */
export function newHolderSecret(draw: (size: number) => Buffer = randomBytes): Buffer {
  for (;;) {
    const bytes = draw(SECRET_BYTES);
    bytes[0] = (bytes[0] ?? 0) & 0x3f;
    const value = bytesToInteger(bytes);
    if (value >= 1n && value < SCALAR_FIELD_ORDER) return bytes;
  }
}

/** The caller overwrites the result. */
export function encodeVault(vault: Vault): Buffer {
  const { holder, credentials, pseudonyms } = vault;
  const json = Buffer.from(JSON.stringify({ v: 1, holder, credentials, pseudonyms }), 'utf8');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, vault.secret, ...vault.seeds]);
}

/** Copies what it needs; the caller overwrites `bytes`. Undefined for anything `encodeVault` did not make. */
export function decodeVault(bytes: Buffer): Vault | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + bytes.readUInt32BE(0);
  if (bytes.length < end + SECRET_BYTES || (bytes.length - end) % SECRET_BYTES !== 0) return undefined;
  const content = readContent(bytes.toString('utf8', LENGTH_BYTES, end));
  const chunks = (bytes.length - end) / SECRET_BYTES;
  if (content === undefined || chunks !== content.pseudonyms.length + 1) return undefined;
  const [secret, ...seeds] = Array.from({ length: chunks }, (_, i) =>
    Buffer.from(bytes.subarray(end + i * SECRET_BYTES, end + (i + 1) * SECRET_BYTES)),
  );
  return secret === undefined ? undefined : { ...content, secret, seeds };
}

/** Overwrites the secrets of a vault that is no longer needed. */
export function wipeVault(vault: Vault): void {
  vault.secret.fill(0);
  for (const seed of vault.seeds) seed.fill(0);
}

function readContent(text: string): Pick<Vault, 'holder' | 'credentials' | 'pseudonyms'> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { v, holder, credentials, pseudonyms } = (value ?? {}) as Record<string, unknown>;
  if (v !== 1 || typeof holder !== 'string' || !Array.isArray(credentials) || !Array.isArray(pseudonyms))
    return undefined;
  const parsed = credentialSchema.array().safeParse(credentials);
  if (!parsed.success || !pseudonyms.every(isPseudonym)) return undefined;
  return { holder, credentials: parsed.data, pseudonyms };
}

function isPseudonym(value: unknown): value is Pseudonym {
  if (typeof value !== 'object' || value === null) return false;
  const { publicKey, purpose, label, createdAt } = value as Record<string, unknown>;
  return (
    typeof publicKey === 'string' &&
    /^[0-9a-f]{64}$/.test(publicKey) &&
    (purpose === 'listing' || purpose === 'order') &&
    typeof label === 'string' &&
    Number.isSafeInteger(createdAt)
  );
}
