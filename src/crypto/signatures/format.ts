/** What signatures of the ledger look like: algorithms, lengths, and the bytes that are signed. */

/** As `sigAlg` in a transaction. The hybrid holds only where both others hold. */
export const SIGNATURE_ALGORITHM = { ed25519: 1, mlDsa44: 2, hybrid: 3 } as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHM)[keyof typeof SIGNATURE_ALGORITHM];

export interface SignatureLengths {
  /** Bytes of the secret seed. */
  readonly seed: number;
  readonly publicKey: number;
  readonly signature: number;
}

/** RFC 8032. */
export const ED25519: SignatureLengths = { seed: 32, publicKey: 32, signature: 64 };
/** FIPS 204, table 2. */
export const ML_DSA_44: SignatureLengths = { seed: 32, publicKey: 1312, signature: 2420 };

const LENGTHS: Readonly<Record<SignatureAlgorithm, SignatureLengths>> = {
  [SIGNATURE_ALGORITHM.ed25519]: ED25519,
  [SIGNATURE_ALGORITHM.mlDsa44]: ML_DSA_44,
  // Each part: that of Ed25519, then that of ML-DSA-44.
  [SIGNATURE_ALGORITHM.hybrid]: {
    seed: ED25519.seed + ML_DSA_44.seed,
    publicKey: ED25519.publicKey + ML_DSA_44.publicKey,
    signature: ED25519.signature + ML_DSA_44.signature,
  },
};

/** Lengths in bytes; undefined for a number that names no algorithm. */
export function signatureLengths(algorithm: SignatureAlgorithm): SignatureLengths;
export function signatureLengths(algorithm: number): SignatureLengths | undefined;
export function signatureLengths(algorithm: number): SignatureLengths | undefined {
  return (LENGTHS as Readonly<Record<number, SignatureLengths>>)[algorithm];
}

/** Bytes of a message: the id of a transaction's body. */
export const MESSAGE_BYTES = 32;

/**
 * Stands before each message, so that no signature made here means anything elsewhere. 15 bytes: with it, R, key and
 * message are 111 bytes, the most that SHA-512 takes in one block.
 */
export const SIGNED_PREFIX: Uint8Array = new TextEncoder().encode('zkbazaar ledger');

/** The bytes that are signed. @throws RangeError unless the message has 32 bytes */
export function signedBytes(message: Uint8Array): Uint8Array {
  if (message.length !== MESSAGE_BYTES) throw new RangeError('what is signed is an id of 32 bytes');
  const bytes = new Uint8Array(SIGNED_PREFIX.length + MESSAGE_BYTES);
  bytes.set(SIGNED_PREFIX);
  bytes.set(message, SIGNED_PREFIX.length);
  return bytes;
}
