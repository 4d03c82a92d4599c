import { CodedError } from '../base/errors.ts';

export const WalletErrorCode = {
  Exists: 'WALLET_EXISTS',
  NotFound: 'WALLET_NOT_FOUND',
  /** Wrong passphrase or damaged content; the two are not told apart, so that no answer helps to guess. */
  UnlockFailed: 'WALLET_UNLOCK_FAILED',
  BadPassphrase: 'WALLET_BAD_PASSPHRASE',
  /** The keystore file cannot be used: loose mode, another owner, not a keystore, another version. */
  BadFile: 'WALLET_BAD_FILE',
  Busy: 'WALLET_BUSY',
  /** Another process changed the passphrase since this one opened the wallet. */
  PassphraseChanged: 'WALLET_PASSPHRASE_CHANGED',
  Closed: 'WALLET_CLOSED',
  Full: 'WALLET_FULL',
  /** A file to import that holds no credentials. */
  BadCredentialFile: 'WALLET_BAD_CREDENTIAL_FILE',
  BadCredential: 'WALLET_BAD_CREDENTIAL',
  BadSignature: 'WALLET_BAD_SIGNATURE',
  NotOurs: 'WALLET_NOT_OURS',
  UnknownCredential: 'WALLET_UNKNOWN_CREDENTIAL',
  UnknownPseudonym: 'WALLET_UNKNOWN_PSEUDONYM',
  BadLabel: 'WALLET_BAD_LABEL',
  /** No backup file, or its checksum is wrong. */
  BadBackup: 'WALLET_BAD_BACKUP',
} as const;
export type WalletErrorCode = (typeof WalletErrorCode)[keyof typeof WalletErrorCode];

export class WalletError extends CodedError {}
