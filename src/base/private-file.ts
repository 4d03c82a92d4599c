import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CodedError } from './errors.ts';

export const FileErrorCode = {
  NotFound: 'FILE_NOT_FOUND',
  Exists: 'FILE_EXISTS',
  LoosePermissions: 'FILE_LOOSE_PERMISSIONS',
  NotPrivate: 'FILE_NOT_PRIVATE',
  TooLarge: 'FILE_TOO_LARGE',
  Locked: 'FILE_LOCKED',
  Malformed: 'FILE_MALFORMED',
  UnsupportedVersion: 'FILE_UNSUPPORTED_VERSION',
  WeakKdf: 'FILE_WEAK_KDF',
  UnlockFailed: 'FILE_UNLOCK_FAILED',
} as const;

// Windows keeps no POSIX modes; there the profile folder's ACL is the protection.
const HAS_MODES = process.platform !== 'win32';
const TMP_MARK = '.tmp-';

/** Makes a folder 0700, or checks one that is there. @throws CodedError FILE_LOOSE_PERMISSIONS, FILE_NOT_PRIVATE */
export async function ensurePrivateDir(dir: string): Promise<void> {
  const made = await mkdir(dir, { recursive: true, mode: 0o700 });
  // A restrictive umask can only take bits away; this puts the owner's back.
  if (made !== undefined && HAS_MODES) await chmod(dir, 0o700);
  await checkPrivateDir(dir);
}

/** @throws CodedError FILE_NOT_FOUND, FILE_LOOSE_PERMISSIONS, FILE_NOT_PRIVATE */
export async function checkPrivateDir(dir: string): Promise<void> {
  const stats = await statOf(dir);
  if (!stats.isDirectory()) throw notPrivate(dir, 'is not a folder');
  checkOwnerAndMode(dir, stats, '0700');
}

/** Whether anything, a dangling link included, is at `path`. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Reads a file that must be ours alone: a regular file (no link), our own, and no bit for group or others.
 * @throws CodedError FILE_NOT_FOUND, FILE_NOT_PRIVATE, FILE_LOOSE_PERMISSIONS, FILE_TOO_LARGE
 */
export async function readPrivateFile(path: string, maxBytes: number): Promise<Buffer> {
  const stats = await statOf(path);
  if (!stats.isFile()) throw notPrivate(path, 'is not a regular file');
  checkOwnerAndMode(path, stats, '0600');
  const handle = await openUnlinked(path);
  try {
    // Asked again of what was opened: the name may have come to mean another file since.
    const opened = await handle.stat();
    if (!opened.isFile()) throw notPrivate(path, 'is not a regular file');
    checkOwnerAndMode(path, opened, '0600');
    const { size } = opened;
    if (size > maxBytes) {
      const message = `${basename(path)} has ${size} bytes, more than the ${maxBytes} that are read`;
      throw new CodedError(FileErrorCode.TooLarge, message, { where: basename(path) });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file as a whole: written beside it, synced, renamed over it, and the folder synced. A crash at any moment
 * leaves the old content or the new one, and at worst a `.tmp-` file that `removeLeftovers` deletes.
 */
export async function writePrivateFile(path: string, content: Uint8Array | string): Promise<void> {
  const dir = dirname(path);
  const temporary = join(dir, `.${basename(path)}${TMP_MARK}${randomBytes(8).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDir(dir);
}

/** Deletes what writers killed before their rename left beside `path`. Call it under the file's lock only. */
export async function removeLeftovers(path: string): Promise<void> {
  const prefix = `.${basename(path)}${TMP_MARK}`;
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(prefix)) await unlink(join(dirname(path), name)).catch(() => undefined);
  }
}

/** A rename is durable once its folder is. Some file systems cannot sync a folder; they order metadata themselves. */
async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

/** Follows no link, and does not wait for the other end of a pipe. */
async function openUnlinked(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'EMLINK') throw notPrivate(path, 'is not a regular file');
    if (code === 'ENOENT') throw notFound(path);
    throw error;
  }
}

function notFound(path: string): CodedError {
  return new CodedError(FileErrorCode.NotFound, `${basename(path)} does not exist`, { where: basename(path) });
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw notFound(path);
  }
}

function checkOwnerAndMode(path: string, stats: Stats, wanted: string): void {
  if (!HAS_MODES) return;
  if (process.getuid !== undefined && stats.uid !== process.getuid()) throw notPrivate(path, 'belongs to another user');
  if ((stats.mode & 0o077) === 0) return;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  throw new CodedError(FileErrorCode.LoosePermissions, `${basename(path)} has mode ${mode}: others may read it`, {
    where: basename(path),
    hint: `run chmod ${wanted} on it, and take its content for known if it was ever on a shared machine`,
  });
}

function notPrivate(path: string, why: string): CodedError {
  return new CodedError(FileErrorCode.NotPrivate, `${basename(path)} ${why}`, { where: basename(path) });
}
