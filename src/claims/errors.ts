import { CodedError, type ErrorDetails } from '../base/errors.ts';
import type { PolicySpan, Shortfall } from './interface.ts';

/** What can be wrong with a policy, whichever of its two forms it came in. */
export const PolicyErrorCode = {
  /** Not a sentence of the language, or not the JSON shape. */
  Syntax: 'POLICY_SYNTAX',
  /** A word that the language does not have. */
  UnknownWord: 'POLICY_UNKNOWN_WORD',
  UnknownAsset: 'POLICY_UNKNOWN_ASSET',
  UnknownCountry: 'POLICY_UNKNOWN_COUNTRY',
  UnknownSet: 'POLICY_UNKNOWN_SET',
  /** A value that its attribute cannot have: 30 February, age 400. */
  BadValue: 'POLICY_BAD_VALUE',
  /** An operator that its attribute does not have: `country < DE`. */
  BadOperator: 'POLICY_BAD_OPERATOR',
  /** A fine sentence that no circuit can prove: `or`, `not`, a fifth comparison. */
  NotExpressible: 'POLICY_NOT_EXPRESSIBLE',
  /** The same thing said twice. */
  Duplicate: 'POLICY_DUPLICATE',
  /** Nobody can ever meet it: `kyc >= 3 and kyc < 2`. */
  Contradiction: 'POLICY_CONTRADICTION',
  /** Nothing is demanded. */
  Empty: 'POLICY_EMPTY',
  TooLong: 'POLICY_TOO_LONG',
  /** JSON that is right but not in its one canonical spelling. */
  NotCanonical: 'POLICY_NOT_CANONICAL',
} as const;
export type PolicyErrorCode = (typeof PolicyErrorCode)[keyof typeof PolicyErrorCode];

/** A policy that cannot be used. `where` is `line:column` of the text, or a JSON path. */
export class PolicyError extends CodedError {
  /** Where in the text; undefined for policies that came as JSON. */
  readonly span: PolicySpan | undefined;

  constructor(code: PolicyErrorCode, message: string, details: ErrorDetails & { span?: PolicySpan | undefined } = {}) {
    const { span } = details;
    super(code, message, { ...details, where: span === undefined ? details.where : `${span.line}:${span.column}` });
    this.span = span;
  }
}

/** What can stand between a holder and a proof, and what can be wrong with the data that a claim is built from. */
export const ClaimErrorCode = {
  BadSecret: 'CLAIM_BAD_SECRET',
  BadBinding: 'CLAIM_BAD_BINDING',
  BadTime: 'CLAIM_BAD_TIME',
  BadAttribute: 'CLAIM_BAD_ATTRIBUTE',
  BadAmount: 'CLAIM_BAD_AMOUNT',
  BadRegistry: 'CLAIM_BAD_REGISTRY',
  BadCredential: 'CLAIM_BAD_CREDENTIAL',
  /** A policy on a balance alone has no policy hash. */
  NoPolicyHash: 'CLAIM_NO_POLICY_HASH',
  /** The registry holds no list of that name. */
  UnknownList: 'CLAIM_UNKNOWN_LIST',
  BindingExpired: 'CLAIM_BINDING_EXPIRED',
  NoCredential: 'CLAIM_NO_CREDENTIAL',
  WrongHolder: 'CLAIM_WRONG_HOLDER',
  BadSignature: 'CLAIM_BAD_SIGNATURE',
  UnknownIssuer: 'CLAIM_UNKNOWN_ISSUER',
  NotYetValid: 'CLAIM_NOT_YET_VALID',
  Expired: 'CLAIM_EXPIRED',
  Revoked: 'CLAIM_REVOKED',
  /** A balance credential older than the policy's `fresh`. */
  Stale: 'CLAIM_STALE',
  BalanceTooLow: 'CLAIM_BALANCE_TOO_LOW',
  ComparisonFailed: 'CLAIM_COMPARISON_FAILED',
  NotInSet: 'CLAIM_NOT_IN_SET',
  OnList: 'CLAIM_ON_LIST',
} as const;
export type ClaimErrorCode = (typeof ClaimErrorCode)[keyof typeof ClaimErrorCode];

export class ClaimError extends CodedError {
  /** Every reason at once, for faces that list them; the first one is this error's own code. */
  readonly missing: readonly Shortfall[];

  constructor(code: string, message: string, details: ErrorDetails & { missing?: readonly Shortfall[] } = {}) {
    super(code, message, details);
    this.missing = details.missing ?? [];
  }
}

/** Why a value is no good, before anyone knows where it stood; parser and JSON reader add the place. */
export interface Problem {
  code: PolicyErrorCode;
  message: string;
  hint?: string;
}
