import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { OverlayError, OverlayErrorCode } from './errors.ts';

/** File of the transport key inside the data directory. */
export const KEY_FILE = 'peer.key';
// An Ed25519 key is 68 bytes in libp2p's protobuf; anything far larger is not ours to parse.
const MAX_KEY_BYTES = 4_096;

/**
 * The transport key of this peer: read from `<dataDir>/peer.key`, made on first use (Ed25519, libp2p protobuf, mode 0600).
 * It names the peer and nothing else: no other key is derived from it, nor it from any.
 * @throws OverlayError OVERLAY_KEY_UNSAFE if others can read or write the file, OVERLAY_KEY_INVALID if it is no key
 */
export async function loadIdentity(dataDir: string): Promise<PrivateKey> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, KEY_FILE);
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  const key = await generateKeyPair('Ed25519');
  await writeKey(path, privateKeyToProtobuf(key));
  // Another process may have been first; whichever file stands is the identity.
  return (await readKey(path)) ?? key;
}

async function readKey(path: string): Promise<PrivateKey | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OverlayError(OverlayErrorCode.KeyInvalid, 'the peer key cannot be read', {
      where: KEY_FILE,
      cause: error,
    });
  }
  try {
    const stat = await file.stat();
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw new OverlayError(OverlayErrorCode.KeyUnsafe, 'the peer key is open to other users of this machine', {
        where: KEY_FILE,
        hint: `chmod 600 ${KEY_FILE}, or remove it for a new identity if others may have read it`,
      });
    }
    if (!stat.isFile() || stat.size === 0 || stat.size > MAX_KEY_BYTES) throw invalidKey();
    return parseKey(await file.readFile());
  } finally {
    await file.close();
  }
}

function parseKey(bytes: Uint8Array): PrivateKey {
  try {
    return privateKeyFromProtobuf(bytes);
  } catch {
    // The cause may quote key bytes: left out on purpose.
    throw invalidKey();
  }
}

function invalidKey(): OverlayError {
  return new OverlayError(OverlayErrorCode.KeyInvalid, 'the peer key file holds no libp2p private key', {
    where: KEY_FILE,
    hint: 'restore it from a backup, or remove it for a new identity',
  });
}

/** Whole or not at all: written beside, synced, then linked to its name, which fails if the name is taken. */
async function writeKey(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
