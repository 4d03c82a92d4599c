import { assetDecimals, MAX_AMOUNT } from './assets.ts';
import { isCountry } from './countries.ts';
import { parseDate } from './dates.ts';
import { ClaimError, ClaimErrorCode } from './errors.ts';
import { ATTRIBUTE_COUNT } from './interface.ts';
import { asciiToInteger, ENTITY_TYPES, type EntityType, MAX_KYC_LEVEL, NO_BIRTH_DATE, SLOTS } from './schemas.ts';

/** What a KYC provider states; the only way from facts to the attributes of an `identity` credential. */
export interface IdentityFacts {
  entityType: EntityType;
  /** `YYYY-MM-DD`; a person must have one, a company has none. */
  birthDate?: string | undefined;
  /** ISO 3166-1 alpha-2, of residence or seat. */
  country: string;
  /** ISO 3166-1 alpha-2; of a company, where it is registered. */
  nationality: string;
  kycLevel: number;
  /** From `nameKey(legalName)`. */
  nameKey: bigint;
  /** From `personRefOf(salt, id)`. */
  personRef: bigint;
}

/** What a custodian states about one account. */
export interface BalanceFacts {
  /** Code of the asset table. */
  asset: string;
  /** Minor units. */
  amount: bigint;
  /** From `accountRefOf(salt, custodian, number)`. */
  accountRef: bigint;
}

const bad = (message: string): ClaimError => new ClaimError(ClaimErrorCode.BadAttribute, message);
const MAX_KEY = (1n << 128n) - 1n;

/**
 * Nothing may stay unknown: 0 would satisfy `country != US` and `birthDate <= …` alike.
 * @throws ClaimError CLAIM_BAD_ATTRIBUTE; messages name the attribute, never its value
 */
export function encodeIdentity(facts: IdentityFacts): string[] {
  if (!Object.hasOwn(ENTITY_TYPES, facts.entityType)) throw bad('entityType is neither person nor company');
  const birthDate = encodeBirthDate(facts.entityType, facts.birthDate);
  if (!isCountry(facts.country)) throw bad('country is no ISO 3166-1 alpha-2 code');
  if (!isCountry(facts.nationality)) throw bad('nationality is no ISO 3166-1 alpha-2 code');
  if (!Number.isInteger(facts.kycLevel) || facts.kycLevel < 0 || facts.kycLevel > MAX_KYC_LEVEL) {
    throw bad(`kycLevel is no integer from 0 to ${MAX_KYC_LEVEL}`);
  }
  if (facts.nameKey <= 0n || facts.nameKey >= MAX_KEY) throw bad('nameKey is no 128-bit key');
  if (facts.personRef <= 0n || facts.personRef >= 1n << 248n) throw bad('personRef is no 248-bit reference');
  return place([
    [SLOTS.identity.birthDate, BigInt(birthDate)],
    [SLOTS.identity.country, asciiToInteger(facts.country)],
    [SLOTS.identity.kycLevel, BigInt(facts.kycLevel)],
    [SLOTS.identity.nameKey, facts.nameKey],
    [SLOTS.identity.personRef, facts.personRef],
    [SLOTS.identity.nationality, asciiToInteger(facts.nationality)],
    [SLOTS.identity.entityType, BigInt(ENTITY_TYPES[facts.entityType])],
  ]);
}

/** @throws ClaimError CLAIM_BAD_ATTRIBUTE; messages never hold the amount */
export function encodeBalance(facts: BalanceFacts): string[] {
  if (assetDecimals(facts.asset) === undefined) throw bad('asset is not in the asset table');
  if (facts.amount < 0n || facts.amount > MAX_AMOUNT) throw bad('amount is outside 0 to 2^128-1 minor units');
  if (facts.accountRef <= 0n || facts.accountRef >= MAX_KEY) throw bad('accountRef is no 128-bit reference');
  return place([
    [SLOTS.balance.asset, asciiToInteger(facts.asset)],
    [SLOTS.balance.amount, facts.amount],
    [SLOTS.balance.accountRef, facts.accountRef],
  ]);
}

function encodeBirthDate(entityType: EntityType, birthDate: string | undefined): number {
  if (entityType === 'company') {
    if (birthDate !== undefined) throw bad('a company has no birthDate');
    return NO_BIRTH_DATE;
  }
  const value = birthDate === undefined ? undefined : parseDate(birthDate);
  if (value === undefined || value >= NO_BIRTH_DATE) throw bad('birthDate is no date YYYY-MM-DD of the calendar');
  return value;
}

function place(values: readonly (readonly [slot: number, value: bigint])[]): string[] {
  const attributes = new Array<string>(ATTRIBUTE_COUNT).fill('0');
  for (const [slot, value] of values) attributes[slot] = value.toString();
  return attributes;
}
