import { isCodedError } from '../base/errors.ts';
import { type EntityType, encodeIdentity, nameKey, personRefOf } from '../claims/index.ts';
import { IssuerError, IssuerErrorCode } from './errors.ts';
import { holderOf, isFutureDay, keyOf } from './fields.ts';
import type { IssueIdentityOptions, RejectedItem } from './interface.ts';

/** One good identity record, already reduced to what goes into the credential. */
export interface IdentityRecord {
  at: number;
  holder: string;
  /** Decimal, salted. */
  personRef: string;
  attributes: string[];
}

export interface IdentityRecords {
  records: IdentityRecord[];
  rejected: RejectedItem[];
  unregistered: number[];
}

/** A batch is one ledger write; larger registers are issued in parts. */
const MAX_RECORDS = 100_000;
const MAX_TEXT = 400;

/** Keys as KYC providers write them, after `keyOf`. */
const KNOWN_KEYS = {
  legalName: ['legalname', 'fullname', 'name'],
  birthDate: ['birthdate', 'dateofbirth', 'dob'],
  country: ['country', 'countryofresidence', 'residence', 'residencecountry'],
  nationality: ['nationality', 'citizenship'],
  kycLevel: ['kyclevel', 'kyc', 'level'],
  personReference: ['personreference', 'personref', 'personid', 'reference'],
  customer: ['customer', 'customerid', 'clientid'],
  holder: ['holder', 'holdercommitment', 'commitment'],
  entityType: ['entitytype', 'type'],
} as const;
type RecordField = keyof typeof KNOWN_KEYS;

/**
 * Reads identity records: an array, or an object with `records`. Bad records are reported and left out.
 * @param salt the issuer's own, for person references
 * @throws IssuerError ISSUER_BAD_RECORDS where the whole is no array of records
 */
export function readRecords(
  input: unknown,
  options: IssueIdentityOptions,
  salt: Uint8Array,
  now: number,
): IdentityRecords {
  const list = isObject(input) ? input['records'] : input;
  if (!Array.isArray(list)) {
    throw new IssuerError(IssuerErrorCode.BadRecords, 'identity records are an array, or an object with "records"');
  }
  if (list.length > MAX_RECORDS) {
    throw new IssuerError(IssuerErrorCode.BadRecords, `${list.length} records; at most ${MAX_RECORDS} at once`);
  }
  const out: IdentityRecords = { records: [], rejected: [], unregistered: [] };
  for (const [index, item] of list.entries()) {
    const at = index + 1;
    try {
      const record = readRecord(item, options, salt, now);
      if (record.holder === undefined) out.unregistered.push(at);
      else out.records.push({ at, ...record, holder: record.holder });
    } catch (error) {
      if (!isCodedError(error)) throw error;
      // The claims folder's codes say which attribute; in a report all of them are one thing, a bad record.
      const code = error instanceof IssuerError ? error.code : IssuerErrorCode.BadRecord;
      out.rejected.push({ at, code, reason: error.message });
    }
  }
  return out;
}

function readRecord(
  item: unknown,
  options: IssueIdentityOptions,
  salt: Uint8Array,
  now: number,
): { holder: string | undefined; personRef: string; attributes: string[] } {
  if (!isObject(item)) throw bad('it is no object');
  const fields = fieldsOf(item);
  const text = (field: RecordField): string => {
    const value = fields.get(field);
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string') throw bad(`${field} is no text`);
    if (value.length > MAX_TEXT) throw bad(`${field} is longer than ${MAX_TEXT} characters`);
    return value.trim();
  };
  const needed = (field: RecordField): string => {
    const value = text(field);
    if (value === '') throw bad(`${field} is missing`);
    return value;
  };

  const entityType = text('entityType').toLowerCase() || 'person';
  const birthDate = entityType === 'company' && text('birthDate') === '' ? undefined : needed('birthDate');
  if (birthDate !== undefined && isFutureDay(birthDate, now)) throw bad('birthDate lies in the future');
  const personRef = personRefOf(salt, needed('personReference').normalize('NFC'));
  const attributes = encodeIdentity({
    entityType: entityType as EntityType,
    birthDate,
    country: needed('country').toUpperCase(),
    nationality: needed('nationality').toUpperCase(),
    kycLevel: levelOf(fields.get('kycLevel')),
    nameKey: nameKey(needed('legalName')),
    personRef,
  });
  const holder = holderOf(text('holder'), text('customer'), options.registrations);
  return { holder, personRef: personRef.toString(), attributes };
}

function fieldsOf(item: Record<string, unknown>): Map<RecordField, unknown> {
  const fields = new Map<RecordField, unknown>();
  for (const [key, value] of Object.entries(item)) {
    const wanted = keyOf(key);
    for (const field of Object.keys(KNOWN_KEYS) as RecordField[]) {
      if (!(KNOWN_KEYS[field] as readonly string[]).includes(wanted)) continue;
      // Two spellings of one field in one record: whichever won would be an accident of order.
      if (fields.has(field)) throw bad(`${field} is stated twice`);
      fields.set(field, value);
    }
  }
  return fields;
}

function levelOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^[0-9]{1,3}$/.test(value)) return Number(value);
  throw bad('kycLevel is missing or no whole number');
}

function bad(reason: string): IssuerError {
  return new IssuerError(IssuerErrorCode.BadRecord, reason);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
