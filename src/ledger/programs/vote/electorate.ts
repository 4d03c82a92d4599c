import { ADDRESS_BYTES, HASH_BYTES } from '../../constants.ts';
import type { Context } from '../../program/interface.ts';
import { isZero } from '../holdings.ts';
import { requireRecord } from '../spaces.ts';
import { REFUSED } from '../statuses.ts';
import { ELECTORATE, idOf, MEMBER, requireNewId, requirePart } from './keys.ts';
import { ELECTORATE_RECORD, MEMBER_BYTES, MODES, VOTING_CIRCUITS } from './records.ts';

/** Program 5: who may vote. */

/**
 * {mode u8, circuit u8, electorate u8, authority 20, registry root 32, policy hash 32}. The authority admits members or
 * renews the root, and is trusted with that; a proof's electorate may do without one (zeros), a list may not.
 */
export function createElectorate(context: Context): void {
  context.require(context.argumentsLength === 87, REFUSED.malformed);
  const mode = context.argU8(0);
  const circuit = context.argU8(1);
  const key = context.argU8(2);
  const authority = context.argBytes(3, ADDRESS_BYTES);
  const fits = mode === MODES.proof ? VOTING_CIRCUITS[circuit] !== undefined : mode <= MODES.members && circuit === 0;
  context.require(fits && (mode !== MODES.members || !isZero(authority)), REFUSED.malformed);
  requireNewId(context, key, ELECTORATE);
  context.create(key, ELECTORATE_RECORD.bytes);
  context.setU8(key, ELECTORATE_RECORD.mode, mode);
  context.setU8(key, ELECTORATE_RECORD.circuit, circuit);
  context.setBytes(key, ELECTORATE_RECORD.authority, authority);
  context.setBytes(key, ELECTORATE_RECORD.root, context.argBytes(23, HASH_BYTES));
  context.setBytes(key, ELECTORATE_RECORD.policy, context.argBytes(55, HASH_BYTES));
}

/** {electorate u8, authority 20, registry root 32}, by the authority: the registry moves on, or the authority does. */
export function renewElectorate(context: Context): void {
  context.require(context.argumentsLength === 53, REFUSED.malformed);
  const key = context.argU8(0);
  requireAuthority(context, key);
  const authority = context.argBytes(1, ADDRESS_BYTES);
  const isList = context.u8(key, ELECTORATE_RECORD.mode) === MODES.members;
  context.require(!isList || !isZero(authority), REFUSED.malformed);
  context.setBytes(key, ELECTORATE_RECORD.authority, authority);
  context.setBytes(key, ELECTORATE_RECORD.root, context.argBytes(21, HASH_BYTES));
}

/** {electorate u8, first member u8, count u8}, by the authority. Who is admitted votes on what is opened in later milliseconds. */
export function admit(context: Context): void {
  const { first, count } = membersOf(context);
  for (let key = first; key < first + count; key += 1) {
    context.require(context.length(key) === 0, REFUSED.exists);
    context.create(key, MEMBER_BYTES);
    context.setU64(key, 0, context.time);
  }
}

/** {electorate u8, first member u8, count u8}, by the authority. Votes that were cast stay. */
export function expel(context: Context): void {
  const { first, count } = membersOf(context);
  for (let key = first; key < first + count; key += 1) {
    context.require(context.length(key) !== 0, REFUSED.missing);
    context.remove(key);
  }
}

/** Members' keys stand one behind the other: they differ in their last 20 bytes only. */
function membersOf(context: Context): { first: number; count: number } {
  context.require(context.argumentsLength === 3, REFUSED.malformed);
  const electorate = context.argU8(0);
  const first = context.argU8(1);
  const count = context.argU8(2);
  context.require(count > 0, REFUSED.malformed);
  requireAuthority(context, electorate);
  context.require(context.u8(electorate, ELECTORATE_RECORD.mode) === MODES.members, REFUSED.state);
  const id = idOf(context, electorate);
  for (let key = first; key < first + count; key += 1) requirePart(context, key, MEMBER, id);
  return { first, count };
}

function requireAuthority(context: Context, key: number): void {
  requireRecord(context, key, ELECTORATE);
  const authority = context.bytes(key, ELECTORATE_RECORD.authority, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, authority), REFUSED.party);
}
