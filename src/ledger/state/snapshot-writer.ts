import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import {
  CHUNK_HEAD_BYTES,
  END_BYTES,
  encodeHead,
  MAX_CHUNK_BYTES,
  MOST_ENTRY_BYTES,
  PartBuffer,
  type SnapshotHead,
} from './snapshot-format.ts';

/** One record; the views need to hold only until the next one is asked for. */
export interface SnapshotEntry {
  readonly key: Uint8Array;
  /** 1 to 128 bytes. */
  readonly value: Uint8Array;
}

export const TEMPORARY_MARK = '.tmp-';

/**
 * Writes a snapshot beside its place, syncs it and renames it there, so that the place has the old file or the new one, and
 * whole. Whatever fails, the new one is deleted.
 * @param entries each record once; read in steps of 1 MiB, between which other work of the thread has its turn
 * @returns how many entries there were
 * @throws LEDGER_LOG_UNWRITABLE without room or rights; what `entries` throws; the signal's reason
 */
export async function writeSnapshot(
  path: string,
  head: SnapshotHead,
  entries: Iterable<SnapshotEntry> | AsyncIterable<SnapshotEntry>,
  signal?: AbortSignal,
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}${TEMPORARY_MARK}${randomBytes(8).toString('hex')}`);
  const handle = await open(temporary, 'wx', 0o600).catch((error: unknown) => fail(path, error));
  try {
    let count: number;
    try {
      const writer = new ChunkWriter(path, handle);
      await writer.head(head);
      if (Symbol.iterator in entries) {
        for (const entry of entries) if (writer.add(entry)) await writer.flush(signal);
      } else {
        for await (const entry of entries) if (writer.add(entry)) await writer.flush(signal);
      }
      signal?.throwIfAborted();
      count = await writer.end();
      await handle.datasync().catch((error: unknown) => fail(path, error));
    } finally {
      await handle.close();
    }
    await rename(temporary, path).catch((error: unknown) => fail(path, error));
    await syncFolder(path);
    return count;
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

class ChunkWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #buffer = new PartBuffer();
  #filled = CHUNK_HEAD_BYTES;
  #entries = 0;
  #chunks = 0;
  #total = 0;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async head(head: SnapshotHead): Promise<void> {
    const bytes = encodeHead(head);
    this.#buffer.part.set(bytes);
    this.#buffer.chain(bytes.length);
    await this.#write(bytes);
  }

  /** Whether the chunk is full now and must be flushed. */
  add({ key, value }: SnapshotEntry): boolean {
    if (key.length !== KEY_BYTES || value.length === 0 || value.length > MAX_RECORD_BYTES) {
      throw new LedgerError('LEDGER_KEY_INVALID', `a record has a key of 32 and a value of 1 to 128 bytes`);
    }
    const { part } = this.#buffer;
    part.set(key, this.#filled);
    part[this.#filled + KEY_BYTES] = value.length;
    part.set(value, this.#filled + KEY_BYTES + 1);
    this.#filled += KEY_BYTES + 1 + value.length;
    this.#entries += 1;
    return this.#filled + MOST_ENTRY_BYTES > CHUNK_HEAD_BYTES + MAX_CHUNK_BYTES;
  }

  async end(): Promise<number> {
    if (this.#entries > 0) await this.flush();
    const { part, view } = this.#buffer;
    view.setBigUint64(CHUNK_HEAD_BYTES, BigInt(this.#total), true);
    const length = CHUNK_HEAD_BYTES + END_BYTES;
    this.#sealPart(0, this.#chunks, length);
    const seal = this.#buffer.chain(length);
    await this.#write(Buffer.concat([part.subarray(0, length), seal]));
    return this.#total;
  }

  async flush(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const length = this.#filled;
    this.#sealPart(length - CHUNK_HEAD_BYTES, this.#entries, length);
    this.#buffer.chain(length);
    await this.#write(this.#buffer.part.subarray(0, length));
    this.#chunks += 1;
    this.#total += this.#entries;
    this.#entries = 0;
    this.#filled = CHUNK_HEAD_BYTES;
  }

  #sealPart(payload: number, count: number, length: number): void {
    const { view } = this.#buffer;
    view.setUint32(0, payload, true);
    view.setUint32(4, count, true);
    view.setUint32(8, this.#buffer.crcOf(this.#chunks, length), true);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesWritten } = await this.#handle
        .write(bytes, offset, bytes.length - offset)
        .catch((error: unknown) => fail(this.#path, error));
      offset += bytesWritten;
    }
  }
}

/** A rename is durable once its folder is. Some file systems cannot sync a folder; they order metadata themselves. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(dirname(path), 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function fail(path: string, cause: unknown): never {
  const why = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
  throw new LedgerError('LEDGER_LOG_UNWRITABLE', `the snapshot ${basename(path)} cannot be written: ${why}`, {
    where: basename(path),
    hint: 'make room or give back the right to write; older snapshots and the log are as they were',
    cause,
  });
}
