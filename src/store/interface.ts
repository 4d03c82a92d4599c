/**
 * The store port: what must survive a kill -9. A promise that resolves means that the write is on the disk; one that
 * rejects with a `StoreError` means that nothing of it is.
 *
 * Never stored: holder secrets, credentials, circuit inputs. The types have no place for them.
 * Ids, keys and tags are lower-case hex; times are whole Unix seconds below 2^40.
 */
import type { EnvelopeKind } from '../envelope/interface.ts';

// --- envelopes ------------------------------------------------------------------------------------------------------

export interface StoredEnvelope {
  /** Envelope id, 64 hex digits. */
  id: string;
  topic: string;
  kind: EnvelopeKind;
  /** Own id for a listing, the listing's id for what speaks about one, '' otherwise. */
  offerId: string;
  /** 64 hex digits. */
  pseudonym: string;
  expiresAt: number;
  receivedAt: number;
  /** Wire form as published. */
  bytes: Uint8Array;
}

/** What set reconciliation needs to know of an envelope. */
export interface EnvelopeRef {
  id: string;
  expiresAt: number;
  topic: string;
}

export interface EnvelopeQuery {
  topic?: string | undefined;
  kind?: EnvelopeKind | undefined;
  offerId?: string | undefined;
  pseudonym?: string | undefined;
  /** Only envelopes that expire after this second. */
  expiresAfter?: number | undefined;
  /** 1 … 100, default 50. */
  limit?: number | undefined;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** Undefined on the last page. */
  next: string | undefined;
}

// --- spent tags -----------------------------------------------------------------------------------------------------

export const TAG_KINDS = ['nullifier', 'pledge'] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** Something that may be used in one context only. */
export interface Tag {
  kind: TagKind;
  /** Field element, 64 hex digits. */
  value: string;
  /** Kept at least until then. */
  expiresAt: number;
}

/** What a tag was spent on. */
export interface SpentTag {
  kind: TagKind;
  value: string;
  /** Field element, 64 hex digits. */
  context: string;
  envelopeId: string;
  expiresAt: number;
}

/**
 * - `free`: nobody has it.
 * - `duplicate`: spent before in this very context.
 * - `spent`: spent before in another context.
 */
export type TagStatus = 'free' | 'duplicate' | 'spent';

/** Holds tags in memory while their proof is checked. Exactly one of commit (by `accept`) and `release` ends it. */
export interface Reservation {
  readonly tags: readonly Tag[];
  readonly context: string;
  /** Gives the tags back. Idempotent; no effect once `accept` has resolved. */
  release(): void;
}

export type ReserveResult =
  | { status: 'reserved'; reservation: Reservation }
  | { status: 'duplicate' | 'spent'; tag: SpentTag }
  /** Another reservation holds one of them: ask again when `settled` resolves (it never rejects). */
  | { status: 'busy'; settled: Promise<void> };

export interface SpentTags {
  /**
   * Whether any of the tags is spent already; `spent` goes before `duplicate`. Synchronous, about 10 microseconds:
   * answered from a local index, so it may be behind; `accept` decides.
   */
  peek(tags: readonly Pick<Tag, 'kind' | 'value'>[], context: string): TagStatus;
  /** All tags or none. @throws StoreError STORE_BUSY when more than the limit of reservations are open */
  reserve(tags: readonly Tag[], context: string): ReserveResult;
  get(kind: TagKind, value: string): Promise<SpentTag | undefined>;
  /** Live tags on the disk. */
  count(): Promise<number>;
}

// --- accepting ------------------------------------------------------------------------------------------------------

export interface AcceptEntry {
  envelope: StoredEnvelope;
  /** From `spent.reserve`; its tags are committed together with the envelope. */
  reservation?: Reservation | undefined;
  /** Registry header that came with the envelope; becomes the current one if its sequence is the highest. */
  registry?: RegistryRecord | undefined;
}

/**
 * - `accepted`: envelope and tags are on the disk.
 * - `duplicate`: the envelope was there already; nothing changed.
 * - `spent`: one of the tags was spent in another context meanwhile; nothing changed.
 * - `full`: it carries neither tags nor a registry header, and what is left of the quota is kept for those that do.
 */
export type AcceptResult = 'accepted' | 'duplicate' | 'spent' | 'full';

export interface Envelopes {
  /** Synchronous look-up by id. */
  has(id: string): boolean;
  /** Synchronous: pseudonym of the author, if the envelope is known. */
  authorOf(id: string): string | undefined;
  get(id: string): Promise<StoredEnvelope | undefined>;
  /** Oldest received first. @throws StoreError STORE_BAD_CURSOR, STORE_BAD_VALUE */
  query(query: EnvelopeQuery): Promise<Page<StoredEnvelope>>;
  /** All with `fromExpiry <= expiresAt < toExpiry`, by (expiresAt, id); reads as it is iterated. */
  list(fromExpiry: number, toExpiry: number): Iterable<EnvelopeRef>;
  count(): Promise<number>;
}

// --- registry -------------------------------------------------------------------------------------------------------

export interface RegistryRecord {
  sequence: number;
  /** Decimal. */
  root: string;
  issuedAt: number;
  /** Gap-tree roots (decimal) of named lists. */
  lists: Readonly<Record<string, string>>;
  /** SHA-256 of the snapshot's canonical JSON without its signature; '' if unknown. */
  snapshotHash: string;
  /** Second at which a higher sequence was put; undefined for the current one. Set by the store. */
  supersededAt?: number | undefined;
}

export interface Registries {
  /**
   * Keeps a header. If its sequence is the highest, the one before is marked superseded at `now`.
   * @returns false if the sequence is known already (nothing changed) @throws StoreError
   */
  put(record: RegistryRecord, now: number): Promise<boolean>;
  /** Attaches the full snapshot (canonical JSON) to a known header. */
  putSnapshot(sequence: number, snapshot: string): Promise<void>;
  current(): Promise<RegistryRecord | undefined>;
  bySequence(sequence: number): Promise<RegistryRecord | undefined>;
  byRoot(root: string): Promise<RegistryRecord | undefined>;
  snapshot(sequence: number): Promise<string | undefined>;
  /** Newest first, at most `limit` (default 100). */
  recent(limit?: number): Promise<RegistryRecord[]>;
}

// --- market ---------------------------------------------------------------------------------------------------------

/**
 * An offer or order as its owner wrote it. `version` counts from 1; a write names the version that it replaces (0 for
 * a new one), so that two writers cannot lose each other's state.
 */
export interface DocumentRecord {
  id: string;
  /** State of the owner's machine, indexed. */
  state: string;
  /** Offer id of an order; '' for an offer. */
  parent: string;
  /** `own` for what this node made, `remote` for what it saw; orders: `maker` or `taker`. */
  role: string;
  /** Next deadline or expiry. */
  deadline: number;
  updatedAt: number;
  version: number;
  /** JSON of the owner, at most 64 KiB. */
  data: string;
}

export interface DocumentQuery {
  state?: string | undefined;
  parent?: string | undefined;
  role?: string | undefined;
  /** Only records whose deadline is at or before this second. */
  deadlineUpTo?: number | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface Documents {
  get(id: string): Promise<DocumentRecord | undefined>;
  /** In order of creation. */
  query(query: DocumentQuery): Promise<Page<DocumentRecord>>;
  count(query?: Pick<DocumentQuery, 'state' | 'parent' | 'role'>): Promise<number>;
}

export type StoreOperation =
  | { type: 'put-offer' | 'put-order'; record: DocumentRecord }
  | { type: 'delete-offer' | 'delete-order'; id: string }
  | { type: 'put-value'; namespace: string; key: string; value: string; expiresAt?: number | undefined }
  | { type: 'delete-value'; namespace: string; key: string };

// --- jobs, values, peers, idempotency ---------------------------------------------------------------------------------

export interface JobRecord {
  id: string;
  circuit: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  createdAt: number;
  updatedAt: number;
  /** Code of the failure, or ''. */
  code: string;
  /** Public outcome as JSON (public signals, proof), or ''. Never inputs. */
  result: string;
}

export interface Jobs {
  put(job: JobRecord): Promise<void>;
  get(id: string): Promise<JobRecord | undefined>;
  /** Newest first. */
  recent(limit?: number): Promise<JobRecord[]>;
}

export interface Values {
  get(namespace: string, key: string): Promise<string | undefined>;
  set(namespace: string, key: string, value: string, expiresAt?: number): Promise<void>;
  delete(namespace: string, key: string): Promise<void>;
  list(namespace: string, limit?: number): Promise<{ key: string; value: string }[]>;
}

export interface PeerRecord {
  peerId: string;
  addresses: string[];
  lastSeen: number;
}

export interface Peers {
  put(peer: PeerRecord): Promise<void>;
  /** Last seen first. */
  recent(limit?: number): Promise<PeerRecord[]>;
  delete(peerId: string): Promise<void>;
}

export type IdempotencyResult =
  /** First use: do the work, then `finish`, or `abandon`. */
  | { status: 'new' }
  | { status: 'running' }
  /** The key was used for another request. */
  | { status: 'mismatch' }
  | { status: 'done'; response: string };

export interface IdempotencyKeys {
  begin(key: string, requestHash: string, expiresAt: number): Promise<IdempotencyResult>;
  finish(key: string, response: string): Promise<void>;
  abandon(key: string): Promise<void>;
}

// --- the store --------------------------------------------------------------------------------------------------------

export interface PruneReport {
  envelopes: number;
  tags: number;
  values: number;
  jobs: number;
  idempotencyKeys: number;
}

export interface StoreStatus {
  /** Size on disk in bytes, without the write-ahead log. */
  bytes: number;
  schemaVersion: number;
  envelopes: number;
  tags: number;
  reservations: number;
  readonly: boolean;
}

export interface Store {
  readonly envelopes: Envelopes;
  readonly spent: SpentTags;
  readonly registries: Registries;
  readonly offers: Documents;
  readonly orders: Documents;
  readonly jobs: Jobs;
  readonly values: Values;
  readonly peers: Peers;
  readonly idempotency: IdempotencyKeys;
  /**
   * Writes envelopes with their tags, in one transaction and one disk flush; one result per entry, in order.
   * Ends each entry's reservation. @throws StoreError (nothing written, all reservations released)
   */
  accept(entries: readonly AcceptEntry[], now: number): Promise<AcceptResult[]>;
  /** All operations or none. @throws StoreError STORE_CONFLICT where a record's version is not the next one */
  apply(operations: readonly StoreOperation[]): Promise<void>;
  /** Drops what has expired before `now`, in small steps; live tags are never dropped, whatever the pressure. */
  prune(now: number): Promise<PruneReport>;
  status(): Promise<StoreStatus>;
  /** Waits for nothing: every write is on the disk already. Idempotent. */
  close(): Promise<void>;
}

export const StoreErrorCode = {
  /** Another process owns this data folder. */
  Locked: 'STORE_LOCKED',
  /** The file is no store, or is damaged. */
  Corrupt: 'STORE_CORRUPT',
  /** Made by a newer version of zkbazaar. */
  Version: 'STORE_VERSION',
  /** Disk or quota full. */
  Full: 'STORE_FULL',
  Readonly: 'STORE_READONLY',
  /** The disk failed. */
  Io: 'STORE_IO',
  /** Could not get its turn in time, or too many open reservations. */
  Busy: 'STORE_BUSY',
  Closed: 'STORE_CLOSED',
  /** A record changed since it was read. */
  Conflict: 'STORE_CONFLICT',
  BadCursor: 'STORE_BAD_CURSOR',
  /** A value that has no place in the store: bad id, time or length. A caller's bug. */
  BadValue: 'STORE_BAD_VALUE',
  Internal: 'STORE_INTERNAL',
} as const;
export type StoreErrorCode = (typeof StoreErrorCode)[keyof typeof StoreErrorCode];
