import { isCountry, setMembers, setNames } from '../countries.ts';
import { formatDate, parseDate } from '../dates.ts';
import { PolicyErrorCode, type Problem } from '../errors.ts';
import type { CompareOperator, PolicyAttribute } from '../interface.ts';
import { asciiToInteger, ENTITY_TYPES, integerToAscii, MAX_KYC_LEVEL, NO_BIRTH_DATE, SLOTS } from '../schemas.ts';

/** What the language knows about one attribute. Adding an attribute means adding a row here and a slot in `SLOTS`. */
export interface AttributeRule {
  slot: number;
  /** Has `<` and its kin. */
  ordered: boolean;
  /** Has `==` and `!=`. */
  equality: boolean;
  /** Can be `in {…}`; with named sets when it is a country. */
  members: boolean;
  disclosable: boolean;
  /** Smallest and largest value, as `encode` gives them. */
  range: readonly [bigint, bigint];
  /** A value as written to its integer. There is one spelling for every value. */
  encode(text: string): bigint | Problem;
  /** The inverse, for disclosed values. */
  decode(value: bigint): string | undefined;
}

const MAX_AGE = 150;

const badValue = (message: string, hint?: string): Problem => ({
  code: PolicyErrorCode.BadValue,
  message,
  ...(hint === undefined ? {} : { hint }),
});

function integerRule(name: string, max: number): Pick<AttributeRule, 'range' | 'encode' | 'decode'> {
  return {
    range: [0n, BigInt(max)],
    encode: (text) =>
      /^(?:0|[1-9][0-9]{0,3})$/.test(text) && Number(text) <= max
        ? BigInt(text)
        : badValue(`${name} is a whole number from 0 to ${max}, not ${shown(text)}`),
    decode: (value) => (value >= 0n && value <= BigInt(max) ? value.toString() : undefined),
  };
}

const countryRule: Pick<
  AttributeRule,
  'ordered' | 'equality' | 'members' | 'disclosable' | 'range' | 'encode' | 'decode'
> = {
  ordered: false,
  equality: true,
  members: true,
  disclosable: true,
  range: [asciiToInteger('AA'), asciiToInteger('ZZ')],
  encode(text) {
    if (isCountry(text)) return asciiToInteger(text);
    return {
      code: PolicyErrorCode.UnknownCountry,
      message: `${shown(text)} is no ISO 3166-1 alpha-2 country code`,
      ...countryHint(text),
    };
  },
  decode(value) {
    const text = integerToAscii(value);
    return text !== undefined && isCountry(text) ? text : undefined;
  },
};

export const ATTRIBUTE_RULES: Readonly<Record<PolicyAttribute, AttributeRule>> = {
  age: {
    slot: SLOTS.identity.birthDate,
    ordered: true,
    equality: false,
    members: false,
    disclosable: false,
    ...integerRule('age', MAX_AGE),
  },
  birthDate: {
    slot: SLOTS.identity.birthDate,
    ordered: true,
    equality: true,
    members: false,
    disclosable: true,
    range: [18_000_101n, BigInt(NO_BIRTH_DATE) - 1n],
    encode(text) {
      const date = parseDate(text);
      return date !== undefined && date < NO_BIRTH_DATE
        ? BigInt(date)
        : badValue(`${shown(text)} is no date of the calendar`, 'write it YYYY-MM-DD, from 1800 on: 2000-01-31');
    },
    decode: (value) => (value < BigInt(NO_BIRTH_DATE) ? formatDate(Number(value)) : undefined),
  },
  kyc: {
    slot: SLOTS.identity.kycLevel,
    ordered: true,
    equality: true,
    members: true,
    disclosable: true,
    ...integerRule('kyc', MAX_KYC_LEVEL),
  },
  country: { slot: SLOTS.identity.country, ...countryRule },
  nationality: { slot: SLOTS.identity.nationality, ...countryRule },
  entityType: {
    slot: SLOTS.identity.entityType,
    ordered: false,
    equality: true,
    members: false,
    disclosable: true,
    range: [1n, 2n],
    encode: (text) =>
      text === 'person' || text === 'company'
        ? BigInt(ENTITY_TYPES[text])
        : badValue(`entityType is person or company, not ${shown(text)}`),
    decode: (value) => Object.entries(ENTITY_TYPES).find(([, code]) => BigInt(code) === value)?.[0],
  },
};

/** In the order in which canonical policies list comparisons. */
export const ATTRIBUTES = [
  'age',
  'birthDate',
  'kyc',
  'country',
  'nationality',
  'entityType',
] as const satisfies readonly PolicyAttribute[];

/** Operator codes of the circuits (`circuits/lib/policy.circom`); 0 is an unused comparison. */
export const OPERATOR_CODES: Readonly<Record<CompareOperator, number>> = {
  '==': 1,
  '!=': 2,
  '<': 3,
  '<=': 4,
  '>': 5,
  '>=': 6,
};
/** In the order in which canonical policies list comparisons of one attribute: lower bounds before upper ones. */
export const OPERATORS = ['==', '!=', '>', '>=', '<', '<='] as const satisfies readonly CompareOperator[];

/** Lists are named like files: `sanctions`, `pep-eu`. */
export const LIST_NAME = /^[a-z][a-z0-9_]{0,31}$/;
/** The list behind `unsanctioned`. */
export const SANCTIONS_LIST = 'sanctions';

/** Seconds that `fresh` may say; a minute, because clocks differ by that much, and a year. */
export const MIN_FRESH_SECONDS = 60;
export const MAX_FRESH_SECONDS = 366 * 86_400;
export const DEFAULT_FRESH_SECONDS = 86_400;

/** Members of a literal set: all countries fit. The circuits' tree has room for 512. */
export const MAX_SET_MEMBERS = 256;

/** Text of others as errors show it: quoted, short. */
export function shown(text: string): string {
  return `\`${text.length > 24 ? `${text.slice(0, 24)}…` : text}\``;
}

function countryHint(text: string): { hint?: string } {
  if (setMembers(text) !== undefined) return { hint: `${text} is a set: write \`in ${text}\`` };
  if (isCountry(text.toUpperCase())) return { hint: `write ${text.toUpperCase()}` };
  if (text === 'UK') return { hint: 'the United Kingdom is GB' };
  if (text === 'EL') return { hint: 'Greece is GR' };
  return { hint: `sets are ${setNames().join(', ')}` };
}
