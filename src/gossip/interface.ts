/**
 * Gossip validation: whether a message may be relayed. Knows nothing of libp2p; the overlay calls `validate` and does
 * what the verdict says.
 *
 * - `accept`: every check passed and the envelope with its nullifier is on the disk. Relay it.
 * - `reject`: every honest peer must have seen that this is wrong. Do not relay; penalise the sender.
 * - `ignore`: not to be relayed, nobody's fault: clock edges, unknown roots, duplicates, full queues, our own failures.
 *
 * Checks, their codes, actions and measured costs stand in one table: `docs/validation.md`.
 */
import type { Clock } from '../base/clock.ts';
import type { Startable } from '../base/lifecycle.ts';
import type { CircuitName, Claims, RegistryView } from '../claims/interface.ts';
import type { Envelope, EnvelopeKind } from '../envelope/interface.ts';
import type { RegistryRecord, Store } from '../store/interface.ts';
import type { Verifier } from '../verifier/interface.ts';
import type { GossipCode } from './codes.ts';

export const GossipAction = { Accept: 'accept', Ignore: 'ignore', Reject: 'reject' } as const;
export type GossipAction = (typeof GossipAction)[keyof typeof GossipAction];

export interface GossipMessage {
  topic: string;
  data: Uint8Array;
  /** Peer id that handed us the message; our own for own publishes. */
  from: string;
}

export interface GossipVerdict {
  action: GossipAction;
  /** Bounded: labels metrics. */
  code: GossipCode;
  /** One sentence, for people. */
  reason: string;
  /** 1: synchronous checks; 2: proof and store. */
  stage: 1 | 2;
  /** Wall time from the call to the verdict. */
  micros: number;
  /** Known once the bytes decoded. */
  envelopeId?: string | undefined;
}

/** A verdict as the log keeps it. */
export interface LoggedVerdict extends GossipVerdict {
  /** Unix milliseconds. */
  at: number;
  topic: string;
  from: string;
  kind?: EnvelopeKind | undefined;
  bytes: number;
}

export interface CodeCounter {
  code: GossipCode;
  action: GossipAction;
  count: number;
  totalMicros: number;
  maxMicros: number;
}

export interface GossipStats {
  counters: CodeCounter[];
  queueItems: number;
  queueBytes: number;
  /** Proofs handed to the verifier that have no verdict yet. */
  verifying: number;
  batches: number;
  batchedProofs: number;
}

/** An envelope that passed; handed to listeners after it is on the disk. */
export interface AcceptedEnvelope {
  id: string;
  topic: string;
  envelope: Envelope;
  bytes: Uint8Array;
  from: string;
}

export interface GossipInit {
  network: string;
  /** Ed25519 public key (hex) of the network's registry; null accepts no registry messages. */
  registryKey: string | null;
  tuning?: Partial<GossipTuning> | undefined;
}

/** Numbers that operators and tests may change; defaults and reasons in `constants.ts`. */
export interface GossipTuning {
  clockSkewSeconds: number;
  maxLifetimeSeconds: number;
  /** Messages and bytes in stage 2; one peer may hold a quarter of either. */
  queueItems: number;
  queueBytes: number;
  /** Messages per second that one peer may have validated, and its burst. */
  peerRate: number;
  peerBurst: number;
  batchSize: number;
  batchDelayMs: number;
  /** Longest stay in stage 2. */
  deadlineMs: number;
}

export interface GossipComponents {
  verifier: Verifier;
  store: Store;
  claims: Claims;
  registry: RegistryWindow;
  /** Verifying keys of this network: id -> circuit. */
  verifyingKeys: ReadonlyMap<string, CircuitName>;
  clock: Clock;
}

export interface Gossip extends Startable {
  /** Never rejects. The same bytes from several peers at once are verified once and get one verdict. */
  validate(message: GossipMessage): Promise<GossipVerdict>;
  /** Peer ids that no bucket and no share of the queue bounds: our own. */
  exempt(peerId: string): void;
  /** Called for each envelope after it is durable, in order; a throwing listener harms nobody. @returns unsubscribe */
  onAccepted(listener: (accepted: AcceptedEnvelope) => void): () => void;
  /** Called for each verdict. @returns unsubscribe */
  onVerdict(listener: (verdict: LoggedVerdict) => void): () => void;
  /** Newest first; the log keeps the last 1000. */
  recent(limit?: number): LoggedVerdict[];
  stats(): GossipStats;
  /** False when the queue is full: what comes next is ignored. */
  canAcceptWork(): boolean;
}

export type RootState = 'current' | 'superseded' | 'expired' | 'unknown';

/**
 * Which registry roots are good now: the current one, and each older one for a grace period that starts when it was
 * superseded, so that a proof made a moment before an update does not fail, and no peer is blamed for being late.
 */
export interface RegistryWindow {
  current(): RegistryView | undefined;
  /** The view behind a root that is good now. */
  lookup(root: bigint): { state: 'current' | 'superseded'; view: RegistryView } | { state: 'expired' | 'unknown' };
  /**
   * Takes a header in. @returns `advanced` if it is now the current one, `known` for the same sequence and root,
   * `stale` for a lower sequence, `conflict` for the same sequence with another root
   */
  advance(view: RegistryView): 'advanced' | 'known' | 'stale' | 'conflict';
  /** Fills the window from the store at start. */
  restore(records: readonly RegistryRecord[]): void;
}
