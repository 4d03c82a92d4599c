/** The small tables: proof jobs, kept values, known peers, idempotency keys. */
import { KEPT_JOBS, KEPT_PEERS, MAX_JOB_RESULT_BYTES, MAX_VALUE_BYTES } from './constants.ts';
import type { Database } from './database.ts';
import { StoreError } from './errors.ts';
import { StoreErrorCode } from './interface.ts';
import type {
  IdempotencyKeys,
  IdempotencyResult,
  JobRecord,
  Jobs,
  PeerRecord,
  Peers,
  Values,
} from './side-tables-interface.ts';
import { checkLimit, checkText, checkTime, numberOf, type Row, textOf } from './values.ts';

const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export class SqliteJobs implements Jobs {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async put(job: JobRecord): Promise<void> {
    checkText(job.id, 128, 'id');
    checkText(job.circuit, 64, 'circuit');
    checkText(job.code, 64, 'code');
    checkText(job.result, MAX_JOB_RESULT_BYTES, 'result');
    this.#db
      .statement(
        `INSERT INTO jobs (id, circuit, state, created_at, updated_at, code, result) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at, code = excluded.code,
         result = excluded.result`,
      )
      .run(
        job.id,
        job.circuit,
        job.state,
        checkTime(job.createdAt, 'createdAt'),
        checkTime(job.updatedAt, 'updatedAt'),
        job.code,
        job.result,
      );
  }

  async get(id: string): Promise<JobRecord | undefined> {
    const row = this.#db.statement('SELECT * FROM jobs WHERE id = ?').get(id);
    return row && toJob(row);
  }

  async recent(limit?: number): Promise<JobRecord[]> {
    return this.#db
      .statement('SELECT * FROM jobs ORDER BY created_at DESC, id LIMIT ?')
      .all(checkLimit(limit, 100, KEPT_JOBS))
      .map(toJob);
  }
}

function toJob(row: Row): JobRecord {
  const state = JOB_STATES.find((name) => name === row['state']);
  if (state === undefined) throw new StoreError(StoreErrorCode.Corrupt, 'the store holds a job in no state');
  return {
    id: textOf(row, 'id'),
    circuit: textOf(row, 'circuit'),
    state,
    createdAt: numberOf(row, 'created_at'),
    updatedAt: numberOf(row, 'updated_at'),
    code: textOf(row, 'code'),
    result: textOf(row, 'result'),
  };
}

export class SqliteValues implements Values {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get(namespace: string, key: string): Promise<string | undefined> {
    const row = this.#db.statement('SELECT value FROM kept_values WHERE namespace = ? AND key = ?').get(namespace, key);
    return row && textOf(row, 'value');
  }

  async set(namespace: string, key: string, value: string, expiresAt?: number): Promise<void> {
    checkValue(namespace, key, value, expiresAt);
    this.write(namespace, key, value, expiresAt);
  }

  async delete(namespace: string, key: string): Promise<void> {
    this.remove(namespace, key);
  }

  async list(namespace: string, limit?: number): Promise<{ key: string; value: string }[]> {
    return this.#db
      .statement('SELECT key, value FROM kept_values WHERE namespace = ? ORDER BY key LIMIT ?')
      .all(namespace, checkLimit(limit, 1000, 100_000))
      .map((row) => ({ key: textOf(row, 'key'), value: textOf(row, 'value') }));
  }

  write(namespace: string, key: string, value: string, expiresAt: number | undefined): void {
    this.#db
      .statement(
        `INSERT INTO kept_values (namespace, key, value, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
      )
      .run(namespace, key, value, expiresAt ?? null);
  }

  remove(namespace: string, key: string): void {
    this.#db.statement('DELETE FROM kept_values WHERE namespace = ? AND key = ?').run(namespace, key);
  }
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkValue(namespace: string, key: string, value: string, expiresAt: number | undefined): void {
  checkText(namespace, 64, 'namespace');
  checkText(key, 256, 'key');
  checkText(value, MAX_VALUE_BYTES, 'value');
  if (expiresAt !== undefined) checkTime(expiresAt, 'expiresAt');
}

export class SqlitePeers implements Peers {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async put(peer: PeerRecord): Promise<void> {
    checkText(peer.peerId, 128, 'peerId');
    const addresses = checkText(JSON.stringify(peer.addresses), 8192, 'addresses');
    this.#db.transaction(() => {
      this.#db
        .statement(
          `INSERT INTO peers (peer_id, addresses, last_seen) VALUES (?, ?, ?)
           ON CONFLICT (peer_id) DO UPDATE SET addresses = excluded.addresses, last_seen = excluded.last_seen`,
        )
        .run(peer.peerId, addresses, checkTime(peer.lastSeen, 'lastSeen'));
      this.#db
        .statement(
          `DELETE FROM peers WHERE peer_id IN (SELECT peer_id FROM peers ORDER BY last_seen DESC LIMIT -1 OFFSET ?)`,
        )
        .run(KEPT_PEERS);
    });
  }

  async recent(limit?: number): Promise<PeerRecord[]> {
    return this.#db
      .statement('SELECT peer_id, addresses, last_seen FROM peers ORDER BY last_seen DESC, peer_id LIMIT ?')
      .all(checkLimit(limit, 100, KEPT_PEERS))
      .map((row) => ({
        peerId: textOf(row, 'peer_id'),
        addresses: JSON.parse(textOf(row, 'addresses')) as string[],
        lastSeen: numberOf(row, 'last_seen'),
      }));
  }

  async delete(peerId: string): Promise<void> {
    this.#db.statement('DELETE FROM peers WHERE peer_id = ?').run(peerId);
  }
}

export class SqliteIdempotencyKeys implements IdempotencyKeys {
  readonly #db: Database;
  /** Begun here and not finished: after a crash a key is free again, since nobody works on it. */
  readonly #running = new Map<string, string>();

  constructor(db: Database) {
    this.#db = db;
  }

  async begin(key: string, requestHash: string, expiresAt: number): Promise<IdempotencyResult> {
    checkText(key, 512, 'key');
    checkText(requestHash, 128, 'requestHash');
    checkTime(expiresAt, 'expiresAt');
    const runningHash = this.#running.get(key);
    if (runningHash !== undefined) return { status: runningHash === requestHash ? 'running' : 'mismatch' };
    const row = this.#db.statement('SELECT request_hash, response FROM idempotency_keys WHERE key = ?').get(key);
    if (row && textOf(row, 'request_hash') !== requestHash) return { status: 'mismatch' };
    if (row && row['response'] !== null) return { status: 'done', response: textOf(row, 'response') };
    if (!row) {
      this.#db
        .statement('INSERT INTO idempotency_keys (key, request_hash, expires_at) VALUES (?, ?, ?)')
        .run(key, requestHash, expiresAt);
    }
    this.#running.set(key, requestHash);
    return { status: 'new' };
  }

  async finish(key: string, response: string): Promise<void> {
    checkText(response, MAX_VALUE_BYTES, 'response');
    this.#db.statement('UPDATE idempotency_keys SET response = ? WHERE key = ?').run(response, key);
    this.#running.delete(key);
  }

  async abandon(key: string): Promise<void> {
    this.#running.delete(key);
    this.#db.statement('DELETE FROM idempotency_keys WHERE key = ? AND response IS NULL').run(key);
  }
}
