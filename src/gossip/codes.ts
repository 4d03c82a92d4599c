import { EnvelopeErrorCode } from '../envelope/interface.ts';
import { GossipAction } from './interface.ts';

const { Accept, Ignore, Reject } = GossipAction;

/** Every code a verdict can carry, and what it does to the sender. `docs/validation.md` gives reasons and costs. */
export const GOSSIP_CODES = {
  GOSSIP_ACCEPTED: Accept,

  // What no peer can have taken for good.
  [EnvelopeErrorCode.Size]: Reject,
  [EnvelopeErrorCode.Malformed]: Reject,
  [EnvelopeErrorCode.NotCanonical]: Reject,
  [EnvelopeErrorCode.Version]: Reject,
  [EnvelopeErrorCode.Kind]: Reject,
  [EnvelopeErrorCode.Field]: Reject,
  [EnvelopeErrorCode.ProofParts]: Reject,
  [EnvelopeErrorCode.ProofLifetime]: Reject,
  [EnvelopeErrorCode.Body]: Reject,
  [EnvelopeErrorCode.Key]: Reject,
  [EnvelopeErrorCode.Signature]: Reject,
  GOSSIP_WRONG_TOPIC: Reject,
  GOSSIP_WRONG_AUTHOR: Reject,
  GOSSIP_BAD_POLICY: Reject,
  GOSSIP_UNEXPECTED_SIGNAL: Reject,
  GOSSIP_INVALID_PROOF: Reject,

  // Nobody's fault.
  GOSSIP_UNKNOWN_TOPIC: Ignore,
  GOSSIP_EXPIRED: Ignore,
  GOSSIP_TOO_FAR_AHEAD: Ignore,
  GOSSIP_FROM_FUTURE: Ignore,
  GOSSIP_UNKNOWN_KEY: Ignore,
  GOSSIP_UNKNOWN_ROOT: Ignore,
  GOSSIP_STALE_ROOT: Ignore,
  GOSSIP_UNKNOWN_LISTING: Ignore,
  GOSSIP_STALE_SEQUENCE: Ignore,
  GOSSIP_REGISTRY_CONFLICT: Ignore,
  GOSSIP_NO_REGISTRY: Ignore,
  GOSSIP_DUPLICATE: Ignore,
  GOSSIP_NULLIFIER_SPENT: Ignore,
  GOSSIP_CONTESTED: Ignore,
  GOSSIP_RATE_LIMITED: Ignore,
  GOSSIP_QUEUE_FULL: Ignore,
  GOSSIP_TIMEOUT: Ignore,
  GOSSIP_VERIFIER_FAILED: Ignore,
  GOSSIP_STORE_FAILED: Ignore,
  GOSSIP_STOPPED: Ignore,
  GOSSIP_INTERNAL: Ignore,
} as const satisfies Record<string, GossipAction>;

export type GossipCode = keyof typeof GOSSIP_CODES;
