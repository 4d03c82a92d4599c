/** Signatures of the ledger: Ed25519 (ZIP 215), ML-DSA-44 and both together; made, and checked by the block. */
export type { SignedBlock, SignedItem } from './block.ts';
export { createSignatureChecker, type SignatureChecker } from './checker.ts';
export {
  MESSAGE_BYTES,
  SIGNATURE_ALGORITHM,
  type SignatureAlgorithm,
  signatureLengths,
} from './format.ts';
export { createSigner, generateKeyPair, sign } from './keys.ts';
