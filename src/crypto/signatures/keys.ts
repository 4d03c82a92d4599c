import { randomBytes, sign as signByNode } from 'node:crypto';
import { ed25519PrivateKey, ed25519PublicKey } from '../../base/ed25519.ts';
import { ED25519, SIGNATURE_ALGORITHM, type SignatureAlgorithm, signatureLengths, signedBytes } from './format.ts';
import { mlDsa44PrivateKey, mlDsa44PublicKey, signMlDsa44 } from './ml-dsa.ts';

export interface KeyPair {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: Uint8Array;
  /** Secret: 32 bytes, 64 for the hybrid (Ed25519's, then ML-DSA-44's). For the caller to keep safe and wipe. */
  readonly seed: Uint8Array;
}

/** Signs many messages under one key, which it keeps in memory of node:crypto. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: Uint8Array;
  /** @throws RangeError unless the message has 32 bytes */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * A key pair, of a fresh seed unless one is given.
 * @param seed copied, not wiped
 * @throws RangeError for a seed of a wrong length
 */
export function generateKeyPair(algorithm: SignatureAlgorithm, seed?: Uint8Array): KeyPair {
  const own = new Uint8Array(seed ?? randomBytes(signatureLengths(algorithm).seed));
  return { algorithm, publicKey: createSigner(algorithm, own).publicKey, seed: own };
}

/** Signs one message of 32 bytes. @throws RangeError for a seed or message of a wrong length */
export function sign(algorithm: SignatureAlgorithm, seed: Uint8Array, message: Uint8Array): Uint8Array {
  return createSigner(algorithm, seed).sign(message);
}

/** @throws RangeError for a seed of a wrong length */
export function createSigner(algorithm: SignatureAlgorithm, seed: Uint8Array): Signer {
  if (seed.length !== signatureLengths(algorithm).seed) throw new RangeError('the seed has the wrong length');
  const classical = algorithm === SIGNATURE_ALGORITHM.mlDsa44 ? undefined : seed.subarray(0, ED25519.seed);
  const rest = seed.subarray(classical?.length ?? 0);
  const parts = [
    ...(classical === undefined ? [] : [ed25519Part(classical)]),
    ...(rest.length === 0 ? [] : [mlDsa44Part(rest)]),
  ];
  return {
    algorithm,
    publicKey: joined(parts.map((part) => part.publicKey)),
    sign(message) {
      const signed = signedBytes(message);
      return joined(parts.map((part) => part.sign(signed)));
    },
  };
}

interface Part {
  publicKey: Uint8Array;
  sign(signed: Uint8Array): Uint8Array;
}

function ed25519Part(seed: Uint8Array): Part {
  const key = ed25519PrivateKey(seed);
  return { publicKey: ed25519PublicKey(seed), sign: (signed) => signByNode(null, signed, key) };
}

function mlDsa44Part(seed: Uint8Array): Part {
  const key = mlDsa44PrivateKey(seed);
  return { publicKey: mlDsa44PublicKey(key), sign: (signed) => signMlDsa44(key, signed) };
}

const joined = (parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
