import { KEY_BYTES } from '../constants.ts';
import { join } from '../keys.ts';
import type { Context } from '../program/interface.ts';
import { isZero } from './holdings.ts';
import { REFUSED } from './statuses.ts';

/** First byte of the keys of each program that has records of its own. */
export const SPACE = { escrow: 16, settlement: 17, nft: 18, vote: 19, lending: 20, provenance: 21 } as const;

const TAG_AT = 21;
export const TAG_BYTES = 8;

/**
 * `[space][owner 20][tag u64][zero 3]`: a record that only its owner can make, so that nobody can take a name before
 * somebody else or make a record in another's name.
 * @param tag a number of the owner's choice; one that was never used before is best
 */
export function ownedKey(space: number, owner: Uint8Array, tag: bigint): Uint8Array {
  return join(space, owner, tagBytes(tag));
}

export function tagBytes(tag: bigint): Uint8Array {
  const bytes = new Uint8Array(TAG_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, tag, true);
  return bytes;
}

/** Owner of an `ownedKey`. */
export function ownerOf(context: Context, key: number): Uint8Array {
  return context.keyBytes(key, 1, TAG_AT - 1);
}

/** @faults key, party, exists unless this is an `ownedKey` of the signer without a record */
export function requireNewOwned(context: Context, key: number, space: number): void {
  context.require(context.keySpace(key) === space, REFUSED.key);
  context.require(context.keyIsSigners(key), REFUSED.party);
  requireNew(context, key, TAG_AT + TAG_BYTES);
}

/** @faults key, exists unless the key is zero from `end` on and has no record */
export function requireNew(context: Context, key: number, end: number): void {
  context.require(isZero(context.keyBytes(key, end, KEY_BYTES - end)), REFUSED.key);
  context.require(context.length(key) === 0, REFUSED.exists);
}

/**
 * Only the program makes records in its space, so a record under the right prefix is one of the kind and its key canonical.
 * @param prefix the space, and the kind where the space has several
 * @faults key, missing
 */
export function requireRecord(context: Context, key: number, prefix: Uint8Array): void {
  context.require(context.keyMatches(key, 0, prefix), REFUSED.key);
  context.require(context.length(key) !== 0, REFUSED.missing);
}
