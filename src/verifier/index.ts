/** Verifies Groth16 proofs: strict checks, then the pairing, one by one or in batches. */
export { isDecided, type Verdict, VerdictCode, type Verifier, type VerifyRequest } from './interface.ts';
