import { join } from 'node:path';
import { equalBytes, toHex, utf8 } from '../base/bytes.ts';
import { type Clock, nowSeconds, systemClock } from '../base/clock.ts';
import { withFileCodes } from '../base/coded-files.ts';
import { ED25519_KEY_BYTES, ed25519PublicKey, ed25519Sign, newEd25519Seed } from '../base/ed25519.ts';
import { isCodedError } from '../base/errors.ts';
import { withFileLock } from '../base/file-lock.ts';
import {
  ensurePrivateDir,
  pathExists,
  readPrivateFile,
  removeLeftovers,
  writePrivateFile,
} from '../base/private-file.ts';
import { MIN_PASSPHRASE_LENGTH } from '../base/sealed-file.ts';
import { SHORT_NAME_RULE } from '../base/short-name.ts';
import {
  getClaims,
  REGISTRY_DEPTH,
  type RegistrySnapshot,
  registryListSchema,
  registrySnapshotSchema,
} from '../claims/index.ts';
import { GAP_MAX, getCrypto, TREE_ARITY } from '../crypto/index.ts';
import { MAX_GAP_ELEMENTS, readEntry } from './entry.ts';
import { RegistryError, RegistryErrorCode } from './errors.ts';
import type { PublishedRegistry, Registry, RegistryCreate, RegistryInit, RegistryState } from './interface.ts';
import { createKeyFile, parseObject, readKeyFile, unlockKeyFile } from './key-file.ts';
import { MAX_STATE_BYTES, type RegistryContentState, RegistryStateFile } from './registry-state.ts';
import { checkPublished, headerSigningBytes, makeHeader } from './snapshot.ts';

const KEY_FORMAT = 'zkbazaar/registry-key';
/** Issuers and lists together: the leaves of the circuits' registry tree. */
const MAX_LEAVES = TREE_ARITY ** REGISTRY_DEPTH;
/** What `src/envelope` puts before everything that an envelope's author signs. */
const ENVELOPE_DOMAIN = utf8('zkbazaar/envelope/1\n');

const FILE_CODES = {
  notFound: RegistryErrorCode.NotFound,
  badFile: RegistryErrorCode.BadFile,
  busy: RegistryErrorCode.Busy,
  unlockFailed: RegistryErrorCode.UnlockFailed,
};
const guarded = <T>(work: () => Promise<T>): Promise<T> => withFileCodes(RegistryError, FILE_CODES, work);
const keyPath = (dir: string): string => join(dir, 'registry.json');
const publishedPath = (dir: string): string => join(dir, 'published.json');

interface RegistryOwner {
  readonly [key: string]: string;
  network: string;
  registryKey: string;
}

/**
 * Makes a network's registry with a fresh Ed25519 key, sealed under the passphrase.
 * @throws RegistryError REGISTRY_EXISTS, REGISTRY_BAD_INPUT, REGISTRY_BAD_PASSPHRASE, REGISTRY_BAD_FILE
 */
export async function initRegistry(init: RegistryCreate): Promise<Registry> {
  const { dir, network, passphrase } = init;
  if (!isNetworkName(network)) {
    throw new RegistryError(RegistryErrorCode.BadInput, `a network name is ${SHORT_NAME_RULE}`);
  }
  if (passphrase.length < MIN_PASSPHRASE_LENGTH) {
    throw new RegistryError(
      RegistryErrorCode.BadPassphrase,
      `a passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters`,
    );
  }
  await guarded(async () => {
    await ensurePrivateDir(dir);
    await withFileLock(keyPath(dir), async () => {
      if (await pathExists(keyPath(dir))) {
        throw new RegistryError(RegistryErrorCode.Exists, 'the folder holds a registry already', {
          hint: 'choose another folder',
        });
      }
      const seed = newEd25519Seed();
      const owner: RegistryOwner = { network, registryKey: toHex(ed25519PublicKey(seed)) };
      await new RegistryStateFile(dir).create();
      await createKeyFile(keyPath(dir), KEY_FORMAT, owner, seed, passphrase, init.scrypt);
    });
  });
  return await openRegistry(init);
}

/** @throws RegistryError REGISTRY_NOT_FOUND, REGISTRY_UNLOCK_FAILED, REGISTRY_BAD_FILE */
export async function openRegistry(init: RegistryInit): Promise<Registry> {
  const { dir, passphrase, clock = systemClock } = init;
  return await guarded(async () => {
    const file = await readKeyFile(dir, keyPath(dir), readOwner);
    const seed =
      passphrase === undefined
        ? undefined
        : await unlockKeyFile(file, KEY_FORMAT, passphrase, ED25519_KEY_BYTES, init.scrypt);
    return new FileRegistry({ dir, owner: file.public, seed, clock });
  });
}

class FileRegistry implements Registry {
  readonly #dir: string;
  readonly #owner: RegistryOwner;
  readonly #clock: Clock;
  readonly #state: RegistryStateFile;
  #seed: Buffer | undefined;

  constructor(parts: { dir: string; owner: RegistryOwner; seed: Buffer | undefined; clock: Clock }) {
    this.#dir = parts.dir;
    this.#owner = parts.owner;
    this.#clock = parts.clock;
    this.#state = new RegistryStateFile(parts.dir);
    this.#seed = parts.seed;
  }

  async state(): Promise<RegistryState> {
    const { sequence, issuers, lists } = await guarded(() => this.#state.read());
    const summaries = lists.map(({ name, elements, source }) => ({ name, elements: elements.length, source }));
    return { network: this.#owner.network, registryKey: this.#owner.registryKey, sequence, issuers, lists: summaries };
  }

  async putIssuer(input: unknown): Promise<void> {
    const { name, x, y, schema, revoked, sequence } = readEntry(await getCrypto(), input);
    await this.#edit(({ issuers, lists }) => {
      const at = issuers.findIndex((other) => other.x === x && other.y === y && other.schema === schema);
      const known = issuers[at];
      if (issuers.some((other) => other !== known && other.name === name && other.schema === schema)) {
        throw new RegistryError(RegistryErrorCode.BadEntry, 'another issuer of that schema has the same name', {
          where: 'name',
        });
      }
      if (known === undefined) {
        if (issuers.length + lists.length >= MAX_LEAVES) throw full();
        issuers.push({ name, x, y, schema, revoked, sequence });
        return;
      }
      const same = known.sequence === sequence && known.revoked.join() === revoked.join() && known.name === name;
      if (!same && sequence <= known.sequence) {
        const message = `the entry has sequence ${sequence}; ${known.sequence} is already held`;
        throw new RegistryError(RegistryErrorCode.EntryStale, message, { where: 'sequence' });
      }
      issuers[at] = { name, x, y, schema, revoked, sequence };
    });
  }

  async removeIssuer(nameOrKey: string): Promise<void> {
    await this.#edit((state) => {
      const rest = state.issuers.filter(({ name, x }) => name !== nameOrKey && x !== nameOrKey);
      if (rest.length === state.issuers.length) {
        throw new RegistryError(RegistryErrorCode.UnknownIssuer, 'the registry has no such issuer');
      }
      state.issuers = rest;
    });
  }

  async putList(name: string, elements: readonly bigint[], source: string): Promise<void> {
    const sorted = [...new Set(elements)].sort((a, b) => (a < b ? -1 : 1));
    if (sorted.length > MAX_GAP_ELEMENTS) {
      const message = `${sorted.length} elements; a list holds at most ${MAX_GAP_ELEMENTS}`;
      throw new RegistryError(RegistryErrorCode.ListTooLarge, message);
    }
    const [first = 1n, last = first] = [sorted[0], sorted.at(-1)];
    if (first <= 0n || last >= GAP_MAX) {
      throw new RegistryError(RegistryErrorCode.BadInput, 'list elements lie above 0 and below 2^128 - 1');
    }
    if (!registryListSchema.shape.name.safeParse(name).success || name.length > 32) {
      throw new RegistryError(
        RegistryErrorCode.BadInput,
        'a list name is a-z, then a-z, 0-9 and _, at most 32 characters',
      );
    }
    await this.#edit(({ issuers, lists }) => {
      const list = { name, elements: sorted.map(String), source: source.slice(0, 200) };
      const at = lists.findIndex((other) => other.name === name);
      if (at >= 0) lists[at] = list;
      else if (issuers.length + lists.length >= MAX_LEAVES) throw full();
      else lists.push(list);
    });
  }

  async removeList(name: string): Promise<void> {
    await this.#edit((state) => {
      const rest = state.lists.filter((list) => list.name !== name);
      if (rest.length === state.lists.length) {
        throw new RegistryError(RegistryErrorCode.UnknownList, 'the registry has no such list');
      }
      state.lists = rest;
    });
  }

  async publish(): Promise<PublishedRegistry> {
    this.#unlocked();
    const claims = await getClaims();
    return await guarded(() =>
      this.#state.update(async (state, save) => {
        const content = {
          issuers: state.issuers.map(({ name, x, y, schema, revoked }) => ({ name, x, y, schema, revoked })),
          lists: state.lists.map(({ name, elements }) => ({ name, elements })),
        };
        const snapshot: RegistrySnapshot = {
          network: this.#owner.network,
          sequence: state.sequence + 1,
          issuedAt: nowSeconds(this.#clock),
          ...content,
          root: claims.registryRoot(content).toString(),
        };
        const header = makeHeader(snapshot, claims.registryView(snapshot));
        // The number is spent on disk before anything is signed under it: a crash leaves a gap, never two snapshots.
        state.sequence += 1;
        await save();
        const signature = toHex(ed25519Sign(this.#unlocked(), headerSigningBytes(header)));
        const published = { header: { ...header, signature }, snapshot: { ...snapshot, signature } };
        await removeLeftovers(publishedPath(this.#dir));
        await writePrivateFile(publishedPath(this.#dir), `${JSON.stringify(published)}\n`);
        return published;
      }),
    );
  }

  async latest(): Promise<PublishedRegistry | undefined> {
    const { network, registryKey } = this.#owner;
    return await guarded(async () => {
      if (!(await pathExists(publishedPath(this.#dir)))) return undefined;
      const text = (await readPrivateFile(publishedPath(this.#dir), MAX_STATE_BYTES)).toString('utf8');
      try {
        return await checkPublished(parseObject(text), { registryKey, network });
      } catch (error) {
        if (!isCodedError(error)) throw error;
        throw new RegistryError(RegistryErrorCode.BadFile, `published.json is damaged: ${error.message}`, {
          where: 'published.json',
          hint: 'publish again',
        });
      }
    });
  }

  signEnvelope(signingBytes: Uint8Array): Uint8Array {
    if (!equalBytes(signingBytes.subarray(0, ENVELOPE_DOMAIN.length), ENVELOPE_DOMAIN)) {
      throw new RegistryError(RegistryErrorCode.ForeignMessage, 'the bytes to sign are not those of an envelope');
    }
    return ed25519Sign(this.#unlocked(), signingBytes);
  }

  close(): void {
    this.#seed?.fill(0);
    this.#seed = undefined;
  }

  async #edit(change: (state: RegistryContentState) => void): Promise<void> {
    await guarded(() => this.#state.update((state) => change(state)));
  }

  #unlocked(): Buffer {
    if (this.#seed !== undefined) return this.#seed;
    throw new RegistryError(RegistryErrorCode.Locked, 'the registry is locked', {
      hint: 'open it with its passphrase',
    });
  }
}

function readOwner(fields: Record<string, unknown>): RegistryOwner | undefined {
  const { network, registryKey } = fields;
  if (!isNetworkName(network) || typeof registryKey !== 'string' || !/^[0-9a-f]{64}$/.test(registryKey))
    return undefined;
  return { network, registryKey };
}

function isNetworkName(name: unknown): name is string {
  return registrySnapshotSchema.shape.network.safeParse(name).success;
}

function full(): RegistryError {
  return new RegistryError(RegistryErrorCode.Full, `a registry holds at most ${MAX_LEAVES} issuers and lists`);
}
