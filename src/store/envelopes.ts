import type { SQLInputValue } from 'node:sqlite';
import { MAX_ENVELOPE_BYTES, TIME_LIMIT } from '../envelope/constants.ts';
import { ENVELOPE_KINDS } from '../envelope/interface.ts';
import { DEFAULT_PAGE_ITEMS, LIST_STEP_ROWS, MAX_PAGE_ITEMS } from './constants.ts';
import type { Database, Statement } from './database.ts';
import type { EnvelopeQuery, EnvelopeRef, Envelopes, StoredEnvelope } from './envelopes-interface.ts';
import { StoreError } from './errors.ts';
import { type Page, StoreErrorCode } from './interface.ts';
import {
  bytesOf,
  checkLimit,
  checkText,
  checkTime,
  decodeCursor,
  hexOf,
  idToBytes,
  numberOf,
  pageOf,
  type Row,
  textOf,
} from './values.ts';

const COLUMNS = 'seq, id, topic, kind, offer_id, pseudonym, expires_at, received_at, bytes';

export class SqliteEnvelopes implements Envelopes {
  readonly #db: Database;
  readonly #author: Statement;
  readonly #get: Statement;
  readonly #insert: Statement;
  readonly #list: Statement;
  readonly #count: Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#author = db.statement('SELECT pseudonym FROM envelopes WHERE id = ?');
    this.#get = db.statement(`SELECT ${COLUMNS} FROM envelopes WHERE id = ?`);
    this.#insert = db.statement(
      `INSERT INTO envelopes (id, topic, kind, offer_id, pseudonym, expires_at, received_at, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#list = db.statement(
      `SELECT id, expires_at, topic FROM envelopes
       WHERE (expires_at, id) > (?, ?) AND expires_at < ? ORDER BY expires_at, id LIMIT ?`,
    );
    this.#count = db.statement('SELECT count(*) AS n FROM envelopes');
  }

  has(id: string): boolean {
    return this.authorOf(id) !== undefined;
  }

  authorOf(id: string): string | undefined {
    const row = this.#author.get(idToBytes(id, 'id'));
    return row && hexOf(row, 'pseudonym');
  }

  async get(id: string): Promise<StoredEnvelope | undefined> {
    const row = this.#get.get(idToBytes(id, 'id'));
    return row && toEnvelope(row);
  }

  async query(query: EnvelopeQuery): Promise<Page<StoredEnvelope>> {
    const limit = checkLimit(query.limit, DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS);
    const where = ['seq > ?'];
    const values: SQLInputValue[] = [decodeCursor(query.cursor)];
    const add = (condition: string, value: SQLInputValue) => {
      where.push(condition);
      values.push(value);
    };
    if (query.kind !== undefined) add('kind = ?', query.kind);
    if (query.topic !== undefined) add('topic = ?', query.topic);
    // The index leaves out '', so it serves only when the text says so.
    if (query.offerId !== undefined) add("offer_id = ? AND offer_id <> ''", query.offerId);
    if (query.pseudonym !== undefined) add('pseudonym = ?', idToBytes(query.pseudonym, 'pseudonym'));
    if (query.expiresAfter !== undefined) add('expires_at > ?', checkTime(query.expiresAfter, 'expiresAfter'));
    const rows = this.#db
      .statement(`SELECT ${COLUMNS} FROM envelopes WHERE ${where.join(' AND ')} ORDER BY seq LIMIT ?`)
      .all(...values, limit + 1);
    return pageOf(rows, limit, toEnvelope);
  }

  *list(fromExpiry: number, toExpiry: number): Iterable<EnvelopeRef> {
    const to = Math.min(toExpiry, TIME_LIMIT);
    // Behind every id of the second before: 33 bytes sort after any 32.
    let after = { expiresAt: Math.max(0, fromExpiry) - 1, id: new Uint8Array(33).fill(0xff) as Uint8Array };
    while (true) {
      const rows = this.#list.all(after.expiresAt, after.id, to, LIST_STEP_ROWS);
      for (const row of rows) {
        yield { id: hexOf(row, 'id'), expiresAt: numberOf(row, 'expires_at'), topic: textOf(row, 'topic') };
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < LIST_STEP_ROWS) return;
      after = { expiresAt: numberOf(last, 'expires_at'), id: bytesOf(last, 'id') };
    }
  }

  async count(): Promise<number> {
    return numberOf(this.#count.get() ?? {}, 'n');
  }

  /** Inside the caller's transaction; the caller has seen that the id is new. */
  insert(envelope: StoredEnvelope): void {
    this.#insert.run(
      idToBytes(envelope.id, 'id'),
      envelope.topic,
      envelope.kind,
      envelope.offerId,
      idToBytes(envelope.pseudonym, 'pseudonym'),
      envelope.expiresAt,
      envelope.receivedAt,
      envelope.bytes,
    );
  }
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkStoredEnvelope(envelope: StoredEnvelope): void {
  idToBytes(envelope.id, 'id');
  idToBytes(envelope.pseudonym, 'pseudonym');
  if (envelope.offerId !== '') idToBytes(envelope.offerId, 'offerId');
  checkTime(envelope.expiresAt, 'expiresAt');
  checkTime(envelope.receivedAt, 'receivedAt');
  checkText(envelope.topic, 256, 'topic');
  if (envelope.bytes.length === 0 || envelope.bytes.length > MAX_ENVELOPE_BYTES) {
    throw new StoreError(StoreErrorCode.BadValue, `an envelope has 1 to ${MAX_ENVELOPE_BYTES} bytes`, {
      where: 'bytes',
    });
  }
}

function toEnvelope(row: Row): StoredEnvelope {
  const kind = ENVELOPE_KINDS.find((name) => name === row['kind']);
  if (kind === undefined) throw new StoreError(StoreErrorCode.Corrupt, 'the store holds an envelope of no kind');
  return {
    id: hexOf(row, 'id'),
    topic: textOf(row, 'topic'),
    kind,
    offerId: textOf(row, 'offer_id'),
    pseudonym: hexOf(row, 'pseudonym'),
    expiresAt: numberOf(row, 'expires_at'),
    receivedAt: numberOf(row, 'received_at'),
    bytes: bytesOf(row, 'bytes'),
  };
}
