import type { Context } from '../../program/interface.ts';
import { isZero } from '../holdings.ts';
import { requireNew, requireRecord, SPACE } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { ID_AT, ID_BYTES, KINDS, TAIL_AT } from './records.ts';

/** Beginnings of the keys of program 5, and what its operations ask of them. */

const prefix = (kind: number) => new Uint8Array([SPACE.vote, kind]);
export const ELECTORATE: Uint8Array = prefix(KINDS.electorate);
export const MEMBER: Uint8Array = prefix(KINDS.member);
export const TREASURY: Uint8Array = prefix(KINDS.treasury);
export const PROPOSAL: Uint8Array = prefix(KINDS.proposal);
export const BALLOT: Uint8Array = prefix(KINDS.ballot);
export const COUNTER: Uint8Array = prefix(KINDS.counter);

export function idOf(context: Context, key: number): Uint8Array {
  return context.keyBytes(key, ID_AT, ID_BYTES);
}

/** A key `[19][kind][id 10][zero 20]` without record. Zeros as id mean "none" in other records. @faults key, exists */
export function requireNewId(context: Context, key: number, kind: Uint8Array): void {
  context.require(context.keyMatches(key, 0, kind) && !isZero(idOf(context, key)), REFUSED.key);
  requireNew(context, key, TAIL_AT);
}

/** The record that another one names by its id. @faults key, missing */
export function requireNamed(context: Context, key: number, kind: Uint8Array, id: Uint8Array): void {
  requireRecord(context, key, kind);
  context.require(context.keyMatches(key, ID_AT, id), REFUSED.key);
}

/** A key `[19][kind][id of owner 10][tail 20]`, with a record or without. @faults key */
export function requirePart(context: Context, key: number, kind: Uint8Array, id: Uint8Array): void {
  context.require(context.keyMatches(key, 0, kind) && context.keyMatches(key, ID_AT, id), REFUSED.key);
}
