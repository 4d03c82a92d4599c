/** Policies, credentials, registry roots and claims. `getClaims()` gives what needs hashing; the rest is plain functions. */
export { assetCodes, assetDecimals, formatAmount, fromMinorUnits, MAX_AMOUNT, toMinorUnits } from './assets.ts';
export { type BalanceFacts, encodeBalance, encodeIdentity, type IdentityFacts } from './attributes.ts';
export { contextOf, type Question, questionScope, scopeOf, signerContext } from './binding.ts';
export { createClaims, getClaims } from './claims.ts';
export { countryCodes, isCountry, setMembers, setNames } from './countries.ts';
export { dayOf, formatDate, parseDate } from './dates.ts';
export { ClaimError, ClaimErrorCode, PolicyError, PolicyErrorCode } from './errors.ts';
export * from './interface.ts';
export {
  bindingSchema,
  credentialSchema,
  fieldDecimal,
  keyDecimal,
  proofSchema,
  publicSignalsSchema,
  registryIssuerSchema,
  registryListSchema,
  registrySnapshotSchema,
  signedRegistrySnapshotSchema,
  unixSeconds,
} from './json-schemas.ts';
export { accountRefOf, nameKey, normaliseName, personRefOf } from './name-key.ts';
export {
  ATTRIBUTES,
  circuitOf,
  DEFAULT_FRESH_SECONDS,
  LIST_NAME,
  MAX_POLICY_CHARS,
  parsePolicy,
  policyFromJson,
  policyJson,
  policySchema,
  printPolicy,
  readPolicyJson,
  SANCTIONS_LIST,
  underline,
} from './policy/index.ts';
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
export { readDisclosed, readPledges, readSignal } from './signals.ts';
