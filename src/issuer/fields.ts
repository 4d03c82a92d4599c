import { parseDecimal } from '../base/field.ts';
import { dayOf, parseDate } from '../claims/index.ts';
import { IssuerError, IssuerErrorCode } from './errors.ts';
import type { Registrations } from './interface.ts';

/** Credentials' times are below 2^40 in the circuits; the year 36812. */
const MAX_TIME = 2 ** 40;

/** `Legal name`, `legal_name` and `legalName` are one key. */
export function keyOf(header: string): string {
  return header
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

/** A holder commitment: canonical decimal in [1, r). */
export function isHolder(value: unknown): value is string {
  return typeof value === 'string' && value !== '0' && parseDecimal(value) !== undefined;
}

/**
 * The holder of a record: its own column, else the one registered for its customer.
 * @returns undefined where the customer has registered none
 * @throws IssuerError ISSUER_BAD_HOLDER
 */
export function holderOf(
  holder: string,
  customer: string,
  registrations: Registrations | undefined,
): string | undefined {
  const registered = customer === '' ? undefined : registrations?.get(customer);
  if (holder === '') return registered;
  if (!isHolder(holder)) {
    throw new IssuerError(IssuerErrorCode.BadHolder, 'the holder commitment is no canonical decimal in the field');
  }
  if (registered !== undefined && registered !== holder) {
    throw new IssuerError(
      IssuerErrorCode.BadHolder,
      'the holder is another one than the one registered for the customer',
    );
  }
  return holder;
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/i;
const DOTTED = /^(\d{2})\.(\d{2})\.(\d{4})$/;

/**
 * An as-of time in Unix seconds. A bare date counts from 00:00 UTC: a balance is never called fresher than it is.
 * `03/04/2026` is refused, since it is two dates.
 * @throws IssuerError ISSUER_BAD_DATE
 */
export function parseAsOf(text: string): number {
  const bare = text.replace(DOTTED, '$3-$2-$1');
  const [, day = bare, hours = '00', minutes = '00', seconds = '00', zone = 'Z'] = DATE_TIME.exec(bare) ?? [];
  const zoned = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const ms = parseDate(day) === undefined ? Number.NaN : Date.parse(`${day}T${hours}:${minutes}:${seconds}${zoned}`);
  if (!Number.isFinite(ms)) {
    throw new IssuerError(
      IssuerErrorCode.BadDate,
      'the as-of date has none of the forms 2026-11-22, 2026-11-22T09:30:00Z, 22.11.2026',
    );
  }
  return checkTime(Math.floor(ms / 1000));
}

/** @throws IssuerError ISSUER_BAD_DATE outside 0 … 2^40 */
export function checkTime(seconds: number): number {
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds >= MAX_TIME) {
    throw new IssuerError(IssuerErrorCode.BadDate, 'a time is no whole Unix second below 2^40');
  }
  return seconds;
}

/** Whether a date YYYY-MM-DD lies after the day of `now` (UTC); false for what is no date. */
export function isFutureDay(date: string, now: number): boolean {
  return (parseDate(date) ?? 0) > dayOf(now);
}

/**
 * Account numbers in one spelling: no blanks, upper case.
 * @param iban whether the column says that it is an IBAN; then its check digits must hold (ISO 13616, modulo 97)
 * @throws IssuerError ISSUER_BAD_ACCOUNT
 */
export function parseAccount(text: string, iban: boolean): string {
  const account = text.normalize('NFKC').replace(/\s+/g, '').toUpperCase();
  if (!/^[\x21-\x7e]{1,64}$/.test(account)) {
    throw new IssuerError(IssuerErrorCode.BadAccount, 'the account number is empty, too long, or has odd characters');
  }
  if (iban && !isIban(account)) throw new IssuerError(IssuerErrorCode.BadAccount, 'the IBAN has wrong check digits');
  return account;
}

function isIban(account: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(account)) return false;
  const rotated = account.slice(4) + account.slice(0, 4);
  const digits = rotated.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}
