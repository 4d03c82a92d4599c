import { sha256, toHex } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { CodedError } from '../base/errors.ts';
import { checkPrivateDir, FileErrorCode, readPrivateFile, writePrivateFile } from '../base/private-file.ts';
import { createSealer, openSealed, type ScryptCost } from '../base/sealed-file.ts';

/** A key file is a few hundred bytes. */
const MAX_KEY_FILE_BYTES = 16 * 1024;

/**
 * A key file: who it belongs to in the clear, the secrets sealed. The seal also covers a hash of the clear part, so
 * that nobody can put another name or public key over a key.
 */
export interface KeyFile<Public extends { readonly [key: string]: Json }> {
  public: Public;
  sealed: string;
}

const DIGEST_BYTES = 32;

/** Writes a new key file. `secrets` is sealed and then overwritten. */
export async function createKeyFile<Public extends { readonly [key: string]: Json }>(
  path: string,
  format: string,
  owner: Public,
  secrets: Buffer,
  passphrase: string,
  cost: ScryptCost | undefined,
): Promise<void> {
  const plaintext = Buffer.concat([digestOf(owner), secrets]);
  secrets.fill(0);
  try {
    const sealer = await createSealer(format, passphrase, cost);
    const sealed: unknown = JSON.parse(sealer.seal(plaintext));
    sealer.close();
    await writePrivateFile(path, `${JSON.stringify({ v: 1, ...owner, key: sealed }, null, 2)}\n`);
  } finally {
    plaintext.fill(0);
  }
}

/** Reads the clear part; `read` checks it. @throws CodedError FILE_* */
export async function readKeyFile<Public extends { readonly [key: string]: Json }>(
  dir: string,
  path: string,
  read: (fields: Record<string, unknown>) => Public | undefined,
): Promise<KeyFile<Public>> {
  await checkPrivateDir(dir);
  const text = (await readPrivateFile(path, MAX_KEY_FILE_BYTES)).toString('utf8');
  const fields = parseObject(text);
  const owner = fields?.['v'] === 1 ? read(fields) : undefined;
  const key = fields?.['key'];
  if (owner === undefined || typeof key !== 'object' || key === null) {
    throw new CodedError(FileErrorCode.Malformed, 'the key file is damaged or of another version');
  }
  return { public: owner, sealed: JSON.stringify(key) };
}

/** The secrets of a key file; the caller overwrites them. @throws CodedError FILE_UNLOCK_FAILED and others */
export async function unlockKeyFile<Public extends { readonly [key: string]: Json }>(
  file: KeyFile<Public>,
  format: string,
  passphrase: string,
  secretBytes: number,
  cost: ScryptCost | undefined,
): Promise<Buffer> {
  const { sealer, plaintext } = await openSealed(format, file.sealed, passphrase, cost);
  sealer.close();
  try {
    const digest = plaintext.subarray(0, DIGEST_BYTES);
    if (plaintext.length !== DIGEST_BYTES + secretBytes || toHex(digest) !== toHex(digestOf(file.public))) {
      throw new CodedError(FileErrorCode.Malformed, 'the key file names another owner than the one it was made for');
    }
    return Buffer.from(plaintext.subarray(DIGEST_BYTES));
  } finally {
    plaintext.fill(0);
  }
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(owner: Json): Uint8Array {
  return sha256(`zkbazaar/key-file/1\n${canonicalJson(owner)}`);
}
