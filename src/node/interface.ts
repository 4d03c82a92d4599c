/**
 * The node: everything a peer does, behind plain types. `api/` and `cli/` speak to this and to nothing below it.
 *
 * Whatever a method returns can be written as JSON, bytes and streams aside. Every failure is a `CodedError`.
 */

import type { CircuitManifest, CircuitRegistry, VerifyingKey } from '../artifacts/interface.ts';
import type { Clock } from '../base/clock.ts';
import type { Startable } from '../base/lifecycle.ts';
import type { ScryptCost } from '../base/sealed-file.ts';
import type { CircuitName, ClaimBinding, Groth16Proof, Policy, Shortfall } from '../claims/interface.ts';
import type { Config } from '../config/interface.ts';
import type {
  OfferSide,
  OfferStatus,
  OfferView,
  OrderRole,
  OrderState,
  OrderView,
  Price,
} from '../market/interface.ts';
import type { BanInfo, OverlayTuning, PeerInfo, SyncReport } from '../overlay/interface.ts';
import type { JobEvent, ProgressListener, ProofJob, ProofResult } from '../prover/interface.ts';
import type { Verdict } from '../verifier/interface.ts';
import type { CredentialSummary, ImportReport } from '../wallet/interface.ts';
import type { LedgerApi } from './ledger-interface.ts';

export type * from './ledger-interface.ts';

// --- health, identity ------------------------------------------------------------------------------------------------

export interface HealthCheck {
  name: 'store' | 'overlay' | 'verifier' | 'prover' | 'registry' | 'wallet' | 'ledger';
  ok: boolean;
  /** Without it the node is not ready; the others only narrow what it can do. */
  required: boolean;
  detail: string;
}

export interface Health {
  /** The process answers; false once it is stopping. */
  live: boolean;
  /** Every required check is good: it verifies and relays. */
  ready: boolean;
  checks: HealthCheck[];
}

export type WalletState = 'absent' | 'locked' | 'open';

export interface NodeInfo {
  version: string;
  network: string;
  production: boolean;
  peerId: string;
  addresses: string[];
  startedAtMs: number | null;
  wallet: WalletState;
  /** Decimal holder commitment; null without an open wallet. */
  holder: string | null;
  registrySequence: number | null;
  /** What proves and verifies here. */
  engine: 'native' | 'wasm';
  /** True while any circuit in use has development keys: every face shows it. */
  developmentKeys: boolean;
}

export interface CircuitInfo {
  name: CircuitName;
  summary: string;
  verifyingKeyId: string;
  setup: 'development' | 'production';
  constraints: number;
  publicSignals: string[];
  files: CircuitManifest['files'];
}

// --- policies, proofs ----------------------------------------------------------------------------------------------------

/** A policy as text (`balance(EUR) >= 1200 and unique`) or as its JSON form. */
export type PolicyInput = string | Policy;

export interface PolicyCheck {
  policy: Policy;
  /** The one spelling of it. */
  text: string;
  canonical: string;
  circuit: CircuitName;
  /** What the open wallet lacks for it; null without wallet or registry. */
  shortfalls: Shortfall[] | null;
}

/** What a proof is to be bound to. Left-out parts are: a fresh pseudonym, '' ids, and 15 minutes of life. */
export interface ProveRequest {
  policy: PolicyInput;
  kind?: 'claim' | 'listing' | undefined;
  offerId?: string | undefined;
  orderId?: string | undefined;
  counterparty?: string | undefined;
  /** A pseudonym of the wallet. */
  pseudonym?: string | undefined;
  expiresAt?: number | undefined;
  /** From submission to the end. */
  timeoutMs?: number | undefined;
}

/** A job of the prover with what it proves. The secret inputs are no part of it. */
export interface NodeProofJob extends ProofJob {
  policy: Policy;
  binding: ClaimBinding;
}

export interface ProvenClaim extends ProofResult {
  circuit: CircuitName;
  verifyingKeyId: string;
  policy: Policy;
  binding: ClaimBinding;
  registryRoot: string;
  /** Signed and ready to publish; its id. */
  envelopeId: string;
  envelope: Uint8Array;
}

export interface ProofsApi {
  check(policy: PolicyInput): Promise<PolicyCheck>;
  /**
   * Builds the claim from wallet and registry and queues it.
   * @throws NODE_WALLET_ABSENT, NODE_WALLET_LOCKED, NODE_NO_REGISTRY, CLAIM_*, PROVER_QUEUE_FULL
   */
  submit(request: ProveRequest): Promise<NodeProofJob>;
  get(id: string): NodeProofJob | undefined;
  list(): NodeProofJob[];
  cancel(id: string): NodeProofJob | undefined;
  events(id: string, afterId?: number, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** The finished, self-verified claim of a job; waits for it. */
  result(id: string, signal?: AbortSignal): Promise<ProvenClaim>;
  /** `submit` and `result` in one. */
  prove(request: ProveRequest, options?: { signal?: AbortSignal; onProgress?: ProgressListener }): Promise<ProvenClaim>;
  canAcceptWork(): boolean;
}

export interface VerifyInput {
  /** Circuit name or verifying-key id. */
  circuit: string;
  proof: Groth16Proof;
  publicSignals: string[];
  /** With both, the signals are held against what the policy demands now; without, only the proof is checked. */
  policy?: PolicyInput | undefined;
  binding?: ClaimBinding | undefined;
}

// --- envelopes, verdicts ---------------------------------------------------------------------------------------------------

export interface EnvelopeSummary {
  id: string;
  kind: string;
  topic: string;
  pseudonym: string;
  policy: string;
  /** Decimal, or null. */
  registryRoot: string | null;
  expiresAt: number;
  bytes: number;
  /** Body as JSON where it is some, else null. */
  body: unknown;
}

export interface StoredEnvelope extends EnvelopeSummary {
  receivedAt: number;
  circuit: string;
  publicSignals: string[];
  /** As published. */
  data: Uint8Array;
}

export interface PublishReport {
  id: string;
  topic: string;
  accepted: boolean;
  action: 'accept' | 'ignore' | 'reject';
  code: string;
  recipients: string[];
}

export interface EnvelopeQuery {
  kind?: string | undefined;
  /** Only after this id of an earlier page. */
  after?: string | undefined;
  /** 1 to 100; default 50. */
  limit?: number | undefined;
}

export interface Page<T> {
  items: T[];
  /** Pass as `after` for the next page; null on the last. */
  next: string | null;
}

export interface EnvelopesApi {
  /** Validates with this node's own pipeline and, if it accepts, hands the bytes to the mesh. */
  publish(data: Uint8Array): Promise<PublishReport>;
  /** Decodes without judging. @throws ENVELOPE_* */
  inspect(data: Uint8Array): EnvelopeSummary & { circuit: string; publicSignals: string[] };
  get(id: string): Promise<StoredEnvelope | undefined>;
  query(query?: EnvelopeQuery): Promise<Page<EnvelopeSummary>>;
}

/** One judgement of one message; the last 1,000 are kept in memory. */
export interface VerdictEntry {
  /** Counts up from 1 since start. */
  seq: number;
  atMs: number;
  /** How it came in; what sync fetched counts as gossip. */
  source: 'gossip' | 'publish' | 'order';
  /** Peer id it came from; our own for own publishes. */
  from: string;
  topic: string;
  action: 'accept' | 'ignore' | 'reject';
  code: string;
  bytes: number;
  /** Null where the message could not be decoded. */
  envelopeId: string | null;
  kind: string | null;
  elapsedMs: number;
}

// --- market ------------------------------------------------------------------------------------------------------------

export interface CreateOffer {
  /** What the maker does; default `sell`. */
  side?: OfferSide | undefined;
  /** One line, 1 to 120 characters. */
  title: string;
  /** Up to 1000 characters. */
  description?: string | undefined;
  /** `amount` in minor units. */
  price: Price;
  /** What takers must prove. */
  policy: PolicyInput;
  /** Proven by the maker when the offer is made, and shown with it. */
  makerPolicy?: PolicyInput | undefined;
  /** Default 1. */
  units?: number | undefined;
  /** Default `market.offerSeconds`. */
  lifetimeSeconds?: number | undefined;
}

export interface OffersApi {
  /** @throws NODE_WALLET_*, MARKET_BAD_OFFER, ENVELOPE_BODY, NODE_NOT_PUBLISHED */
  create(offer: CreateOffer, options?: { signal?: AbortSignal; onProgress?: ProgressListener }): Promise<OfferView>;
  list(query?: { status?: OfferStatus; mine?: boolean; after?: string; limit?: number }): Promise<Page<OfferView>>;
  /** @throws MARKET_UNKNOWN_OFFER */
  show(id: string): Promise<OfferView>;
  /** Also declines its open orders. @throws MARKET_UNKNOWN_OFFER, MARKET_NOT_YOUR_OFFER */
  cancel(id: string): Promise<OfferView>;
}

export interface OrdersApi {
  /**
   * Proves the offer's policy for one new order, checks the proof, stores the order and starts to deliver it.
   * Resolves once the order is durable, as `proposed` or already further.
   * @throws MARKET_UNKNOWN_OFFER, MARKET_OFFER_CLOSED, MARKET_OWN_OFFER, NODE_WALLET_*, NODE_NO_REGISTRY, CLAIM_*, PROVER_*
   */
  take(offerId: string, options?: { signal?: AbortSignal; onProgress?: ProgressListener }): Promise<OrderView>;
  list(query?: { role?: OrderRole; state?: OrderState; offerId?: string }): Promise<OrderView[]>;
  /** @throws MARKET_UNKNOWN_ORDER */
  show(id: string): Promise<OrderView>;
  /** Maker only. @throws MARKET_UNKNOWN_ORDER, MARKET_ILLEGAL_TRANSITION, MARKET_PAST_DEADLINE, MARKET_OFFER_CLOSED */
  accept(id: string): Promise<OrderView>;
  /** Maker only. */
  decline(id: string, note?: string): Promise<OrderView>;
  /** Taker only. */
  cancel(id: string, note?: string): Promise<OrderView>;
  /** Resolves when the order is in one of `states` or final. */
  wait(id: string, states: readonly OrderState[], signal?: AbortSignal): Promise<OrderView>;
}

// --- registry, wallet, peers -----------------------------------------------------------------------------------------------

export interface RegistryInfo {
  sequence: number;
  issuedAt: number;
  /** Decimal. */
  root: string;
  /** The whole snapshot is here: needed to prove, not to verify. Issuers and lists are empty without it. */
  complete: boolean;
  issuers: { name: string; schema: string; x: string; y: string; revoked: number }[];
  lists: { name: string; elements: number }[];
  /** Superseded roots that are still good, and until when. */
  grace: { root: string; sequence: number; until: number }[];
}

export interface RegistryApi {
  /** Null before the first snapshot. */
  current(): RegistryInfo | null;
  /**
   * Takes the file that the registry's operator or another peer wrote; one with an envelope is passed on to the network.
   * @throws REGISTRY_*, NODE_REGISTRY_FILE, NODE_REGISTRY_KEY, OVERLAY_NOT_RUNNING
   */
  import(file: Uint8Array): Promise<RegistryInfo>;
  /** Announces the held registry by gossip; whoever came later gets it by sync. @throws NODE_NO_REGISTRY */
  announce(): Promise<PublishReport>;
  /** The held snapshot as a file. @throws NODE_NO_REGISTRY */
  export(): Promise<Uint8Array>;
}

export interface WalletApi {
  state(): WalletState;
  /** @throws NODE_WALLET_ABSENT, WALLET_UNLOCK_FAILED */
  unlock(passphrase: string): Promise<void>;
  /** @throws NODE_WALLET_ABSENT, NODE_WALLET_LOCKED */
  credentials(): Promise<CredentialSummary[]>;
  importCredentials(file: Uint8Array | string): Promise<ImportReport>;
  removeCredential(serial: string): Promise<void>;
}

export interface PeersApi {
  list(): PeerInfo[];
  connect(address: string, signal?: AbortSignal): Promise<PeerInfo>;
  disconnect(peerId: string): Promise<void>;
  ban(peerId: string, reason: string, ms?: number): Promise<void>;
  unban(peerId: string): void;
  bans(): BanInfo[];
  sync(signal?: AbortSignal): Promise<SyncReport>;
}

// --- events -----------------------------------------------------------------------------------------------------------

export interface NodeEventData {
  verdict: VerdictEntry;
  offer: OfferView;
  order: OrderView;
  registry: RegistryInfo;
  peer: { peerId: string; connected: boolean };
  job: { jobId: string; event: JobEvent };
}

export type NodeEventType = keyof NodeEventData;

export type NodeEvent = {
  [T in NodeEventType]: { id: number; atMs: number; type: T; data: NodeEventData[T] };
}[NodeEventType];

/** Events of this run; the last 1,000 of each type are kept, so that a listener that comes back misses none of those. */
export interface EventsApi {
  readonly lastId: number;
  /** Events after `afterId` (default: from now on); ends when `signal` aborts or the node stops. */
  subscribe(options?: {
    afterId?: number;
    types?: readonly NodeEventType[];
    signal?: AbortSignal;
  }): AsyncIterable<NodeEvent>;
}

// --- node -------------------------------------------------------------------------------------------------------------

export interface Node extends Startable {
  readonly config: Config;
  readonly clock: Clock;
  info(): NodeInfo;
  health(): Health;
  /** Prometheus text format. */
  metrics(): Promise<{ contentType: string; body: string }>;
  circuits(): CircuitInfo[];
  /** By circuit name or key id, as snarkjs writes it. */
  verifyingKey(circuit: string): VerifyingKey | undefined;
  verify(input: VerifyInput): Promise<Verdict>;
  verifyBatch(inputs: readonly VerifyInput[]): Promise<Verdict[]>;
  canVerify(): boolean;
  /** Newest first. */
  verdicts(query?: { afterSeq?: number; limit?: number; code?: string }): VerdictEntry[];
  readonly proofs: ProofsApi;
  readonly envelopes: EnvelopesApi;
  readonly offers: OffersApi;
  readonly orders: OrdersApi;
  readonly registry: RegistryApi;
  readonly wallet: WalletApi;
  readonly peers: PeersApi;
  readonly events: EventsApi;
  /** Undefined where this node keeps none: `ledger.enabled`, and a genesis file, decide. */
  readonly ledger: LedgerApi | undefined;
  /**
   * The answer once given for a key of a create request, so that a repeated request makes nothing twice; durable.
   * `make` runs at most once per scope and key, also when two requests come at once.
   * @throws NODE_IDEMPOTENCY_MISMATCH when the key came with another request before
   */
  once<T extends object>(
    scope: string,
    key: string,
    requestHash: string,
    make: () => Promise<T>,
  ): Promise<{ value: T; replayed: boolean }>;
}

/** Parts that tests and special set-ups bring themselves; everything else is built from the configuration. */
export interface NodeComponents {
  clock?: Clock | undefined;
  /** Passphrase of the wallet; without it the wallet stays locked. */
  passphrase?: string | undefined;
  /** Circuits already loaded, for several nodes in one process; else they are read from `artifacts.dir`. */
  circuits?: CircuitRegistry | undefined;
  /** Cost of opening the wallet; only tests lower it. */
  walletScrypt?: ScryptCost | undefined;
  /** Numbers of the overlay that tests on one machine change. */
  overlayTuning?: Partial<OverlayTuning> | undefined;
  /** Where log lines go instead of `log.file` or standard error. */
  logTo?: { write(line: string): void } | undefined;
}

export const NodeErrorCode = {
  NotRunning: 'NODE_NOT_RUNNING',
  AlreadyRunning: 'NODE_ALREADY_RUNNING',
  WalletAbsent: 'NODE_WALLET_ABSENT',
  WalletLocked: 'NODE_WALLET_LOCKED',
  NoRegistry: 'NODE_NO_REGISTRY',
  RegistryKey: 'NODE_REGISTRY_KEY',
  RegistryFile: 'NODE_REGISTRY_FILE',
  NotPublished: 'NODE_NOT_PUBLISHED',
  OwnProofRefused: 'NODE_OWN_PROOF_REFUSED',
  UnknownCircuit: 'NODE_UNKNOWN_CIRCUIT',
  UnknownJob: 'NODE_UNKNOWN_JOB',
  BadQuery: 'NODE_BAD_QUERY',
  IdempotencyMismatch: 'NODE_IDEMPOTENCY_MISMATCH',
  PassphraseFile: 'NODE_PASSPHRASE_FILE',
} as const;
