import { CodedError, type ErrorDetails } from '../base/errors.ts';

/** What can be wrong with the verifier's own material; what is wrong with a proof is a `VerdictCode`. */
export const VerifierErrorCode = {
  /** Not the JSON of a Groth16 verifying key over bn128, or with points that are none. */
  BadKey: 'VERIFIER_BAD_KEY',
  /** A well-formed key under which proofs can be forged. */
  UnsoundKey: 'VERIFIER_UNSOUND_KEY',
  /** A limit that makes no sense. */
  BadOption: 'VERIFIER_BAD_OPTION',
} as const;
export type VerifierErrorCode = (typeof VerifierErrorCode)[keyof typeof VerifierErrorCode];

export class VerifierError extends CodedError {
  constructor(code: VerifierErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}
