import { toHex } from '../base/bytes.ts';
import { type Clock, nowSeconds, systemClock } from '../base/clock.ts';
import { withFileCodes } from '../base/coded-files.ts';
import { ed25519PublicKey, ed25519Sign, newEd25519Seed } from '../base/ed25519.ts';
import { bytesToInteger } from '../base/field.ts';
import { MIN_PASSPHRASE_LENGTH, type ScryptCost } from '../base/sealed-file.ts';
import { type Claims, type Credential, getClaims } from '../claims/index.ts';
import { openBackup, sealBackup } from './backup.ts';
import { readCredentialFile } from './credential-file.ts';
import { WalletError, WalletErrorCode } from './errors.ts';
import type {
  CredentialSummary,
  ImportReport,
  Pseudonym,
  PseudonymPurpose,
  Wallet,
  WalletInit,
  WalletRestore,
} from './interface.ts';
import { Keystore } from './keystore.ts';
import { decodeVault, encodeVault, newHolderSecret, wipeVault } from './vault.ts';

const MAX_CREDENTIALS = 10_000;
const MAX_PSEUDONYMS = 10_000;
const MAX_LABEL_LENGTH = 200;

const FILE_CODES = {
  notFound: WalletErrorCode.NotFound,
  badFile: WalletErrorCode.BadFile,
  busy: WalletErrorCode.Busy,
  unlockFailed: WalletErrorCode.UnlockFailed,
};
const guarded = <T>(work: () => Promise<T>): Promise<T> => withFileCodes(WalletError, FILE_CODES, work);

/**
 * Makes a wallet with a fresh holder secret.
 * @throws WalletError WALLET_EXISTS, WALLET_BAD_PASSPHRASE, WALLET_BAD_FILE
 */
export async function createWallet(init: WalletInit): Promise<Wallet> {
  checkPassphrase(init.passphrase);
  const claims = await getClaims();
  const secret = newHolderSecret();
  const vault = {
    holder: claims.holderOf(bytesToInteger(secret)).toString(),
    credentials: [],
    pseudonyms: [],
    secret,
    seeds: [],
  };
  try {
    const keystore = await guarded(() => Keystore.create(init.dir, init.passphrase, vault, init.scrypt));
    return new FileWallet(vault.holder, keystore, claims, init);
  } finally {
    wipeVault(vault);
  }
}

/** @throws WalletError WALLET_NOT_FOUND, WALLET_UNLOCK_FAILED, WALLET_BAD_FILE */
export async function openWallet(init: WalletInit): Promise<Wallet> {
  const claims = await getClaims();
  return await guarded(async () => {
    const keystore = await Keystore.open(init.dir, init.passphrase, init.scrypt);
    const holder = await keystore.read((vault) => vault.holder);
    return new FileWallet(holder, keystore, claims, init);
  });
}

/**
 * Makes a wallet from a backup. Never overwrites one.
 * @throws WalletError WALLET_EXISTS, WALLET_BAD_BACKUP, WALLET_UNLOCK_FAILED, WALLET_BAD_PASSPHRASE
 */
export async function restoreWallet(init: WalletRestore): Promise<Wallet> {
  const { dir, backup, passphrase, newPassphrase = passphrase, scrypt } = init;
  checkPassphrase(newPassphrase);
  const claims = await getClaims();
  return await guarded(async () => {
    const plaintext = await openBackup(backup, passphrase, scrypt);
    const vault = decodeVault(plaintext);
    plaintext.fill(0);
    if (vault === undefined) throw new WalletError(WalletErrorCode.BadBackup, 'the backup is of another version');
    try {
      if (claims.holderOf(bytesToInteger(vault.secret)).toString() !== vault.holder) {
        throw new WalletError(WalletErrorCode.BadBackup, "the backup's secret is not that of its holder commitment");
      }
      const keystore = await Keystore.create(dir, newPassphrase, vault, scrypt);
      return new FileWallet(vault.holder, keystore, claims, init);
    } finally {
      wipeVault(vault);
    }
  });
}

class FileWallet implements Wallet {
  readonly holder: string;
  readonly #keystore: Keystore;
  readonly #claims: Claims;
  readonly #clock: Clock;
  readonly #scrypt: ScryptCost | undefined;

  constructor(
    holder: string,
    keystore: Keystore,
    claims: Claims,
    options: { clock?: Clock | undefined; scrypt?: ScryptCost | undefined },
  ) {
    this.holder = holder;
    this.#keystore = keystore;
    this.#claims = claims;
    this.#clock = options.clock ?? systemClock;
    this.#scrypt = options.scrypt;
  }

  async importCredentials(file: Uint8Array | string): Promise<ImportReport> {
    const incoming = readCredentialFile(file, this.holder, this.#claims);
    return await guarded(() =>
      this.#keystore.update(({ credentials }) => {
        const report: ImportReport = { imported: [], known: [] };
        const held = new Map(credentials.map((credential) => [idOf(credential), credential]));
        for (const [index, credential] of incoming.entries()) {
          const other = held.get(idOf(credential));
          if (other !== undefined && JSON.stringify(other) === JSON.stringify(credential)) {
            report.known.push(credential.serial);
            continue;
          }
          if (other !== undefined) {
            const message = 'another credential of that issuer with that serial is already held';
            throw new WalletError(WalletErrorCode.BadCredential, message, { where: `credentials[${index}].serial` });
          }
          held.set(idOf(credential), credential);
          credentials.push(credential);
          report.imported.push(this.#summaryOf(credential));
        }
        if (credentials.length > MAX_CREDENTIALS) {
          throw new WalletError(WalletErrorCode.Full, `a wallet holds at most ${MAX_CREDENTIALS} credentials`, {
            hint: 'remove expired ones',
          });
        }
        return report;
      }),
    );
  }

  async list(): Promise<CredentialSummary[]> {
    return (await this.credentials()).map((credential) => this.#summaryOf(credential));
  }

  async credentials(): Promise<Credential[]> {
    return await guarded(() => this.#keystore.read(({ credentials }) => credentials));
  }

  async removeCredential(serial: string): Promise<void> {
    await guarded(() =>
      this.#keystore.update((vault) => {
        const rest = vault.credentials.filter((credential) => credential.serial !== serial);
        if (rest.length === vault.credentials.length) {
          throw new WalletError(WalletErrorCode.UnknownCredential, 'the wallet holds no credential with that serial');
        }
        vault.credentials = rest;
      }),
    );
  }

  async withSecret<T>(use: (secret: bigint) => T | Promise<T>): Promise<T> {
    // Only the reading is guarded: what the callee throws is the callee's.
    const secret = await guarded(() => this.#keystore.read((vault) => bytesToInteger(vault.secret)));
    return await use(secret);
  }

  async createPseudonym(purpose: PseudonymPurpose, label: string): Promise<Pseudonym> {
    if (label.length > MAX_LABEL_LENGTH) {
      throw new WalletError(WalletErrorCode.BadLabel, `a label has at most ${MAX_LABEL_LENGTH} characters`);
    }
    return await guarded(() =>
      this.#keystore.update((vault) => {
        if (vault.pseudonyms.length >= MAX_PSEUDONYMS) {
          throw new WalletError(WalletErrorCode.Full, `a wallet holds at most ${MAX_PSEUDONYMS} pseudonyms`);
        }
        const seed = newEd25519Seed();
        const publicKey = toHex(ed25519PublicKey(seed));
        const pseudonym: Pseudonym = { publicKey, purpose, label, createdAt: nowSeconds(this.#clock) };
        vault.pseudonyms.push(pseudonym);
        vault.seeds.push(seed);
        return { ...pseudonym };
      }),
    );
  }

  async pseudonyms(): Promise<Pseudonym[]> {
    return await guarded(() => this.#keystore.read(({ pseudonyms }) => pseudonyms));
  }

  async sign(publicKey: string, message: Uint8Array): Promise<Uint8Array> {
    return await guarded(() =>
      this.#keystore.read(({ pseudonyms, seeds }) => {
        const seed = seeds[pseudonyms.findIndex((pseudonym) => pseudonym.publicKey === publicKey)];
        if (seed === undefined) throw unknownPseudonym();
        return ed25519Sign(seed, message);
      }),
    );
  }

  async removePseudonym(publicKey: string): Promise<void> {
    await guarded(() =>
      this.#keystore.update((vault) => {
        const at = vault.pseudonyms.findIndex((pseudonym) => pseudonym.publicKey === publicKey);
        if (at < 0) throw unknownPseudonym();
        vault.pseudonyms.splice(at, 1);
        for (const seed of vault.seeds.splice(at, 1)) seed.fill(0);
      }),
    );
  }

  async backup(passphrase: string): Promise<Uint8Array> {
    checkPassphrase(passphrase);
    return await guarded(() =>
      this.#keystore.read(async (vault) => {
        const plaintext = encodeVault(vault);
        try {
          return await sealBackup(plaintext, passphrase, this.#scrypt);
        } finally {
          plaintext.fill(0);
        }
      }),
    );
  }

  async changePassphrase(current: string, next: string): Promise<void> {
    checkPassphrase(next);
    await guarded(() => this.#keystore.changePassphrase(current, next, this.#scrypt));
  }

  close(): void {
    this.#keystore.close();
  }

  #summaryOf({ schema, serial, issuer, issuedAt, expiresAt }: Credential): CredentialSummary {
    return {
      schema,
      serial,
      issuer: { ...issuer },
      issuedAt,
      expiresAt,
      expired: expiresAt <= nowSeconds(this.#clock),
    };
  }
}

/** A serial is unique at one issuer only. */
function idOf({ issuer, serial }: Credential): string {
  return `${issuer.x},${issuer.y},${serial}`;
}

function checkPassphrase(passphrase: string): void {
  if (passphrase.length >= MIN_PASSPHRASE_LENGTH) return;
  throw new WalletError(WalletErrorCode.BadPassphrase, `a passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters`);
}

function unknownPseudonym(): WalletError {
  return new WalletError(WalletErrorCode.UnknownPseudonym, 'the wallet has no such pseudonym');
}
