/**
 * The node: everything a peer does, behind plain types. `api/` and `cli/` speak to this and to nothing below it. What it
 * does about one thing (proofs, the market, ...) is said in the `*-interface.ts` file of that thing.
 *
 * Whatever a method returns can be written as JSON, bytes and streams aside. Every failure is a `CodedError`.
 */

import type { CircuitManifest, CircuitRegistry, VerifyingKey } from '../artifacts/interface.ts';
import type { Clock } from '../base/clock.ts';
import type { Startable } from '../base/lifecycle.ts';
import type { ScryptCost } from '../base/sealed-file.ts';
import type { CircuitName } from '../claims/interface.ts';
import type { Config } from '../config/interface.ts';
import type { BanInfo, OverlayTuning, PeerInfo, SyncReport } from '../overlay/interface.ts';
import type { Verdict } from '../verifier/interface.ts';
import type { CredentialSummary, ImportReport } from '../wallet/interface.ts';
import type { EnvelopesApi, VerdictEntry, VerdictQuery } from './envelopes-interface.ts';
import type { EventsApi } from './events-interface.ts';
import type { LedgerApi } from './ledger-interface.ts';
import type { OffersApi, OrdersApi } from './market-interface.ts';
import type { ProofsApi, VerifyInput } from './proofs-interface.ts';
import type { RegistryApi } from './registry-interface.ts';

export type * from './envelopes-interface.ts';
export type * from './events-interface.ts';
export type * from './ledger-interface.ts';
export type * from './market-interface.ts';
export type * from './proofs-interface.ts';
export type * from './registry-interface.ts';

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
  verdicts(query?: VerdictQuery): VerdictEntry[];
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

export interface Page<T> {
  items: T[];
  /** Pass as `after` for the next page; null on the last. */
  next: string | null;
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
