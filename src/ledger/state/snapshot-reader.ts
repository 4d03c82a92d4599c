import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { equalBytes } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import { HASH_BYTES, KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import {
  CHUNK_HEAD_BYTES,
  CRC_BYTES,
  END_BYTES,
  HEAD_AT,
  LEAST_ENTRY_BYTES,
  MAX_CHUNK_BYTES,
  MAX_HEADER_BYTES,
  PartBuffer,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  type SnapshotHead,
} from './snapshot-format.ts';

export interface SnapshotVisitor {
  /** Called once, before any entry. What it throws ends the reading. @param most entries that the file has room for */
  onHead?(head: SnapshotHead, most: number): void;
  /** Views that hold during the call. Entries may come before a fault further on is found: then nothing of them counts. */
  onEntry?(key: Uint8Array, value: Uint8Array): void;
}

/**
 * Reads and checks a snapshot, a chunk of at most 1 MiB at a time. Any byte that is not as it was written is an error that
 * names the file, the part and where it begins.
 * @returns the head and how many entries there were
 * @throws LEDGER_NOT_FOUND, LEDGER_SNAPSHOT_INVALID; what the visitor throws; the signal's reason
 */
export async function readSnapshot(
  path: string,
  visitor: SnapshotVisitor = {},
  signal?: AbortSignal,
): Promise<SnapshotHead & { entries: number }> {
  const reader = new PartReader(path, await openFile(path));
  try {
    const head = await reader.head();
    const size = await reader.size();
    visitor.onHead?.(head, Math.floor(size / LEAST_ENTRY_BYTES));
    while (await reader.chunk(visitor)) signal?.throwIfAborted();
    return { ...head, entries: reader.entries };
  } finally {
    await reader.close();
  }
}

class PartReader {
  readonly #name: string;
  readonly #handle: FileHandle;
  readonly #buffer = new PartBuffer();
  #offset = 0;
  #chunks = 0;
  /** Where the part that is being read begins, and what it is. */
  #part = { name: 'the head', start: 0 };
  entries = 0;

  constructor(path: string, handle: FileHandle) {
    this.#name = basename(path);
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async head(): Promise<SnapshotHead> {
    const { part, view } = this.#buffer;
    if (!(await this.#handle.stat()).isFile()) throw this.#fault('it is no file');
    await this.#fill(0, HEAD_AT.header);
    if (!equalBytes(part.subarray(0, SNAPSHOT_MAGIC.length), SNAPSHOT_MAGIC)) throw this.#fault('this is no snapshot');
    const version = view.getUint32(HEAD_AT.version, true);
    if (version !== SNAPSHOT_VERSION) throw this.#fault(`its version is ${version}, not ${SNAPSHOT_VERSION}`);
    const headerLength = view.getUint32(HEAD_AT.headerLength, true);
    if (headerLength > MAX_HEADER_BYTES) throw this.#fault(`its header has ${headerLength} bytes`);
    const end = HEAD_AT.header + headerLength;
    await this.#fill(HEAD_AT.header, end + CRC_BYTES);
    if (crc32(part.subarray(0, end)) !== view.getUint32(end, true)) throw this.#fault('its checksum is wrong');
    this.#buffer.chain(end + CRC_BYTES);
    return {
      network: part.slice(HEAD_AT.network, HEAD_AT.height),
      height: view.getBigUint64(HEAD_AT.height, true),
      header: part.slice(HEAD_AT.header, end),
    };
  }

  /** Whether there may be another one; checks the end of the file where there is none. */
  async chunk(visitor: SnapshotVisitor): Promise<boolean> {
    this.#part = { name: `chunk ${this.#chunks}`, start: this.#offset };
    const { view } = this.#buffer;
    await this.#fill(0, CHUNK_HEAD_BYTES);
    const payload = view.getUint32(0, true);
    if (payload === 0) {
      await this.#end();
      return false;
    }
    if (payload > MAX_CHUNK_BYTES) throw this.#fault(`its length is ${payload}, more than ${MAX_CHUNK_BYTES}`);
    const length = CHUNK_HEAD_BYTES + payload;
    await this.#fill(CHUNK_HEAD_BYTES, length);
    this.#checkCrc(length);
    this.#buffer.chain(length);
    this.#visit(length, view.getUint32(4, true), visitor);
    this.#chunks += 1;
    return true;
  }

  #visit(length: number, expected: number, visitor: SnapshotVisitor): void {
    const { part } = this.#buffer;
    let count = 0;
    let at = CHUNK_HEAD_BYTES;
    while (at < length) {
      const from = at + KEY_BYTES + 1;
      const to = from + (part[from - 1] ?? 0);
      if (to === from || to - from > MAX_RECORD_BYTES || to > length) {
        throw this.#fault(`entry ${count} has an impossible length`);
      }
      visitor.onEntry?.(part.subarray(at, at + KEY_BYTES), part.subarray(from, to));
      at = to;
      count += 1;
    }
    if (count !== expected) throw this.#fault(`it has ${count} entries and says ${expected}`);
    this.entries += count;
  }

  async #end(): Promise<void> {
    const { view } = this.#buffer;
    this.#part.name = 'the end';
    const length = CHUNK_HEAD_BYTES + END_BYTES;
    await this.#fill(CHUNK_HEAD_BYTES, length);
    this.#checkCrc(length);
    if (
      view.getUint32(4, true) !== this.#chunks ||
      view.getBigUint64(CHUNK_HEAD_BYTES, true) !== BigInt(this.entries)
    ) {
      throw this.#fault('it counts other chunks or entries than there are');
    }
    const seal = this.#buffer.chain(length);
    this.#part = { name: 'the seal', start: this.#offset };
    await this.#fill(0, HASH_BYTES);
    if (!equalBytes(this.#buffer.part.subarray(0, HASH_BYTES), seal)) throw this.#fault('it is not that of this file');
    this.#part = { name: 'what follows the seal', start: this.#offset };
    if ((await this.size()) !== this.#offset) throw this.#fault('nothing may be there');
  }

  #checkCrc(length: number): void {
    const { view } = this.#buffer;
    if (this.#buffer.crcOf(this.#chunks, length) !== view.getUint32(8, true))
      throw this.#fault('its checksum is wrong');
  }

  /** Reads on from the file into the part's bytes `from` to `to`. */
  async #fill(from: number, to: number): Promise<void> {
    let at = from;
    while (at < to) {
      const { bytesRead } = await this.#handle
        .read(this.#buffer.part, at, to - at, this.#offset)
        .catch((error: unknown) => {
          throw this.#fault(`it cannot be read: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`, error);
        });
      if (bytesRead === 0) throw this.#fault('the file ends within it');
      at += bytesRead;
      this.#offset += bytesRead;
    }
  }

  #fault(what: string, cause?: unknown): LedgerError {
    const { name, start } = this.#part;
    return invalid(this.#name, `${name}, from byte ${start} on: ${what}`, cause);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new LedgerError('LEDGER_NOT_FOUND', `there is no snapshot ${basename(path)}`, { where: basename(path) });
    }
    throw invalid(basename(path), `it cannot be opened: ${code ?? messageOf(error)}`, error);
  }
}

function invalid(name: string, what: string, cause?: unknown): LedgerError {
  return new LedgerError('LEDGER_SNAPSHOT_INVALID', `snapshot ${name}: ${what}`, {
    where: name,
    hint: 'use an older snapshot or fetch one from a peer; the log has all blocks since',
    cause,
  });
}
