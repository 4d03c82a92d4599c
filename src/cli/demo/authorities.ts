import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ensurePrivateDir, writePrivateFile } from '../../base/private-file.ts';
import type { Credential, SignedRegistrySnapshot } from '../../claims/interface.ts';
import { type Issuer, importSdn, initIssuer, initRegistry, type Registry } from '../../issuer/index.ts';
import { registryFile } from '../../node/index.ts';
import { createWallet } from '../../wallet/index.ts';
import { CAST, NETWORK, type Player, SAMPLES } from './cast.ts';

/** The issuers' and the registry's keys live for one minute, so their files need not be dear to guess. */
const CHEAP = { n: 2 ** 14 };
/** An export is a minute old when it is read, as a real one would be at least. */
const EXPORT_AGE_SECONDS = 60;

export interface Issued {
  lines: number;
  signed: number;
  credentials: Record<Player, Credential[]>;
}

/** Registry, bank and identity issuer, and the players' wallets, as real files under `dir`. */
export class Authorities {
  readonly dir: string;
  readonly registryKey: string;
  /** Holder commitments, as the players registered them with both issuers. */
  readonly holders: Record<Player, string>;
  readonly #registry: Registry;
  readonly #bank: Issuer;
  readonly #kyc: Issuer;

  private constructor(
    dir: string,
    registryKey: string,
    holders: Record<Player, string>,
    parts: { registry: Registry; bank: Issuer; kyc: Issuer },
  ) {
    this.dir = dir;
    this.registryKey = registryKey;
    this.holders = holders;
    this.#registry = parts.registry;
    this.#bank = parts.bank;
    this.#kyc = parts.kyc;
  }

  /** @param passphrase of the players' wallets */
  static async create(
    dir: string,
    passphrase: string,
    walletDirs: Readonly<Record<Player, string>>,
  ): Promise<Authorities> {
    const own = () => ({ passphrase: randomBytes(24).toString('base64url'), scrypt: CHEAP });
    const wallet = async (player: Player): Promise<string> => {
      const made = await createWallet({ dir: walletDirs[player], passphrase });
      made.close();
      return made.holder;
    };
    const [registry, bank, kyc, mara, tom, fionn] = await Promise.all([
      initRegistry({ ...own(), dir: join(dir, 'registry'), network: NETWORK }),
      initIssuer({ ...own(), dir: join(dir, 'bank'), name: 'Custodian Bank', schema: 'balance' }),
      initIssuer({ ...own(), dir: join(dir, 'identity'), name: 'Identity Office', schema: 'identity' }),
      wallet('mara'),
      wallet('tom'),
      wallet('fionn'),
    ]);
    const { registryKey } = await registry.state();
    return new Authorities(dir, registryKey, { mara, tom, fionn }, { registry, bank, kyc });
  }

  async issueBalances(): Promise<Issued> {
    const asOf = Math.floor(Date.now() / 1000) - EXPORT_AGE_SECONDS;
    const csv = await readFile(SAMPLES.accounts);
    return this.#handOut(
      'balance',
      await this.#bank.issueBalances(csv, { asOf, registrations: this.#registrations() }),
    );
  }

  async issueIdentities(): Promise<Issued> {
    const records: unknown = JSON.parse(await readFile(SAMPLES.people, 'utf8'));
    return this.#handOut(
      'identity',
      await this.#kyc.issueIdentities(records, { registrations: this.#registrations() }),
    );
  }

  /** Puts the sanctions list into the registry. */
  async importSanctions(): Promise<{ rows: number; names: number }> {
    const [sdn, aliases] = await Promise.all([readFile(SAMPLES.sanctions), readFile(SAMPLES.aliases)]);
    const list = importSdn(sdn, { aliases });
    await this.#registry.putList('sanctions', list.elements, basename(SAMPLES.sanctions));
    return { rows: list.rows, names: list.elements.length };
  }

  /** Signs the next snapshot. The file is what `zkbazaar registry publish` writes. */
  async publish(): Promise<{ snapshot: SignedRegistrySnapshot; file: unknown; path: string }> {
    await this.#registry.putIssuer(await this.#bank.publish());
    await this.#registry.putIssuer(await this.#kyc.publish());
    const published = await this.#registry.publish();
    const now = Math.floor(Date.now() / 1000);
    const { bytes } = registryFile(published, this.#registry, { registryKey: this.registryKey, now });
    const path = join(this.dir, `registry-${published.snapshot.sequence}.json`);
    await writePrivateFile(path, bytes);
    return { snapshot: published.snapshot, file: JSON.parse(Buffer.from(bytes).toString('utf8')), path };
  }

  async revokeIdentity(serial: string): Promise<void> {
    await this.#kyc.revoke([serial]);
  }

  close(): void {
    for (const part of [this.#registry, this.#bank, this.#kyc]) part.close();
  }

  #registrations(): ReadonlyMap<string, string> {
    return new Map(Object.entries(CAST).map(([player, customer]) => [customer, this.holders[player as Player]]));
  }

  /** Writes each player's credentials to a file of their own. */
  async #handOut(kind: string, report: Awaited<ReturnType<Issuer['issueBalances']>>): Promise<Issued> {
    const { issued, rejected, unregistered } = report;
    const folder = join(this.dir, 'credentials');
    await ensurePrivateDir(folder);
    const of = (player: Player) =>
      issued.map(({ credential }) => credential).filter(({ holder }) => holder === this.holders[player]);
    const credentials = { mara: of('mara'), tom: of('tom'), fionn: of('fionn') };
    for (const [player, own] of Object.entries(credentials)) {
      await writePrivateFile(join(folder, `${player}-${kind}.json`), `${JSON.stringify(own, null, 2)}\n`);
    }
    return { lines: issued.length + rejected.length + unregistered.length, signed: issued.length, credentials };
  }
}
