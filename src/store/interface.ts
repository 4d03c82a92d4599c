/**
 * The store port: what must survive a kill -9. A promise that resolves means that the write is on the disk; one that
 * rejects with a `StoreError` means that nothing of it is. Each table has a `*-interface.ts` of its own.
 *
 * Never stored: holder secrets, credentials, circuit inputs. The types have no place for them.
 * Ids, keys and tags are lower-case hex; times are whole Unix seconds below 2^40.
 */
import type { DocumentRecord, Documents } from './documents-interface.ts';
import type { Envelopes, StoredEnvelope } from './envelopes-interface.ts';
import type { Registries, RegistryRecord } from './registries-interface.ts';
import type { IdempotencyKeys, Jobs, Peers, Values } from './side-tables-interface.ts';
import type { Reservation, SpentTags } from './spent-tags-interface.ts';

export type * from './documents-interface.ts';
export type * from './envelopes-interface.ts';
export type * from './registries-interface.ts';
export type * from './side-tables-interface.ts';
export type * from './spent-tags-interface.ts';

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

export type StoreOperation =
  | { type: 'put-offer' | 'put-order'; record: DocumentRecord }
  | { type: 'delete-offer' | 'delete-order'; id: string }
  | { type: 'put-value'; namespace: string; key: string; value: string; expiresAt?: number | undefined }
  | { type: 'delete-value'; namespace: string; key: string };

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

export interface Page<T> {
  items: T[];
  /** Undefined on the last page. */
  next: string | undefined;
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
