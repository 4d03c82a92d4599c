import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { CliError, CliErrorCode } from './errors.ts';

/** Files of the formats we read fit; the proving key is not read this way. */
const MAX_INPUT_BYTES = 128 * 1024 * 1024;

/** Read at once from what has no size: pipes and devices. */
const PIECE_BYTES = 64 * 1024;
/** Node reads no more at once. */
const MAX_PIECE_BYTES = 2 ** 30;

/**
 * Reads a file that the user named, pipe or device; `-` is standard input.
 * @throws CliError CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE
 */
export async function readInput(path: string, maxBytes = MAX_INPUT_BYTES): Promise<Uint8Array> {
  if (path === '-') return readStandardInput(maxBytes);
  const where = basename(path);
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxBytes) throw tooLarge(where, maxBytes);
      return await readBounded(handle, size, maxBytes, where);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new CliError(CliErrorCode.FileUnreadable, `cannot read ${where}: ${reason}`, { where: path });
  }
}

/** To the end, or until it is too much. @param expected what the file system says, 0 for a pipe or a device */
async function readBounded(handle: FileHandle, expected: number, maxBytes: number, where: string): Promise<Uint8Array> {
  let room = new Uint8Array(expected > 0 ? expected + 1 : PIECE_BYTES);
  let size = 0;
  for (;;) {
    const { bytesRead } = await handle.read(room, size, Math.min(room.length - size, MAX_PIECE_BYTES));
    if (bytesRead === 0) return room.subarray(0, size);
    size += bytesRead;
    if (size > maxBytes) throw tooLarge(where, maxBytes);
    if (size < room.length) continue;
    const larger = new Uint8Array(Math.min(2 * size, maxBytes + 1));
    larger.set(room);
    // It may be a witness.
    room.fill(0);
    room = larger;
  }
}

async function readStandardInput(maxBytes: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw tooLarge('standard input', maxBytes);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function tooLarge(where: string, maxBytes: number): CliError {
  return new CliError(CliErrorCode.FileTooLarge, `${where} is larger than ${maxBytes} bytes`, { where });
}

/** @throws CliError CLI_NOT_JSON, and those of `readInput` */
export async function readJson(path: string, maxBytes?: number): Promise<unknown> {
  const bytes = await readInput(path, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own words quote the file, which may hold personal data.
    throw new CliError(CliErrorCode.NotJson, `${basename(path)} is not JSON in UTF-8`, { where: path });
  }
}

/**
 * Writes a file that the user named, readable by its owner alone: it may hold personal data.
 * @throws CliError CLI_FILE_EXISTS unless `force`; CLI_WRITE_FAILED
 */
export async function writeOutput(path: string, content: Uint8Array | string, force = false): Promise<void> {
  try {
    await writeFile(path, content, { mode: 0o600, flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new CliError(CliErrorCode.FileExists, `${basename(path)} exists already`, {
        where: path,
        hint: 'choose another name, or add --force',
      });
    }
    throw new CliError(CliErrorCode.WriteFailed, `cannot write ${basename(path)}: ${messageOf(error)}`, {
      where: path,
    });
  }
}
