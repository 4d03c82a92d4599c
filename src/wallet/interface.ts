/**
 * The wallet: the only place where a holder's secret lives. One encrypted file in a 0700 folder; see `docs/wallet.md`.
 *
 * No method returns a secret or a private key. `withSecret` lends the secret for one call, for the prover on this
 * machine; `sign` signs with a pseudonym without showing its key.
 */
import type { Clock } from '../base/clock.ts';
import type { ScryptCost } from '../base/sealed-file.ts';
import type { Credential, SchemaName } from '../claims/interface.ts';

/** A credential as lists show it: no attributes, no signature. */
export interface CredentialSummary {
  schema: SchemaName;
  serial: string;
  issuer: { x: string; y: string };
  issuedAt: number;
  expiresAt: number;
  /** Past `expiresAt` by the wallet's clock. */
  expired: boolean;
}

export interface ImportReport {
  imported: CredentialSummary[];
  /** Already held, byte for byte the same. */
  known: string[];
}

export type PseudonymPurpose = 'listing' | 'order';

/** A fresh Ed25519 key for one listing or order; never derived from the secret or from another key. */
export interface Pseudonym {
  /** 32 bytes, hex. */
  publicKey: string;
  purpose: PseudonymPurpose;
  /** What it is for, in the caller's words (an offer's name, an order id); at most 200 characters. */
  label: string;
  createdAt: number;
}

/** Every change is on disk, synced, before its promise resolves; several processes may use one wallet. */
export interface Wallet {
  /** The holder commitment, decimal: what issuers are given. */
  readonly holder: string;
  /**
   * Stores credentials from a file: one credential, an array of them, or `{ "credentials": [...] }`. All or none.
   * @throws WalletError WALLET_BAD_CREDENTIAL_FILE, WALLET_BAD_CREDENTIAL, WALLET_BAD_SIGNATURE, WALLET_NOT_OURS, WALLET_FULL
   */
  importCredentials(file: Uint8Array | string): Promise<ImportReport>;
  list(): Promise<CredentialSummary[]>;
  /** Whole credentials, for the prover. They hold personal data. */
  credentials(): Promise<Credential[]>;
  /** @throws WalletError WALLET_UNKNOWN_CREDENTIAL */
  removeCredential(serial: string): Promise<void>;
  /**
   * Lends the holder secret for one call. The callee keeps no copy, and puts it in no log, error or file.
   * @throws WalletError WALLET_CLOSED
   */
  withSecret<T>(use: (secret: bigint) => T | Promise<T>): Promise<T>;
  createPseudonym(purpose: PseudonymPurpose, label: string): Promise<Pseudonym>;
  pseudonyms(): Promise<Pseudonym[]>;
  /** Ed25519 signature (64 bytes). @throws WalletError WALLET_UNKNOWN_PSEUDONYM */
  sign(publicKey: string, message: Uint8Array): Promise<Uint8Array>;
  /** @throws WalletError WALLET_UNKNOWN_PSEUDONYM */
  removePseudonym(publicKey: string): Promise<void>;
  /** Everything in one encrypted file with a checksum, under its own passphrase. */
  backup(passphrase: string): Promise<Uint8Array>;
  /** @throws WalletError WALLET_UNLOCK_FAILED when `current` is wrong */
  changePassphrase(current: string, next: string): Promise<void>;
  /** Overwrites the key and secrets in memory; every later call throws WALLET_CLOSED. */
  close(): void;
}

export interface WalletInit {
  /** The wallet's own folder, mode 0700. */
  dir: string;
  passphrase: string;
  clock?: Clock | undefined;
  /** Only tests lower it; default N = 2^17, r = 8, p = 1. */
  scrypt?: ScryptCost | undefined;
}

export interface WalletRestore {
  dir: string;
  backup: Uint8Array;
  /** Of the backup. */
  passphrase: string;
  /** Of the new wallet; the backup's when left out. */
  newPassphrase?: string | undefined;
  clock?: Clock | undefined;
  scrypt?: ScryptCost | undefined;
}
