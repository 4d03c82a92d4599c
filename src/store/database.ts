import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { APPLICATION_ID, BUSY_TIMEOUT_MS, QUICK_CHECK_MAX_BYTES } from './constants.ts';
import { StoreError, toStoreError } from './errors.ts';
import { StoreErrorCode } from './interface.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Row } from './values.ts';

export interface DatabaseInit {
  /** Folder of `store.sqlite` and `store.lock`. */
  dataDir: string;
  readonly: boolean;
  maxBytes: number;
}

/** A prepared statement whose failures are `StoreError`s. */
export interface Statement {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** @returns rows changed */
  run(...values: SQLInputValue[]): number;
}

/**
 * The file behind the store: one writer, write-ahead log, a flush for every commit. The writer's claim is a lock on
 * `store.lock`, which the operating system gives back however the process ends.
 */
export class Database {
  readonly readonly: boolean;
  readonly #db: DatabaseSync;
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();
  #open = true;

  /** @throws StoreError STORE_LOCKED, _CORRUPT, _VERSION, _READONLY, _FULL, _IO, _BUSY */
  constructor(init: DatabaseInit) {
    this.readonly = init.readonly;
    const path = join(init.dataDir, 'store.sqlite');
    try {
      if (init.readonly) {
        if (!existsSync(path)) throw new StoreError(StoreErrorCode.Io, 'there is no store in the data folder');
      } else {
        mkdirSync(init.dataDir, { recursive: true, mode: 0o700 });
        this.#lock = takeLock(join(init.dataDir, 'store.lock'));
        createPrivateFile(path);
      }
    } catch (error) {
      this.#lock?.close();
      throw toStoreError(fromFileSystem(error));
    }
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { readOnly: init.readonly, timeout: BUSY_TIMEOUT_MS });
      prepareFile(db, init);
      this.#db = db;
    } catch (error) {
      db?.close();
      this.#lock?.close();
      throw toStoreError(error);
    }
  }

  /** The statement for this text, prepared once. @throws StoreError STORE_CLOSED */
  statement(sql: string): Statement {
    return {
      get: (...values) => this.#guard(() => this.#prepared(sql).get(...values)),
      all: (...values) => this.#guard(() => this.#prepared(sql).all(...values)),
      run: (...values) => this.#guard(() => Number(this.#prepared(sql).run(...values).changes)),
    };
  }

  /** Runs `work` in one transaction; when this returns, it is on the disk. A throw undoes all of it. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some failures (disk full, I/O).
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Part of the quota that is in use, from 0 to 1. */
  fill(): number {
    return (this.pragma('page_count') - this.pragma('freelist_count')) / this.pragma('max_page_count');
  }

  pragma(name: 'page_count' | 'page_size' | 'user_version' | 'freelist_count' | 'max_page_count'): number {
    const value = Object.values(this.statement(`PRAGMA ${name}`).get() ?? {})[0];
    return typeof value === 'number' ? value : 0;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#db.close();
    this.#lock?.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const made = this.#db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #guard<T>(work: () => T): T {
    if (!this.#open) throw new StoreError(StoreErrorCode.Closed, 'the store is closed');
    try {
      return work();
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

function takeLock(path: string): DatabaseSync {
  createPrivateFile(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const coded = toStoreError(error);
    if (coded.code !== StoreErrorCode.Busy) throw coded;
    throw new StoreError(StoreErrorCode.Locked, 'another process works in this data folder', {
      hint: 'Stop the other node, or give this one its own --data-dir.',
    });
  }
}

/** SQLite gives its side files the mode of the main one, so that nobody else reads orders from any of them. */
function createPrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

function prepareFile(db: DatabaseSync, init: DatabaseInit): void {
  const pragma = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const version = pragma('user_version');
  const fresh = version === 0 && pragma('page_count') === 0;
  if (!fresh && pragma('application_id') !== APPLICATION_ID) {
    throw new StoreError(StoreErrorCode.Corrupt, 'the file is a database, but no store', {
      hint: 'Check the data folder.',
    });
  }
  if (version > MIGRATIONS.length || (init.readonly && version < MIGRATIONS.length)) {
    throw new StoreError(StoreErrorCode.Version, `the store has version ${version}, this is for ${MIGRATIONS.length}`, {
      hint:
        version > MIGRATIONS.length ? 'Use a newer zkbazaar.' : 'Start the node once, so that it brings it up to date.',
    });
  }
  if (pragma('page_count') * pragma('page_size') <= QUICK_CHECK_MAX_BYTES) {
    const verdict = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (verdict !== 'ok') throw new StoreError(StoreErrorCode.Corrupt, 'the store is damaged');
  }
  if (init.readonly) return;
  // FULL: a commit is flushed before it returns. With NORMAL, a power cut could bring a spent nullifier back.
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF',
  );
  db.exec('PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8192');
  db.exec(`PRAGMA max_page_count = ${Math.max(64, Math.floor(init.maxBytes / pragma('page_size')))}`);
  MIGRATIONS.forEach((sql, index) => {
    if (index < version) return;
    db.exec(
      `BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; PRAGMA application_id = ${APPLICATION_ID}; COMMIT`,
    );
  });
}

function fromFileSystem(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const details = { cause: error, hint: 'Check the path, owner and space of the data folder.' };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StoreError(StoreErrorCode.Readonly, 'the data folder cannot be written', details);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return new StoreError(StoreErrorCode.Full, 'the disk is full', details);
  if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'ENOENT' || code === 'EIO' || code === 'EISDIR') {
    return new StoreError(StoreErrorCode.Io, 'the data folder cannot be used', details);
  }
  return error;
}
