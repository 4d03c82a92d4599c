import { withFileCodes } from '../base/coded-files.ts';
import { CodedError } from '../base/errors.ts';

export const IssuerErrorCode = {
  Exists: 'ISSUER_EXISTS',
  NotFound: 'ISSUER_NOT_FOUND',
  /** A name, schema or option that an issuer cannot have. */
  BadInput: 'ISSUER_BAD_INPUT',
  BadPassphrase: 'ISSUER_BAD_PASSPHRASE',
  /** Wrong passphrase or damaged key; the two are not told apart. */
  UnlockFailed: 'ISSUER_UNLOCK_FAILED',
  /** A file of the issuer's folder that cannot be used: damaged, loose mode, another version. */
  BadFile: 'ISSUER_BAD_FILE',
  Busy: 'ISSUER_BUSY',
  /** Opened without a passphrase, or closed. */
  Locked: 'ISSUER_LOCKED',
  WrongSchema: 'ISSUER_WRONG_SCHEMA',
  UnknownSerial: 'ISSUER_UNKNOWN_SERIAL',
  /** The input as a whole. */
  BadRecords: 'ISSUER_BAD_RECORDS',
  BadCsv: 'ISSUER_BAD_CSV',
  MissingColumn: 'ISSUER_MISSING_COLUMN',
  AmbiguousColumn: 'ISSUER_AMBIGUOUS_COLUMN',
  BadRegistrations: 'ISSUER_BAD_REGISTRATIONS',
  /** Single records and lines; these stand in reports. */
  BadRecord: 'ISSUER_BAD_RECORD',
  BadLine: 'ISSUER_BAD_LINE',
  BadAmount: 'ISSUER_BAD_AMOUNT',
  AmbiguousAmount: 'ISSUER_AMBIGUOUS_AMOUNT',
  UnknownAsset: 'ISSUER_UNKNOWN_ASSET',
  BadAccount: 'ISSUER_BAD_ACCOUNT',
  BadDate: 'ISSUER_BAD_DATE',
  BadHolder: 'ISSUER_BAD_HOLDER',
  DuplicateAccount: 'ISSUER_DUPLICATE_ACCOUNT',
  PersonAlreadyIssued: 'ISSUER_PERSON_ALREADY_ISSUED',
  HolderAlreadyIssued: 'ISSUER_HOLDER_ALREADY_ISSUED',
  AccountAlreadyIssued: 'ISSUER_ACCOUNT_ALREADY_ISSUED',
  /** More elements than a gap tree of the circuits holds. */
  ListTooLarge: 'ISSUER_LIST_TOO_LARGE',
  BadList: 'ISSUER_BAD_LIST',
} as const;
export type IssuerErrorCode = (typeof IssuerErrorCode)[keyof typeof IssuerErrorCode];

export class IssuerError extends CodedError {}

const ISSUER_FILE_CODES = {
  notFound: IssuerErrorCode.NotFound,
  badFile: IssuerErrorCode.BadFile,
  busy: IssuerErrorCode.Busy,
  unlockFailed: IssuerErrorCode.UnlockFailed,
};

/** What goes wrong with a file of the issuer's folder, in the issuer's own words. */
export function withIssuerCodes<T>(work: () => Promise<T>): Promise<T> {
  return withFileCodes(IssuerError, ISSUER_FILE_CODES, work);
}

export const RegistryErrorCode = {
  Exists: 'REGISTRY_EXISTS',
  NotFound: 'REGISTRY_NOT_FOUND',
  BadInput: 'REGISTRY_BAD_INPUT',
  BadPassphrase: 'REGISTRY_BAD_PASSPHRASE',
  UnlockFailed: 'REGISTRY_UNLOCK_FAILED',
  BadFile: 'REGISTRY_BAD_FILE',
  Busy: 'REGISTRY_BUSY',
  Locked: 'REGISTRY_LOCKED',
  ForeignMessage: 'REGISTRY_FOREIGN_MESSAGE',
  /** An issuer's entry that is malformed or not signed by its key. */
  BadEntry: 'REGISTRY_BAD_ENTRY',
  EntryStale: 'REGISTRY_ENTRY_STALE',
  UnknownIssuer: 'REGISTRY_UNKNOWN_ISSUER',
  UnknownList: 'REGISTRY_UNKNOWN_LIST',
  Full: 'REGISTRY_FULL',
  ListTooLarge: 'REGISTRY_LIST_TOO_LARGE',
  HeaderTooLarge: 'REGISTRY_HEADER_TOO_LARGE',
  /** What verifying refuses. */
  Malformed: 'REGISTRY_MALFORMED',
  WrongNetwork: 'REGISTRY_WRONG_NETWORK',
  BadSignature: 'REGISTRY_BAD_SIGNATURE',
  WrongData: 'REGISTRY_WRONG_DATA',
  WrongRoot: 'REGISTRY_WRONG_ROOT',
  RolledBack: 'REGISTRY_ROLLED_BACK',
} as const;
export type RegistryErrorCode = (typeof RegistryErrorCode)[keyof typeof RegistryErrorCode];

export class RegistryError extends CodedError {}
