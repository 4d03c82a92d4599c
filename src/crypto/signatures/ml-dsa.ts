import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { ML_DSA_44 } from './format.ts';

/**
 * ML-DSA-44 (FIPS 204) on raw keys, by node:crypto of Node 24, which wants them wrapped (RFC 9881): a public key as
 * SubjectPublicKeyInfo, a seed as PrivateKeyInfo. The context string of FIPS 204 is empty.
 */
const SPKI_PREFIX = Buffer.from('30820532300b06096086480165030403110382052100', 'hex');
const PKCS8_PREFIX = Buffer.from('3034020100300b060960864801650304031104228020', 'hex');

/** Wraps and parses a public key: 0.05 ms, a fifth of a verification. Undefined for what is none. */
function publicKeyOf(publicKey: Uint8Array): KeyObject | undefined {
  if (publicKey.length !== ML_DSA_44.publicKey) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** On the calling thread, 0.25 ms. False for anything malformed. */
export function verifyMlDsa44(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  const key = publicKeyOf(publicKey);
  if (key === undefined || signature.length !== ML_DSA_44.signature) return false;
  try {
    return verify(null, signed, key, signature);
  } catch {
    return false;
  }
}

/** The same on a thread of libuv's pool, but for parsing the key. Copies what it needs before it returns. */
export function verifyMlDsa44Async(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const key = publicKeyOf(publicKey);
  if (key === undefined || signature.length !== ML_DSA_44.signature) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(null, signed, key, Buffer.from(signature), (error, good) => resolve(error === null && good));
  });
}

/** A seed of 32 bytes as a key of node:crypto, expanded once: 0.2 ms. */
export function mlDsa44PrivateKey(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

export function mlDsa44PublicKey(key: KeyObject): Uint8Array {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(SPKI_PREFIX.length));
}

/** 2,420 bytes, other ones each time: node:crypto signs hedged. */
export function signMlDsa44(key: KeyObject, signed: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, signed, key));
}
