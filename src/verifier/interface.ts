/**
 * The verifier port: what a caller may rely on, whatever engine stands behind it.
 * Every engine passes `test/unit/verifier/compliance.ts`.
 */
import type { Groth16Proof } from '../claims/interface.ts';

export interface VerifyRequest {
  /** Id of the verifying key: SHA-256 of the bytes of `verifying-key.json`, 64 lower-case hex digits. */
  readonly verifyingKey: string;
  readonly proof: Groth16Proof;
  /** Canonical decimals below r, in snarkjs's order (outputs first). */
  readonly publicSignals: readonly string[];
  /** What the verifier computed itself, position by position; `null` leaves an output free. Omitted: all are free. */
  readonly expected?: readonly (string | null)[] | undefined;
  /**
   * Who sent it, such as a peer's id; left out: ourselves. Never part of the verdict: where a batch holds a bad proof,
   * those of other origins are answered before it is searched.
   */
  readonly origin?: string | undefined;
}

/** @param index position among the requests */
export type OnVerdict = (index: number, verdict: Verdict) => void;

/**
 * One code per refusal. Steps run in the order of this list and stop at the first that fails, so a code also
 * says which checks a proof has passed. Bounded, so it can label a metric.
 */
export const VerdictCode = {
  Valid: 'VERIFIER_VALID',
  /** Not an object of the right shape: missing, extra or mistyped fields, wrong array lengths. */
  BadShape: 'VERIFIER_BAD_SHAPE',
  /** `protocol` is not `groth16` or `curve` is not `bn128`. */
  BadLabel: 'VERIFIER_BAD_LABEL',
  /** A public signal is not the canonical decimal of a number below r. */
  SignalNotCanonical: 'VERIFIER_SIGNAL_NOT_CANONICAL',
  /** More or fewer public signals than the key has. */
  SignalCount: 'VERIFIER_SIGNAL_COUNT',
  /** A coordinate is not the canonical decimal of a number below q, or a point is not written affine (z = 1). */
  CoordinateNotCanonical: 'VERIFIER_COORDINATE_NOT_CANONICAL',
  PointAtInfinity: 'VERIFIER_POINT_AT_INFINITY',
  PointNotOnCurve: 'VERIFIER_POINT_NOT_ON_CURVE',
  /** B lies on the twist, but outside the subgroup of order r. */
  PointNotInSubgroup: 'VERIFIER_POINT_NOT_IN_SUBGROUP',
  /** The verifying key is not on the allow-list. */
  UnknownKey: 'VERIFIER_UNKNOWN_KEY',
  /** A public signal differs from the one the verifier computed. */
  UnexpectedSignal: 'VERIFIER_UNEXPECTED_SIGNAL',
  /** All is well formed, but the pairing equation does not hold. */
  InvalidProof: 'VERIFIER_INVALID_PROOF',

  /** The key is refused: unreadable, unsound (gamma = +-delta, delta = +-generator) or not made of valid points. */
  BadKey: 'VERIFIER_BAD_KEY',

  /** The queue is full. Says nothing about the proof. */
  Busy: 'VERIFIER_BUSY',
  /** The verifier is closing or closed. Says nothing about the proof. */
  Closed: 'VERIFIER_CLOSED',
  /** Our own failure, such as a crashed worker. Says nothing about the proof. */
  Internal: 'VERIFIER_INTERNAL',
} as const;
export type VerdictCode = (typeof VerdictCode)[keyof typeof VerdictCode];

export interface Verdict {
  /** True only with code `VERIFIER_VALID`. */
  readonly valid: boolean;
  readonly code: VerdictCode;
  /** One sentence that says what and where; never holds more than the request did. */
  readonly reason: string;
}

const UNDECIDED: ReadonlySet<VerdictCode> = new Set([VerdictCode.Busy, VerdictCode.Closed, VerdictCode.Internal]);

/**
 * True if the verdict is about the proof; false for `BUSY`, `CLOSED` and `INTERNAL`, which are about ourselves:
 * ask again later, and never blame the sender.
 */
export function isDecided(verdict: Verdict): boolean {
  return !UNDECIDED.has(verdict.code);
}

/**
 * Checks Groth16 proofs over BN254 in the order of `VerdictCode`, each step a coded refusal.
 *
 * Not the verifier's business: nullifiers, context and expiry. Callers check those before they spend a pairing.
 * A valid proof is malleable (`(-A, -B, C)` verifies too): proof bytes are no id and no replay key.
 */
export interface Verifier {
  /**
   * Resolves to the verdict and never rejects, whatever the request holds: malformed input is `VERIFIER_BAD_SHAPE`,
   * our own failure `VERIFIER_INTERNAL`. The request is not changed and not kept.
   */
  verify(request: VerifyRequest): Promise<Verdict>;
  /**
   * One verdict per request, in the same order, each the one that `verify` would give, save for a chance of 2^-127.
   * One bad proof never changes the verdict of another. Keys may be mixed.
   * @param onVerdict called with each as soon as it is known, where that is earlier; must not throw
   */
  verifyBatch(requests: readonly VerifyRequest[], onVerdict?: OnVerdict): Promise<Verdict[]>;
  /** False when the next `verify` might be answered `VERIFIER_BUSY`: stop pulling until it is true again. */
  canAcceptWork(): boolean;
  /** Waits for the work already accepted, then frees workers. Idempotent; afterwards all verdicts are `VERIFIER_CLOSED`. */
  close(): Promise<void>;
}
