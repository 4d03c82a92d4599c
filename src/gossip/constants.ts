import type { GossipTuning } from './interface.ts';

/** Defaults of `GossipTuning`; the configuration's `gossip` section overrides them. */
export const DEFAULT_TUNING: GossipTuning = {
  // Waku's gap is 20 s; machines without NTP drift more. Higher lets stale `now`s live longer, lower loses honest peers.
  clockSkewSeconds: 30,
  // 30 days: the longest life of an offer.
  maxLifetimeSeconds: 2_592_000,
  // At 2 to 7 ms a proof, 1024 wait 2 to 7 s: below the 12 s of gossipsub's message cache.
  queueItems: 1024,
  queueBytes: 4_194_304,
  // A mesh of 6 peers at 100/s is more than one core verifies; the burst takes a page of sync four times over.
  peerRate: 100,
  peerBurst: 400,
  // Beyond 16 a batch saves little per proof and delays all in it; 25 ms is half the time of one hop.
  batchSize: 16,
  batchDelayMs: 25,
  // The message cache forgets after 12 s; a verdict later than this could not be relayed any more.
  deadlineMs: 8000,
};

/** Part of the queue that one peer may fill: three more peers always get through. */
export const PEER_SHARE = 1 / 4;

/**
 * Policies never seen before that one peer may bring, per second and at once. Reading one takes up to 1.7 ms, a
 * thousand times what a known one takes; honest peers bring a new one with a new offer now and then.
 */
export const NEW_POLICY_RATE = 20;
export const NEW_POLICY_BURST = 100;
/** Policies kept read; at 1 KiB each and as many objects again, 2 MiB. */
export const KEPT_POLICIES = 1024;

/** Peers with a bucket of their own. Twenty times the connections a node allows. */
export const MAX_BUCKETS = 1024;
/** Superseded roots in their grace period; the registry publishes far less often than once in 14 s. */
export const MAX_WINDOW_ROOTS = 256;
export const KEPT_VERDICTS = 1000;
/** How soon a full verifier is asked again. */
export const VERIFIER_RETRY_MS = 5;
