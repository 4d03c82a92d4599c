import {
  ADDRESS_BYTES,
  KEY_BYTES,
  NETWORK_BYTES,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '../constants.ts';

/**
 * Where the parts of a transaction stand, in bytes from its beginning. All numbers are little-endian and every part
 * begins at a multiple of 8, so that a block can be read in place through typed arrays. docs/ledger.md has the table.
 */
export const AT = {
  totalLength: 0,
  version: 4,
  algorithm: 5,
  flags: 6,
  operations: 7,
  writes: 8,
  reads: 9,
  credits: 10,
  reserved: 11,
  gasLimit: 12,
  network: 16,
  signer: 16 + NETWORK_BYTES,
  bodyLength: 32 + ADDRESS_BYTES,
  sequence: 56,
  validFrom: 64,
  validUntil: 72,
  gasPrice: 80,
  keys: 88,
} as const;

export const VERSION = 1;
export const FLAGS = { tag: 1, proof: 2 } as const;
/** u8 program, u8 operation, u16 length of the arguments, u32 zero. */
export const OPERATION_HEAD_BYTES = 8;
/** u8 circuit, u8 number of signals, 6 zero. */
export const PROOF_HEAD_BYTES = 8;
export const SIGNAL_BYTES = 32;
export const PROOF_BYTES = 256;

/** Bytes of public keys and signatures, each without padding. */
export const KEY_SIZES: Record<SignatureAlgorithm, { publicKey: number; signature: number }> = {
  [SIGNATURE_ALGORITHMS.ed25519]: { publicKey: 32, signature: 64 },
  [SIGNATURE_ALGORITHMS.mlDsa44]: { publicKey: 1312, signature: 2420 },
  [SIGNATURE_ALGORITHMS.hybrid]: { publicKey: 32 + 1312, signature: 64 + 2420 },
};

/** The next multiple of 8. */
export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** Bytes behind the body: public key and signature, padded together. */
export function witnessBytes(algorithm: SignatureAlgorithm): number {
  const { publicKey, signature } = KEY_SIZES[algorithm];
  return padded(publicKey + signature);
}

/** Where the operations begin. */
export function operationsAt(writes: number, reads: number, credits: number): number {
  return AT.keys + (writes + reads + credits) * KEY_BYTES;
}
