import { verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { ed25519Verify } from '../../base/ed25519.ts';
import { ED25519 } from './format.ts';

/**
 * Ed25519 under ZIP 215 (https://zips.z.cash/zip-0215) without the addon, with its verdicts: cofactored, S below the
 * group's order, points decoded with any y below 2^255; and public keys of small order refused.
 */

/** RFC 8410. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Encodings, sign aside, of every y that a point of order 1, 2, 4 or 8 has; hex, little-endian. */
const SMALL_ORDER_Y = new Set([
  // 0 and 1, then the same plus p; p - 1.
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  `ec${'ff'.repeat(30)}7f`,
  // The two of order 8.
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** Whether anybody can sign for this public key of 32 bytes. */
export function isSmallOrder(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey);
  y[ED25519.publicKey - 1] = (y[ED25519.publicKey - 1] ?? 0) & 0x7f;
  return SMALL_ORDER_Y.has(y.toString('hex'));
}

/** On the calling thread: 0.2 ms for a good signature, some 3 ms for another. False for anything malformed. */
export function verifyEd25519(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  if (!isCandidate(publicKey, signature)) return false;
  // OpenSSL encodes S B - k A and compares that with R's bytes, so what it accepts fulfils the equation even without
  // the cofactor, with S below the order; and it decodes no key that ZIP 215 would not decode to the same point.
  return ed25519Verify(publicKey, signed, signature) || verifyByNoble(publicKey, signed, signature);
}

/** The same, the good ones on a thread of libuv's pool. Takes nothing that changes before it has resolved. */
export async function verifyEd25519Async(
  publicKey: Uint8Array,
  signed: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!isCandidate(publicKey, signature)) return false;
  const good = await new Promise<boolean>((resolve) => {
    const settle = (error: Error | null, good: boolean) => resolve(error === null && good);
    try {
      const key = Buffer.concat([SPKI_PREFIX, publicKey]);
      verify(null, signed, { key, format: 'der', type: 'spki' }, signature, settle);
    } catch {
      resolve(false);
    }
  });
  return good || verifyByNoble(publicKey, signed, signature);
}

function isCandidate(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return publicKey.length === ED25519.publicKey && signature.length === ED25519.signature && !isSmallOrder(publicKey);
}

function verifyByNoble(publicKey: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, signed, publicKey, { zip215: true });
  } catch {
    return false;
  }
}
