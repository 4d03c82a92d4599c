/** What stands behind a `Verifier`: subgroup check and pairing, synchronous, on one thread. */
import type { ProofPoints } from '../claims/proof-codec.ts';

/** Plain data, so that it can be posted to a worker. */
export interface PairingJob {
  /** Reduced and on their curves. */
  readonly points: ProofPoints;
  /** Reduced, and as many as the key has. */
  readonly signals: readonly bigint[];
  /** Position in the engine's list of keys; undefined asks for the subgroup check alone. */
  readonly key: number | undefined;
  /** Jobs of one sender have one number, an unsigned integer of 32 bits; left out: 0. */
  readonly group?: number | undefined;
}

export const Outcome = {
  /** All holds that was asked for. */
  Passed: 0,
  /** B is outside the subgroup of order r. */
  OffSubgroup: 1,
  /** The pairing equation does not hold. */
  Failed: 2,
  /** The job's group holds a bad proof; which one was not asked for. */
  Suspect: 3,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export interface PairingEngine {
  /**
   * One outcome per job, in order. A job's outcome does not depend on the others, save for a chance of 2^-127.
   * @param search find each bad proof (the default). False: stop at the groups that hold one and call all their jobs
   *   suspect, but for a group of one
   */
  run(jobs: readonly PairingJob[], search?: boolean): Outcome[];
  /** Frees what the engine holds; it must not run again. Idempotent. */
  close(): void;
}

/** Makes the coefficients of a batch: integers in [1, 2^128). */
export type CoefficientSource = (count: number) => bigint[];
