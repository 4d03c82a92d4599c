/**
 * Verifies Groth16 proofs over BN254: strict checks first, then the pairing, one by one or in batches.
 *
 * @example
 * const verifier = createVerifierPool({ keys: [verifyingKeyBytes] });
 * const verdict = await verifier.verify({ verifyingKey, proof, publicSignals, expected });
 * if (!verdict.valid && isDecided(verdict)) refuse(verdict.code);
 */
export { VerifierError, VerifierErrorCode } from './errors.ts';
export {
  isDecided,
  type OnVerdict,
  type Verdict,
  VerdictCode,
  type Verifier,
  type VerifyRequest,
} from './interface.ts';
export { createVerifier, type VerifierInit } from './local-verifier.ts';
export { createVerifierPool, type VerifierPoolInit } from './pool.ts';
export { type FileVerdict, type ProofFiles, verifyFiles } from './verify-files.ts';
export { type NamedVerifyingKey, readVerifyingKey, type VerifyingKey } from './verifying-key.ts';
