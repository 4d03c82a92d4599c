import { DEFAULT_MAX_BYTES, UNPROVEN_SHARE } from './constants.ts';
import { Database } from './database.ts';
import { checkDocument, SqliteDocuments } from './documents.ts';
import { checkStoredEnvelope, SqliteEnvelopes } from './envelopes.ts';
import { StoreError } from './errors.ts';
import {
  type AcceptEntry,
  type AcceptResult,
  type PruneReport,
  type Store,
  StoreErrorCode,
  type StoreOperation,
  type StoreStatus,
} from './interface.ts';
import { prune } from './prune.ts';
import { checkRegistry, SqliteRegistries } from './registries.ts';
import { checkValue, SqliteIdempotencyKeys, SqliteJobs, SqlitePeers, SqliteValues } from './side-tables.ts';
import { SqliteSpentTags } from './spent-tags.ts';
import { checkTime } from './values.ts';

export interface StoreInit {
  /** Folder that holds `store.sqlite`; created with mode 0700. */
  dataDir: string;
  /** Opens an existing store for reading, beside its owner. */
  readonly?: boolean | undefined;
  /** Quota of the file in bytes; beyond it writes fail with STORE_FULL. */
  maxBytes?: number | undefined;
}

/**
 * Opens the store of a data folder, or makes one.
 * @throws StoreError STORE_LOCKED where another process owns it; STORE_CORRUPT, _VERSION, _READONLY, _FULL, _IO
 */
export async function openStore(init: StoreInit): Promise<Store> {
  return new SqliteStore(init);
}

class SqliteStore implements Store {
  readonly envelopes: SqliteEnvelopes;
  readonly spent: SqliteSpentTags;
  readonly registries: SqliteRegistries;
  readonly offers: SqliteDocuments;
  readonly orders: SqliteDocuments;
  readonly jobs: SqliteJobs;
  readonly values: SqliteValues;
  readonly peers: SqlitePeers;
  readonly idempotency: SqliteIdempotencyKeys;
  readonly #db: Database;

  constructor(init: StoreInit) {
    const { dataDir, readonly = false, maxBytes = DEFAULT_MAX_BYTES } = init;
    const db = new Database({ dataDir, readonly, maxBytes });
    this.#db = db;
    this.envelopes = new SqliteEnvelopes(db);
    this.spent = new SqliteSpentTags(db);
    this.registries = new SqliteRegistries(db);
    this.offers = new SqliteDocuments(db, 'offers');
    this.orders = new SqliteDocuments(db, 'orders');
    this.jobs = new SqliteJobs(db);
    this.values = new SqliteValues(db);
    this.peers = new SqlitePeers(db);
    this.idempotency = new SqliteIdempotencyKeys(db);
  }

  async accept(entries: readonly AcceptEntry[], now: number): Promise<AcceptResult[]> {
    try {
      checkTime(now, 'now');
      for (const { envelope, registry } of entries) {
        checkStoredEnvelope(envelope);
        if (registry) checkRegistry(registry);
      }
      return this.#db.transaction(() => entries.map((entry) => this.#acceptOne(entry, now)));
    } finally {
      // After the commit, so that whoever waits for the tags finds them spent.
      for (const { reservation } of entries) reservation?.release();
    }
  }

  #acceptOne({ envelope, reservation, registry }: AcceptEntry, now: number): AcceptResult {
    if (this.envelopes.has(envelope.id)) return 'duplicate';
    if (reservation) {
      const conflict = this.spent.conflict(reservation.tags, reservation.context);
      if (conflict) return conflict.status;
      this.spent.insert(reservation.tags, reservation.context, envelope.id);
    }
    if (!reservation && !registry && this.#db.fill() > UNPROVEN_SHARE) return 'full';
    this.envelopes.insert(envelope);
    if (registry) this.registries.insert(registry, now);
    return 'accepted';
  }

  async apply(operations: readonly StoreOperation[]): Promise<void> {
    for (const operation of operations) checkOperation(operation);
    this.#db.transaction(() => {
      for (const operation of operations) this.#applyOne(operation);
    });
  }

  #applyOne(operation: StoreOperation): void {
    switch (operation.type) {
      case 'put-offer':
        this.offers.write(operation.record);
        break;
      case 'put-order':
        this.orders.write(operation.record);
        break;
      case 'delete-offer':
        this.offers.delete(operation.id);
        break;
      case 'delete-order':
        this.orders.delete(operation.id);
        break;
      case 'put-value':
        this.values.write(operation.namespace, operation.key, operation.value, operation.expiresAt);
        break;
      case 'delete-value':
        this.values.remove(operation.namespace, operation.key);
        break;
      default:
        throw new StoreError(StoreErrorCode.BadValue, 'an operation of no type');
    }
  }

  prune(now: number): Promise<PruneReport> {
    return prune(this.#db, now);
  }

  async status(): Promise<StoreStatus> {
    return {
      bytes: this.#db.pragma('page_count') * this.#db.pragma('page_size'),
      schemaVersion: this.#db.pragma('user_version'),
      envelopes: await this.envelopes.count(),
      tags: await this.spent.count(),
      reservations: this.spent.reserved,
      readonly: this.#db.readonly,
    };
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

function checkOperation(operation: StoreOperation): void {
  if (operation.type === 'put-offer' || operation.type === 'put-order') checkDocument(operation.record);
  if (operation.type === 'put-value') {
    checkValue(operation.namespace, operation.key, operation.value, operation.expiresAt);
  }
}
