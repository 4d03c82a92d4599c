import { CodedError, type ErrorDetails } from '../base/errors.ts';

/** Every refusal of this folder. The first group is about what is loaded, the second about what is made. */
export const ArtifactErrorCode = {
  ListInvalid: 'ARTIFACT_LIST_INVALID',
  UnknownCircuit: 'ARTIFACT_UNKNOWN_CIRCUIT',
  FileMissing: 'ARTIFACT_FILE_MISSING',
  ManifestInvalid: 'ARTIFACT_MANIFEST_INVALID',
  HashMismatch: 'ARTIFACT_HASH_MISMATCH',
  FormatInvalid: 'ARTIFACT_FORMAT_INVALID',
  VerifyingKeyInvalid: 'ARTIFACT_VERIFYING_KEY_INVALID',
  GammaEqualsDelta: 'ARTIFACT_GAMMA_EQUALS_DELTA',
  DeltaIsGenerator: 'ARTIFACT_DELTA_IS_GENERATOR',
  NoContribution: 'ARTIFACT_NO_CONTRIBUTION',
  ContributionMismatch: 'ARTIFACT_CONTRIBUTION_MISMATCH',
  KeyMismatch: 'ARTIFACT_KEY_MISMATCH',
  PublicSignalsMismatch: 'ARTIFACT_PUBLIC_SIGNALS_MISMATCH',
  DevelopmentKey: 'ARTIFACT_DEVELOPMENT_KEY',

  CompileFailed: 'ARTIFACT_COMPILE_FAILED',
  TooManyConstraints: 'ARTIFACT_TOO_MANY_CONSTRAINTS',
  NotReproducible: 'ARTIFACT_NOT_REPRODUCIBLE',
  FindingNotAccepted: 'ARTIFACT_FINDING_NOT_ACCEPTED',
  PowersOfTauInvalid: 'ARTIFACT_POWERS_OF_TAU_INVALID',
  CeremonyInvalid: 'ARTIFACT_CEREMONY_INVALID',
  CeremonyState: 'ARTIFACT_CEREMONY_STATE',
} as const;

export type ArtifactErrorCode = (typeof ArtifactErrorCode)[keyof typeof ArtifactErrorCode];

export class ArtifactError extends CodedError {
  declare readonly code: ArtifactErrorCode;

  constructor(code: ArtifactErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}
