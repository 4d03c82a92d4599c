import { join } from 'node:path';
import { withFileLock } from '../base/file-lock.ts';
import {
  checkPrivateDir,
  ensurePrivateDir,
  pathExists,
  readPrivateFile,
  removeLeftovers,
  writePrivateFile,
} from '../base/private-file.ts';
import { createSealer, openSealed, type ScryptCost, type Sealer } from '../base/sealed-file.ts';
import { WalletError, WalletErrorCode } from './errors.ts';
import { decodeVault, encodeVault, type Vault, wipeVault } from './vault.ts';

const FORMAT = 'zkbazaar/wallet';
/** 10,000 credentials and as many pseudonyms, in base64. */
const MAX_KEYSTORE_BYTES = 64 * 1024 * 1024;

/**
 * The encrypted file. It is read anew for every use and holds no plaintext between two uses: the derived key alone
 * stays in memory. Writers take the file's lock, so that two processes never lose each other's change.
 */
export class Keystore {
  readonly #dir: string;
  #sealer: Sealer | undefined;

  private constructor(dir: string, sealer: Sealer) {
    this.#dir = dir;
    this.#sealer = sealer;
  }

  static async create(dir: string, passphrase: string, vault: Vault, cost?: ScryptCost): Promise<Keystore> {
    await ensurePrivateDir(dir);
    const path = pathOf(dir);
    return await withFileLock(path, async () => {
      if (await pathExists(path)) {
        throw new WalletError(WalletErrorCode.Exists, 'the folder holds a wallet already', {
          hint: 'choose another folder, or move the old wallet away',
        });
      }
      await removeLeftovers(path);
      const sealer = await createSealer(FORMAT, passphrase, cost);
      const keystore = new Keystore(dir, sealer);
      await keystore.#write(vault, sealer);
      return keystore;
    });
  }

  static async open(dir: string, passphrase: string, cost?: ScryptCost): Promise<Keystore> {
    await checkPrivateDir(dir);
    const { sealer, plaintext } = await openSealed(FORMAT, await readText(dir), passphrase, cost);
    const keystore = new Keystore(dir, sealer);
    wipeVault(decode(plaintext));
    return keystore;
  }

  /** Lends the vault for one call and overwrites its secrets afterwards. */
  async read<T>(use: (vault: Vault) => T | Promise<T>): Promise<T> {
    const vault = await this.#load();
    try {
      return await use(vault);
    } finally {
      wipeVault(vault);
    }
  }

  /** Lets `change` alter the vault under the lock; on disk, synced, before this resolves. */
  async update<T>(change: (vault: Vault) => T | Promise<T>): Promise<T> {
    const path = pathOf(this.#dir);
    return await withFileLock(path, async () => {
      await removeLeftovers(path);
      return await this.read(async (vault) => {
        const result = await change(vault);
        await this.#write(vault, this.#opened());
        return result;
      });
    });
  }

  /** Seals everything anew under a fresh salt. @throws CodedError FILE_UNLOCK_FAILED when `current` is wrong */
  async changePassphrase(current: string, next: string, cost?: ScryptCost): Promise<void> {
    // Even with the wallet open: whoever finds a terminal unattended must not lock its owner out.
    const { sealer: proof, plaintext } = await openSealed(FORMAT, await readText(this.#dir), current, cost);
    plaintext.fill(0);
    proof.close();
    const fresh = await createSealer(FORMAT, next, cost);
    await withFileLock(pathOf(this.#dir), () => this.read((vault) => this.#write(vault, fresh)));
    this.#sealer?.close();
    this.#sealer = fresh;
  }

  close(): void {
    this.#sealer?.close();
    this.#sealer = undefined;
  }

  async #load(): Promise<Vault> {
    const sealer = this.#opened();
    const text = await readText(this.#dir);
    const salt = saltOf(text);
    // An unreadable file has no salt; `open` says what is wrong with it.
    if (salt !== undefined && salt !== sealer.salt) {
      throw new WalletError(WalletErrorCode.PassphraseChanged, 'the passphrase was changed while the wallet was open', {
        hint: 'open the wallet again with its new passphrase',
      });
    }
    return decode(sealer.open(text));
  }

  async #write(vault: Vault, sealer: Sealer): Promise<void> {
    const plaintext = encodeVault(vault);
    try {
      await writePrivateFile(pathOf(this.#dir), sealer.seal(plaintext));
    } finally {
      plaintext.fill(0);
    }
  }

  #opened(): Sealer {
    if (this.#sealer !== undefined) return this.#sealer;
    throw new WalletError(WalletErrorCode.Closed, 'the wallet is closed');
  }
}

function pathOf(dir: string): string {
  return join(dir, 'wallet.json');
}

async function readText(dir: string): Promise<string> {
  return (await readPrivateFile(pathOf(dir), MAX_KEYSTORE_BYTES)).toString('utf8');
}

function saltOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { kdf?: { salt?: unknown } } | null)?.kdf?.salt;
  } catch {
    return undefined;
  }
}

function decode(plaintext: Buffer): Vault {
  try {
    const vault = decodeVault(plaintext);
    if (vault !== undefined) return vault;
    throw new WalletError(WalletErrorCode.BadFile, 'the keystore was written by another version of zkbazaar');
  } finally {
    plaintext.fill(0);
  }
}
