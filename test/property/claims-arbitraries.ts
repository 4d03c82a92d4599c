import fc from 'fast-check';
import { countryCodes, type IdentityFacts, type Policy, PolicyError, policyFromJson } from '../../src/claims/index.ts';

/** Arbitrary policies, written down field by field and kept where the language takes them; and facts to hold them against. */

const country = fc.constantFrom(...countryCodes());
const date = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
export const ordered = fc.constantFrom('<', '<=', '>', '>=');
const equality = fc.constantFrom('==', '!=');
export const comparison = fc.oneof(
  fc.record({ attr: fc.constant('age'), op: ordered, value: fc.integer({ min: 0, max: 150 }).map(String) }),
  fc.record({ attr: fc.constant('birthDate'), op: fc.oneof(ordered, equality), value: date }),
  fc.record({
    attr: fc.constant('kyc'),
    op: fc.oneof(ordered, equality),
    value: fc.integer({ min: 0, max: 9 }).map(String),
  }),
  fc.record({ attr: fc.constantFrom('country', 'nationality'), op: equality, value: country }),
  fc.record({ attr: fc.constant('entityType'), op: equality, value: fc.constantFrom('person', 'company') }),
);
export const allowedSet = fc.oneof(
  fc.record({
    attr: fc.constantFrom('country', 'nationality'),
    set: fc.oneof(
      fc.constantFrom('EU', 'EEA', 'EFTA', 'G7', 'SCHENGEN'),
      fc.uniqueArray(country, { minLength: 1, maxLength: 40 }),
    ),
  }),
  fc.record({
    attr: fc.constant('kyc'),
    set: fc.uniqueArray(fc.integer({ min: 0, max: 9 }).map(String), { minLength: 1 }),
  }),
);
const credential = fc.record(
  {
    schema: fc.constant('identity'),
    compare: fc.array(comparison, { maxLength: 4 }),
    in: allowedSet,
    notOn: fc.record({ attr: fc.constant('nameKey'), list: fc.constantFrom('sanctions', 'pep_eu', 'a') }),
    disclose: fc.constantFrom('birthDate', 'kyc', 'country', 'nationality', 'entityType'),
  },
  { requiredKeys: ['schema', 'compare'] },
);
const balance = fc.record({
  asset: fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'BTC', 'ETH', 'XMR', 'USDC'),
  atLeast: fc.bigInt({ min: 1n, max: (1n << 128n) - 1n }).map(String),
  freshSeconds: fc.integer({ min: 60, max: 366 * 86_400 }),
});
export const candidate = fc.record(
  { v: fc.constant(1), unique: fc.boolean(), balance, credential },
  { requiredKeys: ['v', 'unique'] },
);

export function accepted(value: unknown): Policy | undefined {
  try {
    return policyFromJson(value);
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}

export const policy: fc.Arbitrary<Policy> = candidate
  .map(accepted)
  .filter((found): found is Policy => found !== undefined);

/** Facts of people and companies that an issuer would encode; name and reference are the caller's. */
export const facts: fc.Arbitrary<IdentityFacts> = fc
  .record({
    entityType: fc.constantFrom('person' as const, 'company' as const),
    birthDate: date,
    country,
    nationality: country,
    kycLevel: fc.integer({ min: 0, max: 9 }),
  })
  .map((made) => ({
    ...made,
    birthDate: made.entityType === 'company' ? undefined : made.birthDate,
    nameKey: 1n,
    personRef: 1n,
  }));
