/** Policies, credentials, registry roots and claims. `getClaims()` gives what needs hashing; the rest is plain functions. */
export { assetCodes, assetDecimals, formatAmount, fromMinorUnits, MAX_AMOUNT, toMinorUnits } from './assets.ts';
export { type BalanceFacts, encodeBalance, encodeIdentity, type IdentityFacts } from './attributes.ts';
export { contextOf, scopeOf } from './binding.ts';
export { countryCodes, isCountry, setMembers, setNames } from './countries.ts';
export { dayOf, formatDate, parseDate } from './dates.ts';
export { ClaimError, ClaimErrorCode, PolicyError, PolicyErrorCode } from './errors.ts';
export * from './interface.ts';
export { accountRefOf, nameKey, normaliseName, personRefOf } from './name-key.ts';
export {
  asciiToInteger,
  ENTITY_TYPES,
  type EntityType,
  integerToAscii,
  MAX_KYC_LEVEL,
  NO_BIRTH_DATE,
  SCHEMA_NAMES,
  SLOTS,
  schemaId,
} from './schemas.ts';
