/** Between rows and plain values: SQLite's columns are checked on their way out, callers' values on their way in. */
import type { SQLOutputValue } from 'node:sqlite';
import { fromHex, toHex } from '../base/bytes.ts';
import { TIME_LIMIT } from '../envelope/constants.ts';
import { StoreError } from './errors.ts';
import { type Page, StoreErrorCode } from './interface.ts';

export type Row = Record<string, SQLOutputValue>;

const damaged = (column: string) =>
  new StoreError(StoreErrorCode.Corrupt, `the store holds a wrong value in ${column}`, { where: column });

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column);
  return value;
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged(column);
  return value;
}

export function hexOf(row: Row, column: string): string {
  return toHex(bytesOf(row, column));
}

const bad = (where: string, rule: string) => new StoreError(StoreErrorCode.BadValue, `${where} ${rule}`, { where });

/** 32 bytes from hex. @throws StoreError STORE_BAD_VALUE */
export function idToBytes(id: string, where: string): Uint8Array {
  const bytes = fromHex(id, 32);
  if (bytes === undefined) throw bad(where, 'must be 64 lower-case hex digits');
  return bytes;
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkTime(time: number, where: string): number {
  if (!Number.isSafeInteger(time) || time < 0 || time >= TIME_LIMIT) {
    throw bad(where, 'must be a whole Unix second below 2^40');
  }
  return time;
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkCount(count: number, where: string): number {
  if (!Number.isSafeInteger(count) || count < 0) throw bad(where, 'must be a whole number');
  return count;
}

/** @throws StoreError STORE_BAD_VALUE */
export function checkText(text: string, maxBytes: number, where: string): string {
  if (Buffer.byteLength(text, 'utf8') > maxBytes) throw bad(where, `must have at most ${maxBytes} bytes`);
  return text;
}

/** Rows of a page. @throws StoreError STORE_BAD_VALUE */
export function checkLimit(limit: number | undefined, preset: number, max: number): number {
  if (limit === undefined) return preset;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > max) throw bad('limit', `must be 1 to ${max}`);
  return limit;
}

/** Opaque to callers; the row number behind it never comes again, so pages neither skip nor repeat. */
function encodeCursor(seq: number): string {
  return Buffer.from(`1:${seq}`, 'utf8').toString('base64url');
}

/** A page of rows that were read by `seq`, one more than `limit` of them if there are more. */
export function pageOf<T>(rows: readonly Row[], limit: number, read: (row: Row) => T): Page<T> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(read),
    next: rows.length > limit && last !== undefined ? encodeCursor(numberOf(last, 'seq')) : undefined,
  };
}

/** @throws StoreError STORE_BAD_CURSOR */
export function decodeCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const seq = /^1:([1-9][0-9]{0,15})$/.exec(Buffer.from(cursor.slice(0, 64), 'base64url').toString('utf8'))?.[1];
  if (seq === undefined || encodeCursor(Number(seq)) !== cursor) {
    throw new StoreError(StoreErrorCode.BadCursor, 'the cursor is none of ours', {
      hint: 'Use `next` of the page before, or leave it out.',
      where: 'cursor',
    });
  }
  return Number(seq);
}
