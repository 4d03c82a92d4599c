import type { SQLInputValue } from 'node:sqlite';
import { DEFAULT_PAGE_ITEMS, MAX_DOCUMENT_BYTES, MAX_PAGE_ITEMS } from './constants.ts';
import type { Database } from './database.ts';
import type { DocumentQuery, DocumentRecord, Documents } from './documents-interface.ts';
import { StoreError } from './errors.ts';
import { type Page, StoreErrorCode } from './interface.ts';
import {
  checkLimit,
  checkText,
  checkTime,
  decodeCursor,
  idToBytes,
  numberOf,
  pageOf,
  type Row,
  textOf,
} from './values.ts';

const COLUMNS = 'seq, id, state, parent, role, deadline, updated_at, version, data';

/** Offers or orders: two tables of one shape. */
export class SqliteDocuments implements Documents {
  readonly #db: Database;
  readonly #table: 'offers' | 'orders';

  constructor(db: Database, table: 'offers' | 'orders') {
    this.#db = db;
    this.#table = table;
  }

  async get(id: string): Promise<DocumentRecord | undefined> {
    idToBytes(id, 'id');
    const row = this.#db.statement(`SELECT ${COLUMNS} FROM ${this.#table} WHERE id = ?`).get(id);
    return row && toDocument(row);
  }

  async query(query: DocumentQuery): Promise<Page<DocumentRecord>> {
    const limit = checkLimit(query.limit, DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS);
    const { where, values } = conditions(query);
    where.push('seq > ?');
    values.push(decodeCursor(query.cursor));
    const rows = this.#db
      .statement(`SELECT ${COLUMNS} FROM ${this.#table} WHERE ${where.join(' AND ')} ORDER BY seq LIMIT ?`)
      .all(...values, limit + 1);
    return pageOf(rows, limit, toDocument);
  }

  async count(query: Pick<DocumentQuery, 'state' | 'parent' | 'role'> = {}): Promise<number> {
    const { where, values } = conditions(query);
    const filter = where.length > 0 ? `WHERE ${where.join(' AND ')}` : '';
    const row = this.#db.statement(`SELECT count(*) AS n FROM ${this.#table} ${filter}`).get(...values);
    return numberOf(row ?? {}, 'n');
  }

  /** Inside the caller's transaction. @throws StoreError STORE_CONFLICT */
  write(record: DocumentRecord): void {
    const { id, state, parent, role, deadline, updatedAt, version, data } = record;
    const changed =
      version === 1
        ? this.#db
            .statement(
              `INSERT INTO ${this.#table} (id, state, parent, role, deadline, updated_at, version, data)
               VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (id) DO NOTHING`,
            )
            .run(id, state, parent, role, deadline, updatedAt, data)
        : this.#db
            .statement(
              `UPDATE ${this.#table} SET state = ?, parent = ?, role = ?, deadline = ?, updated_at = ?, version = ?, data = ?
               WHERE id = ? AND version = ?`,
            )
            .run(state, parent, role, deadline, updatedAt, version, data, id, version - 1);
    if (changed === 1) return;
    throw new StoreError(StoreErrorCode.Conflict, `the record changed meanwhile; this is not version ${version - 1}`, {
      hint: 'Read it again, then decide again.',
      where: id,
    });
  }

  /** Inside the caller's transaction. */
  delete(id: string): void {
    this.#db.statement(`DELETE FROM ${this.#table} WHERE id = ?`).run(id);
  }
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkDocument(record: DocumentRecord): void {
  idToBytes(record.id, 'id');
  checkText(record.state, 32, 'state');
  checkText(record.parent, 64, 'parent');
  checkText(record.role, 32, 'role');
  checkTime(record.deadline, 'deadline');
  checkTime(record.updatedAt, 'updatedAt');
  checkText(record.data, MAX_DOCUMENT_BYTES, 'data');
  if (!Number.isSafeInteger(record.version) || record.version < 1) {
    throw new StoreError(StoreErrorCode.BadValue, 'version counts from 1', { where: 'version' });
  }
}

function conditions(query: DocumentQuery): { where: string[]; values: SQLInputValue[] } {
  const where: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, value: SQLInputValue | undefined) => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  add('state = ?', query.state);
  add('parent = ?', query.parent);
  add('role = ?', query.role);
  add('deadline <= ?', query.deadlineUpTo);
  return { where, values };
}

function toDocument(row: Row): DocumentRecord {
  return {
    id: textOf(row, 'id'),
    state: textOf(row, 'state'),
    parent: textOf(row, 'parent'),
    role: textOf(row, 'role'),
    deadline: numberOf(row, 'deadline'),
    updatedAt: numberOf(row, 'updated_at'),
    version: numberOf(row, 'version'),
    data: textOf(row, 'data'),
  };
}
