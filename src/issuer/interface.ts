/**
 * Issuers sign credentials; the registry says which issuers, revocations and lists a network accepts.
 *
 * Everything that leaves here is data in the forms of `src/claims/interface.ts`. Secret keys stay inside the closures
 * of {@link Issuer} and {@link Registry}: no method returns one, and on disk they are sealed under a passphrase.
 */
import type { Clock } from '../base/clock.ts';
import type { ScryptCost } from '../base/sealed-file.ts';
import type {
  Credential,
  RegistryIssuer,
  RegistryView,
  SchemaName,
  SignedRegistrySnapshot,
} from '../claims/interface.ts';

// --- issuer -----------------------------------------------------------------------------------------------------------

/** What everyone may know of an issuer. */
export interface IssuerIdentity {
  /** For people; 1 to 64 printable characters. */
  name: string;
  schema: SchemaName;
  /** Baby Jubjub public key, decimals. */
  x: string;
  y: string;
}

/** What an issuer hands to the registry: a whole new state, signed by the issuer's key, never a delta. */
export interface IssuerEntry extends RegistryIssuer {
  v: 1;
  /** Rises with every publication; the registry refuses an older one, so a revocation cannot be rolled back. */
  sequence: number;
  /** EdDSA-Poseidon over `entryMessage(entry)`. */
  signature: { r8x: string; r8y: string; s: string };
}

/** One issued credential as the issuer remembers it. Salted hashes only: no name, no account number. */
export interface IssuedRecord {
  serial: string;
  holder: string;
  /** `personRef` (identity) or `accountRef` (balance): what may not be issued to a second holder. */
  subject: string;
  issuedAt: number;
  expiresAt: number;
  /** Unix seconds, or null while it stands. */
  revokedAt: number | null;
}

/** A line or record that was not issued, and why. The reason never repeats a name, a birth date or an amount. */
export interface RejectedItem {
  /** Line of the file from 1 (CSV), or position of the record from 1 (JSON). */
  at: number;
  code: string;
  reason: string;
}

export interface IssueReport {
  issued: { at: number; credential: Credential }[];
  rejected: RejectedItem[];
  /** Good lines of customers that no holder is registered for; nothing is wrong with them. */
  unregistered: number[];
}

/** Customer id -> holder commitment (decimal): how a custodian's own ids meet wallets. */
export type Registrations = ReadonlyMap<string, string>;

export interface IssueIdentityOptions {
  registrations?: Registrations | undefined;
  /** Life of the credentials in seconds; default 365 days. */
  validSeconds?: number | undefined;
}

/** Fields of an account export. */
export type AccountField = 'account' | 'currency' | 'balance' | 'customer' | 'holder' | 'asOf';

export interface IssueBalanceOptions {
  /**
   * Who keeps the accounts, for an issuer that attests for several; part of the account reference, so it is the same
   * at every issuing (case, blanks and accents do not matter). Default: the issuer's name.
   */
  custodian?: string | undefined;
  registrations?: Registrations | undefined;
  /** Life of the credentials in seconds from the as-of time; default 48 hours. */
  validSeconds?: number | undefined;
  /** Unix seconds at which the custodian states these balances; stands above the file's own as-of column. */
  asOf?: number | undefined;
  /** Header of a field where the known names do not find it, `{ balance: 'Betrag verfügbar' }`. */
  columns?: Partial<Record<AccountField, string>> | undefined;
  /** The export's decimal mark, where the file does not show it (`1,234` alone is not guessed at). */
  decimalMark?: ',' | '.' | undefined;
}

export interface Issuer {
  readonly identity: IssuerIdentity;
  /**
   * Signs one credential per good record. The ledger is on disk before this returns, so that no credential is ever
   * out that cannot be revoked.
   * @param records parsed JSON: an array of identity records, or an object `{ "records": [...] }`
   * @throws IssuerError ISSUER_LOCKED, ISSUER_WRONG_SCHEMA, ISSUER_BAD_RECORDS (not an array); single records are in `rejected`
   */
  issueIdentities(records: unknown, options?: IssueIdentityOptions): Promise<IssueReport>;
  /**
   * Signs one balance credential per good line of an account export.
   * @param csv the file's bytes; UTF-8 or Windows-1252, separated by comma, semicolon or tab
   * @throws IssuerError ISSUER_LOCKED, ISSUER_WRONG_SCHEMA, ISSUER_BAD_CSV, ISSUER_MISSING_COLUMN, ISSUER_AMBIGUOUS_COLUMN
   */
  issueBalances(csv: Uint8Array, options?: IssueBalanceOptions): Promise<IssueReport>;
  /** Marks serials revoked (again: no effect) and returns those newly revoked. @throws IssuerError ISSUER_UNKNOWN_SERIAL */
  revoke(serials: readonly string[]): Promise<string[]>;
  /** The signed entry for the registry, with every unexpired revoked serial. @throws IssuerError ISSUER_LOCKED */
  publish(): Promise<IssuerEntry>;
  /** Everything issued, oldest first; balance credentials are forgotten 30 days after they expire. */
  issued(): Promise<IssuedRecord[]>;
  /** Wipes the key from memory; later signing throws ISSUER_LOCKED. */
  close(): void;
}

export interface IssuerInit {
  /** The issuer's own folder, mode 0700. */
  dir: string;
  /** Without it the issuer opens locked: it can list and revoke, not sign. */
  passphrase?: string | undefined;
  clock?: Clock | undefined;
  /** Only tests lower it. */
  scrypt?: ScryptCost | undefined;
}

export interface IssuerCreate extends IssuerInit {
  name: string;
  schema: SchemaName;
  passphrase: string;
}

// --- registry ---------------------------------------------------------------------------------------------------------

/**
 * Small and signed: all that a verifying peer needs of a snapshot, and what pins the rest by hash. Fits 2 KiB.
 * But for `network` and `signature` these are the fields of the envelope's registry body.
 */
export interface RegistryHeader {
  v: 1;
  network: string;
  sequence: number;
  issuedAt: number;
  /** Decimal. */
  root: string;
  /** Gap-tree root of each named list, decimal. */
  lists: Record<string, string>;
  /** SHA-256 (hex) of the canonical JSON of the snapshot without its signature. */
  snapshot: string;
}

/** One Ed25519 signature serves header and snapshot: both carry it. */
export interface SignedRegistryHeader extends RegistryHeader {
  signature: string;
}

export interface PublishedRegistry {
  snapshot: SignedRegistrySnapshot;
  header: SignedRegistryHeader;
}

export interface RegistryTrust {
  /** The network's registry key: Ed25519, 32 bytes hex. */
  registryKey: string;
  network: string;
  /** Sequence already held; a snapshot below it is refused as REGISTRY_ROLLED_BACK. */
  atLeastSequence?: number | undefined;
}

export interface RegistryState {
  network: string;
  /** Ed25519 public key, hex. */
  registryKey: string;
  /** Of the last publication; 0 before the first. */
  sequence: number;
  issuers: (RegistryIssuer & { sequence: number })[];
  lists: { name: string; elements: number; source: string }[];
}

export interface Registry {
  state(): Promise<RegistryState>;
  /** Adds an issuer, or takes its newer entry. @throws RegistryError REGISTRY_BAD_ENTRY, REGISTRY_ENTRY_STALE, REGISTRY_FULL */
  putIssuer(entry: unknown): Promise<void>;
  /** By name or by public key's x; every schema of it. @throws RegistryError REGISTRY_UNKNOWN_ISSUER */
  removeIssuer(nameOrKey: string): Promise<void>;
  /** Adds or replaces a named list. @param source for people, `sdn.csv 2026-11-20` */
  putList(name: string, elements: readonly bigint[], source: string): Promise<void>;
  removeList(name: string): Promise<void>;
  /** Signs the next snapshot and keeps it. @throws RegistryError REGISTRY_LOCKED */
  publish(): Promise<PublishedRegistry>;
  /** The last publication, if there is one. */
  latest(): Promise<PublishedRegistry | undefined>;
  /**
   * Ed25519 signature of the envelope that carries a header.
   * @throws RegistryError REGISTRY_LOCKED; REGISTRY_FOREIGN_MESSAGE for bytes outside the envelope's domain, so that
   * this door never signs a snapshot
   */
  signEnvelope(signingBytes: Uint8Array): Uint8Array;
  close(): void;
}

export interface RegistryInit {
  dir: string;
  /** Without it the registry opens locked: it can be read and edited, not published. */
  passphrase?: string | undefined;
  clock?: Clock | undefined;
  scrypt?: ScryptCost | undefined;
}

export interface RegistryCreate extends RegistryInit {
  network: string;
  passphrase: string;
}

/** A snapshot whose signature, data hash and roots have been checked. */
export interface VerifiedRegistry {
  snapshot: SignedRegistrySnapshot;
  header: SignedRegistryHeader;
  view: RegistryView;
}

// --- lists ------------------------------------------------------------------------------------------------------------

export interface ListImport {
  /** Name keys, ascending, each once. */
  elements: bigint[];
  /** Rows of `sdn.csv`. */
  rows: number;
  /** Vessels and aircraft among them, left out. */
  skipped: number;
  /** Names that went in, aliases among them, before equal ones merged. */
  names: number;
  aliases: number;
  /** SHA-256 (hex) of the files as read, `sdn.csv` first. */
  sourceHash: string;
}

export interface SdnImportOptions {
  /** OFAC's `alt.csv`: further names of the same entries. */
  aliases?: Uint8Array | undefined;
  /** Vessels and aircraft are no holders of credentials, and their names are often first names. Default false. */
  includeVessels?: boolean | undefined;
}
