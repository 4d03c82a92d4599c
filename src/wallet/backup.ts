import { sha256, toHex } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { createSealer, openSealed, type ScryptCost } from '../base/sealed-file.ts';
import { WalletError, WalletErrorCode } from './errors.ts';

const FILE_FORMAT = 'zkbazaar/wallet-backup-file';
const SEAL_FORMAT = 'zkbazaar/wallet-backup';
export const MAX_BACKUP_BYTES = 128 * 1024 * 1024;

/** One file: the sealed vault, and a checksum over it that shows damage without the passphrase. */
export async function sealBackup(plaintext: Uint8Array, passphrase: string, cost?: ScryptCost): Promise<Uint8Array> {
  const sealer = await createSealer(SEAL_FORMAT, passphrase, cost);
  const sealed = JSON.parse(sealer.seal(plaintext)) as Json;
  sealer.close();
  const file = { format: FILE_FORMAT, version: 1, checksum: checksumOf(sealed), sealed };
  return new Uint8Array(Buffer.from(`${JSON.stringify(file, null, 2)}\n`, 'utf8'));
}

/**
 * The vault's bytes; the caller overwrites them.
 * @throws WalletError WALLET_BAD_BACKUP; CodedError FILE_UNLOCK_FAILED and others of `openSealed`
 */
export async function openBackup(file: Uint8Array, passphrase: string, cost?: ScryptCost): Promise<Buffer> {
  if (file.length > MAX_BACKUP_BYTES) throw bad(`the file is larger than ${MAX_BACKUP_BYTES} bytes`);
  const { format, version, checksum, sealed } = parse(file);
  if (format !== FILE_FORMAT) throw bad('the file is no backup of a wallet');
  if (version !== 1) throw bad('this build reads version 1 of backups only');
  if (typeof sealed !== 'object' || sealed === null) throw bad('the file is incomplete');
  if (checksum !== checksumSafely(sealed as Json)) throw bad('the checksum does not fit: the file is damaged');
  const { sealer, plaintext } = await openSealed(SEAL_FORMAT, JSON.stringify(sealed), passphrase, cost);
  sealer.close();
  return plaintext;
}

function parse(file: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
    return (value ?? {}) as Record<string, unknown>;
  } catch {
    throw bad('the file is not JSON');
  }
}

function checksumOf(sealed: Json): string {
  return toHex(sha256(`zkbazaar/wallet-backup/1\n${canonicalJson(sealed)}`));
}

function checksumSafely(sealed: Json): string | undefined {
  try {
    return checksumOf(sealed);
  } catch {
    // Floats and the like: nothing that a backup holds.
    return undefined;
  }
}

function bad(message: string): WalletError {
  return new WalletError(WalletErrorCode.BadBackup, message, { hint: 'take another copy of the backup' });
}
