/**
 * Limits of the wire format. Every peer of a network must share them: what one accepts, all must be able to relay.
 */

/** Every part at its largest takes 4060 bytes; longer content goes by hash. */
export const MAX_ENVELOPE_BYTES = 4096;
/** Half of the envelope, so that a proof with its signals always fits beside the largest body. */
export const MAX_BODY_BYTES = 2048;
/** Canonical JSON of four comparisons and a set of 40 countries takes 600 bytes. */
export const MAX_POLICY_BYTES = 1024;
/** The `balance` circuit shows twelve; 16 leaves room for one more circuit without a new wire version. */
export const MAX_PUBLIC_SIGNALS = 16;
/** Times stay below 2^40 everywhere (year 36812), so that they fit a safe integer and a circuit's range check. */
export const TIME_LIMIT = 2 ** 40;

/**
 * Longest time in seconds from a proof's `now` to its envelope's expiry. A proof says what held at `now`; this bounds
 * how long it is believed: a back-dated proof only shortens its own envelope's life, and no envelope outlives the
 * credentials behind it by more. One day is the default life of an offer and freshness of a balance; the hour on top
 * covers proving and clocks.
 */
export const MAX_PROOF_LIFETIME_SECONDS = 90_000;

export const COMPRESSED_PROOF_BYTES = 128;
export const UNCOMPRESSED_PROOF_BYTES = 256;

/** Gossip message ids are the first 20 bytes of a SHA-256: 80-bit collision resistance, 160-bit second preimage. */
export const MESSAGE_ID_BYTES = 20;
