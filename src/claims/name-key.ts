import { sha256, toHex, utf8 } from '../base/bytes.ts';
import { bytesToInteger } from '../base/field.ts';
import { sha248 } from '../crypto/index.ts';
import { ClaimError, ClaimErrorCode } from './errors.ts';

/** Keys of names, accounts and people: what an issuer writes into a credential in place of the thing itself. */

/**
 * A legal name without what spellings differ in: accents, case, punctuation, order of the words.
 * `GARCÍA-LÓPEZ, María` and `Maria Garcia Lopez` are one name. Transliteration is the list publisher's and issuer's task.
 */
export function normaliseName(legalName: string): string {
  return legalName
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .sort()
    .join(' ');
}

/**
 * 128-bit key of a legal name, the same for issuers and list importers: equal names meet on the list.
 * @throws ClaimError CLAIM_BAD_ATTRIBUTE for a name without a letter or digit
 */
export function nameKey(legalName: string): bigint {
  const normalised = normaliseName(legalName);
  if (normalised === '') throw new ClaimError(ClaimErrorCode.BadAttribute, 'a name has no letter and no digit');
  return first128(sha256(utf8(`zkbazaar/name/1\n${normalised}`)));
}

/**
 * 128-bit reference of an account. The same account must get the same reference in every credential, or it could be
 * counted twice; so `salt` belongs to the custodian and never changes. It keeps account numbers from being guessed.
 */
export function accountRefOf(salt: Uint8Array, custodian: string, accountNumber: string): bigint {
  return first128(sha256(utf8(`zkbazaar/account/1\n${toHex(salt)}\n${JSON.stringify([custodian, accountNumber])}`)));
}

/** Reference of a person at one issuer; `salt` is the issuer's own and never changes. */
export function personRefOf(salt: Uint8Array, personId: string): bigint {
  return sha248(utf8(`zkbazaar/person/1\n${toHex(salt)}\n${personId}`));
}

// Keys live strictly between a gap tree's sentinels 0 and 2^128-1; the clamp is never reached but by design of nobody.
function first128(hash: Uint8Array): bigint {
  const value = bytesToInteger(hash.subarray(0, 16));
  if (value === 0n) return 1n;
  return value === (1n << 128n) - 1n ? value - 1n : value;
}
