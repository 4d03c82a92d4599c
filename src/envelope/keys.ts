/** Ed25519 through node:crypto, with key objects kept: parsing a key costs as much as half a verification. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { toHex } from '../base/bytes.ts';
import type { Signer } from './interface.ts';

/** DER around 32 raw bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** About 1 KiB each with OpenSSL's part; more authors than this at once only cost a parse each. */
const MAX_CACHED_KEYS = 2048;

/** y-coordinates, sign bit cleared, of the eight points of small order; for those, anybody can make signatures. */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** True for 32 bytes that are a canonical y below 2^255-19 and no point of small order. Does not decompress. */
export function isStrictPublicKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const y = Uint8Array.from(key);
  y[31] = (y[31] ?? 0) & 0x7f;
  if (!belowFieldPrime(y)) return false;
  return !SMALL_ORDER.has(toHex(y));
}

/** y < 2^255-19, little-endian: only ed..ff followed by ff and 7f is not. */
function belowFieldPrime(y: Uint8Array): boolean {
  if (y[31] !== 0x7f || (y[0] ?? 0) < 0xed) return true;
  for (let i = 1; i < 31; i++) if (y[i] !== 0xff) return true;
  return false;
}

const cache = new Map<string, KeyObject>();

function publicKeyObject(key: Uint8Array): KeyObject {
  const id = toHex(key);
  const known = cache.get(id);
  if (known) {
    cache.delete(id);
    cache.set(id, known);
    return known;
  }
  const made = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: 'der', type: 'spki' });
  cache.set(id, made);
  if (cache.size > MAX_CACHED_KEYS) {
    const oldest = cache.keys().next().value;
    if (oldest !== undefined) cache.delete(oldest);
  }
  return made;
}

/** False for anything malformed, small-order keys included; never throws. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || !isStrictPublicKey(publicKey)) return false;
  try {
    return verify(null, message, publicKeyObject(publicKey), signature);
  } catch {
    return false;
  }
}

/**
 * A signer for a 32-byte Ed25519 seed (RFC 8032 secret key). The seed is not kept.
 * @throws RangeError for another length
 */
export function signerFromSeed(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError('an Ed25519 seed has 32 bytes');
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** A fresh pseudonym for one listing or order: gone when the process ends, unless the caller keeps the seed. */
export function createPseudonym(): { seed: Uint8Array; signer: Signer } {
  const seed = new Uint8Array(randomBytes(32));
  return { seed, signer: signerFromSeed(seed) };
}
