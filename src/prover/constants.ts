/**
 * Limits of the prover service. All can be configured; the reasons for the defaults stand here.
 */

/** Jobs that wait. One proof takes 2 to 6 s: sixteen are a minute and a half, longer than anybody watches. */
export const DEFAULT_MAX_QUEUED = 16;

/** From submission to the end. A cold start and sixteen slow proofs fit; an engine that hangs does not stay. */
export const DEFAULT_TIMEOUT_MS = 300_000;

/** Finished jobs that are kept for who asks late. A job without inputs takes some 5 KiB. */
export const DEFAULT_MAX_FINISHED = 64;

/** How long they are kept at most: a proof is for one order and is of no use to anybody after its expiry. */
export const DEFAULT_RETENTION_MS = 600_000;

/** Time of one proof assumed until one was measured; only `retryAfterMs` depends on it. */
export const ASSUMED_PROOF_MS = 5_000;
