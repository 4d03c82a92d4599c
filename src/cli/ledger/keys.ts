import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ALGORITHMS } from '../../api/ledger-build.ts';
import { equalBytes, fromHex, toHex } from '../../base/bytes.ts';
import { isCodedError } from '../../base/errors.ts';
import { ensurePrivateDir, pathExists } from '../../base/private-file.ts';
import { MIN_PASSPHRASE_LENGTH } from '../../base/sealed-file.ts';
import { SHORT_NAME, SHORT_NAME_RULE } from '../../base/short-name.ts';
import { createSigner, generateKeyPair } from '../../crypto/signatures/index.ts';
import { createKeyFile, readKeyFile, unlockKeyFile } from '../../issuer/key-file.ts';
import { ADDRESS_BYTES } from '../../ledger/constants.ts';
import { addressOf } from '../../ledger/hashes.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { askPassphrase } from '../passphrase.ts';

/** Keys that sign transactions: one sealed file each, in the data folder. */

const FORMAT = 'zkbazaar/ledger-key';

export interface LedgerKey {
  readonly [field: string]: string;
  readonly name: string;
  /** `ed25519`, `ml-dsa-44` or `hybrid`. */
  readonly algorithm: string;
  readonly address: string;
  readonly publicKey: string;
}

export type OpenKey = LedgerKey & { sign(id: Uint8Array): Uint8Array };

/** @throws CliError CLI_BAD_ARGUMENT, CLI_FILE_EXISTS */
export async function makeKey(context: CliContext, name: string, algorithm: string): Promise<LedgerKey> {
  const number = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  if (number === undefined) {
    throw new CliError(CliErrorCode.BadArgument, `there is no signature algorithm ${algorithm}`, {
      where: '--algorithm',
      hint: `one of ${Object.keys(ALGORITHMS).join(', ')}`,
    });
  }
  const { path, dir } = await fileOf(context, name);
  if (await pathExists(path)) {
    throw new CliError(CliErrorCode.FileExists, `there is a key ${name} already`, { hint: 'choose another name' });
  }
  await ensurePrivateDir((await context.settings()).paths.dataDir);
  await ensurePrivateDir(dir);
  const passphrase = await askPassphrase(context, { purpose: `ledger key ${name}`, fresh: true });
  if ([...passphrase].length < MIN_PASSPHRASE_LENGTH) {
    throw new CliError(CliErrorCode.BadArgument, `a passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters`);
  }
  const { seed, publicKey } = generateKeyPair(number);
  const key = { name, algorithm, address: toHex(addressOf(number, publicKey)), publicKey: toHex(publicKey) };
  const secret = Buffer.from(seed);
  seed.fill(0);
  await createKeyFile(path, FORMAT, key, secret, passphrase, undefined);
  return key;
}

/** In the order of their names; without secrets. */
export async function listKeys(context: CliContext): Promise<LedgerKey[]> {
  const { ledgerKeysDir } = (await context.settings()).paths;
  const files = await readdir(ledgerKeysDir).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
  return Promise.all(
    names
      .filter((name) => SHORT_NAME.test(name))
      .toSorted()
      .map((name) => publicPart(context, name)),
  );
}

/** The key's public part. @throws CliError CLI_NOTHING_THERE; FILE_* */
export async function publicPart(context: CliContext, name: string): Promise<LedgerKey> {
  return (await open(context, name)).public;
}

/** Asks for the passphrase. @throws CliError CLI_NOTHING_THERE; FILE_UNLOCK_FAILED */
export async function openKey(context: CliContext, name: string): Promise<OpenKey> {
  const file = await open(context, name);
  const { algorithm, publicKey } = file.public;
  const number = ALGORITHMS[algorithm] ?? 1;
  const passphrase = await askPassphrase(context, { purpose: `ledger key ${name}` });
  const seed = await unlockKeyFile(file, FORMAT, passphrase, number === 3 ? 64 : 32, undefined);
  try {
    const signer = createSigner(number, seed);
    if (!equalBytes(signer.publicKey, fromHex(publicKey) ?? new Uint8Array())) {
      throw new CliError('FILE_MALFORMED', 'the key file holds another key than the one it names');
    }
    return { ...file.public, sign: (id) => signer.sign(id) } as OpenKey;
  } finally {
    seed.fill(0);
  }
}

/** An address as hex, or the name of one of the keys here. @throws CliError CLI_NOTHING_THERE */
export async function addressFrom(context: CliContext, text: string): Promise<string> {
  if (fromHex(text, ADDRESS_BYTES) !== undefined) return text;
  return (await publicPart(context, text)).address;
}

async function open(context: CliContext, name: string) {
  const { path, dir } = await fileOf(context, name);
  try {
    return await readKeyFile(dir, path, readPublic);
  } catch (error) {
    if (!isCodedError(error) || error.code !== 'FILE_NOT_FOUND') throw error;
    throw new CliError(CliErrorCode.NothingThere, `there is no ledger key ${name} here`, {
      hint: 'zkbazaar ledger key list shows them; an address has 40 lower-case hex digits',
    });
  }
}

async function fileOf(context: CliContext, name: string): Promise<{ dir: string; path: string }> {
  if (!SHORT_NAME.test(name)) {
    throw new CliError(CliErrorCode.BadArgument, `a key’s name has ${SHORT_NAME_RULE}`, {
      where: name.slice(0, 64),
      hint: 'an address has 40 lower-case hex digits',
    });
  }
  const dir = (await context.settings()).paths.ledgerKeysDir;
  return { dir, path: join(dir, `${name}.json`) };
}

function readPublic(fields: Record<string, unknown>): LedgerKey | undefined {
  const { name, algorithm, address, publicKey } = fields;
  if (typeof name !== 'string' || typeof algorithm !== 'string' || typeof publicKey !== 'string') return undefined;
  const number = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  const bytes = fromHex(publicKey);
  if (number === undefined || bytes === undefined || typeof address !== 'string') return undefined;
  return toHex(addressOf(number, bytes)) === address ? { name, algorithm, address, publicKey } : undefined;
}
