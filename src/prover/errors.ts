import { CodedError, type ErrorDetails } from '../base/errors.ts';

export const ProverErrorCode = {
  /** The inputs break a rule of the circuit. */
  Unsatisfied: 'PROVER_UNSATISFIED',
  InputInvalid: 'PROVER_INPUT_INVALID',
  /** The witness is of another circuit than the key, or no witness. */
  WitnessInvalid: 'PROVER_WITNESS_INVALID',
  /** WebAssembly that is none of a circom 2 circuit over this field. */
  CircuitInvalid: 'PROVER_CIRCUIT_INVALID',
  KeyUnreadable: 'PROVER_KEY_UNREADABLE',
  /** Tables could not be made: the folder cannot be written, or the limit is too small. Proofs go on without. */
  TablesUnavailable: 'PROVER_TABLES_UNAVAILABLE',
  UnknownCircuit: 'PROVER_UNKNOWN_CIRCUIT',
  QueueFull: 'PROVER_QUEUE_FULL',
  UnknownJob: 'PROVER_UNKNOWN_JOB',
  Cancelled: 'PROVER_CANCELLED',
  /** A job that ran or waited longer than it was given. */
  Timeout: 'PROVER_TIMEOUT',
  /** The worker died; nothing is known about why that could be told safely. */
  Crashed: 'PROVER_CRASHED',
  Closed: 'PROVER_CLOSED',
  /** Keys or WASM could not be loaded; the message is that of `artifacts`. */
  ArtifactsUnusable: 'PROVER_ARTIFACTS_UNUSABLE',
} as const;

export type ProverErrorCode = (typeof ProverErrorCode)[keyof typeof ProverErrorCode];

export interface ProverErrorDetails extends ErrorDetails {
  /** When to come back, milliseconds from now. */
  retryAfterMs?: number | undefined;
}

export class ProverError extends CodedError {
  declare readonly code: ProverErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProverErrorCode, message: string, details: ProverErrorDetails = {}) {
    super(code, message, details);
    this.retryAfterMs = details.retryAfterMs;
  }
}
