import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readPrivateFile, writePrivateFile } from '../../base/private-file.ts';
import { NETWORK_BYTES } from '../constants.ts';
import { corrupt } from './failures.ts';

/**
 * `log.tail`, 64 bytes: how far the log was acknowledged when it was written, and where it begins since pruning. It is
 * written in place after each fdatasync and not synced itself: it lags behind after a power failure (by what the kernel
 * had not written back), and never runs ahead. Whatever is damaged in front of it had been acknowledged.
 */
export interface Marker {
  /** Height of the first segment. */
  readonly oldest: bigint;
  /** First height of the last segment. */
  readonly segment: bigint;
  /** Bytes of that segment that were acknowledged. */
  readonly bytes: number;
}

export const MARKER_NAME = 'log.tail';
const MAGIC = Buffer.from('zkbztail');
const VERSION = 1;
const MARKER_BYTES = 64;
const COVERED = 60;
const HINT =
  'restore the file from a copy, or open the log once with repair: the end of the log is then taken as it is found';

export function encodeMarker(marker: Marker, network: Uint8Array): Buffer {
  const bytes = Buffer.alloc(MARKER_BYTES);
  bytes.set(MAGIC);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.set(network, 16);
  bytes.writeBigUInt64LE(marker.oldest, 32);
  bytes.writeBigUInt64LE(marker.segment, 40);
  bytes.writeBigUInt64LE(BigInt(marker.bytes), 48);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, COVERED)), COVERED);
  return bytes;
}

/** @throws LEDGER_LOG_CORRUPT damaged, or of another network */
export function decodeMarker(bytes: Buffer, network: Uint8Array): Marker {
  const sound =
    bytes.length === MARKER_BYTES && bytes.subarray(0, 8).equals(MAGIC) && bytes.readUInt32LE(8) === VERSION;
  if (!sound || bytes.readUInt32LE(COVERED) !== crc32(bytes.subarray(0, COVERED))) {
    throw corrupt(MARKER_NAME, 0, 0n, 'the marker of what was acknowledged is damaged', HINT);
  }
  if (Buffer.compare(bytes.subarray(16, 16 + NETWORK_BYTES), network) !== 0) {
    throw corrupt(MARKER_NAME, 16, 0n, 'the log belongs to another network', 'point the node at its own folder');
  }
  return {
    oldest: bytes.readBigUInt64LE(32),
    segment: bytes.readBigUInt64LE(40),
    bytes: Number(bytes.readBigUInt64LE(48)),
  };
}

/** Undefined when there is none. */
export async function readMarker(folder: string, network: Uint8Array): Promise<Marker | undefined> {
  const path = join(folder, MARKER_NAME);
  try {
    return decodeMarker(await readPrivateFile(path, MARKER_BYTES), network);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'FILE_NOT_FOUND') return undefined;
    if (code === 'FILE_TOO_LARGE') throw corrupt(MARKER_NAME, MARKER_BYTES, 0n, 'the marker is too long', HINT);
    throw error;
  }
}

export function markerMissing(): Error {
  return corrupt(MARKER_NAME, 0, 0n, 'there are segments, but no marker of what was acknowledged', HINT);
}

/** Synced, as a whole: where it is made, and where it must not lag behind (pruning, closing). */
export async function writeMarker(folder: string, marker: Marker, network: Uint8Array): Promise<void> {
  await writePrivateFile(join(folder, MARKER_NAME), encodeMarker(marker, network));
}

/** Writes the marker in place, one write at a time; what cannot be written only makes it lag. */
export class MarkerWriter {
  readonly #network: Uint8Array;
  readonly #handle: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, network: Uint8Array) {
    this.#handle = handle;
    this.#network = network;
  }

  static async open(folder: string, network: Uint8Array): Promise<MarkerWriter> {
    return new MarkerWriter(await open(join(folder, MARKER_NAME), 'r+'), network);
  }

  /** Does not wait. */
  put(marker: Marker): Promise<void> {
    const bytes = encodeMarker(marker, this.#network);
    this.#last = this.#last.then(async () => {
      await this.#handle.write(bytes, 0, bytes.length, 0).catch(() => undefined);
    });
    return this.#last;
  }

  /** Durable when it resolves. @throws what the system says */
  async commit(marker: Marker): Promise<void> {
    await this.#last;
    await this.#handle.write(encodeMarker(marker, this.#network), 0, MARKER_BYTES, 0);
    await this.#handle.datasync();
  }

  async sync(): Promise<void> {
    await this.#last;
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }
}
