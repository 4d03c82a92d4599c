/** A point of Baby Jubjub (ERC-2494, twisted Edwards form). */
export interface Point {
  x: bigint;
  y: bigint;
}

/** EdDSA-Poseidon as circomlib's `EdDSAPoseidonVerifier` checks it: S·B8 = R8 + 8·H(R8, A, M)·A. */
export interface EddsaSignature {
  r8x: bigint;
  r8y: bigint;
  s: bigint;
}

export interface Crypto {
  /** circomlib's Poseidon over BN254's scalar field. @throws RangeError unless 1 to 16 inputs, all in the field. */
  poseidon(inputs: readonly bigint[]): bigint;
  /** On the curve, in the prime-order subgroup, and not the neutral element. */
  isPublicKey(point: Point): boolean;
  /** False for anything malformed, S at or above the subgroup's order included; never throws. */
  verifyPoseidon(publicKey: Point, message: bigint, signature: EddsaSignature): boolean;
}

/** What issuers do with their secret key. */
export interface SigningCrypto extends Crypto {
  /** Public key of a 32-byte secret key. */
  publicKey(secretKey: Uint8Array): Point;
  signPoseidon(secretKey: Uint8Array, message: bigint): EddsaSignature;
}
