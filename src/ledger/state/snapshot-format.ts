import { crc32 } from 'node:zlib';
import { utf8 } from '../../base/bytes.ts';
import { blake3Key, blake3Keyed } from '../../crypto/blake3.ts';
import { HASH_BYTES, KEY_BYTES, MAX_RECORD_BYTES, NETWORK_BYTES } from '../constants.ts';

/**
 * A snapshot file, all numbers little-endian:
 *
 *     head   magic 8, version u32, header length u32, network 16, height u64, header, crc32 of all this
 *     chunk  payload length u32 (1 to 1 MiB), entries u32, crc32, payload: entries of key 32, length u8 (1 to 128), value
 *     end    0 u32, chunks u32, crc32, entries of all chunks u64
 *     seal   32 bytes
 *
 * A chunk's crc32 starts from its number and covers length, entries and payload; that of the end does likewise. The seal is
 * a chain: BLAKE3[snapshot](what came before || part), from 32 zeros over head, chunks and end.
 */
export const SNAPSHOT_MAGIC: Uint8Array = utf8('zkbzsnap');
export const SNAPSHOT_VERSION = 1;
export const HEAD_AT = { version: 8, headerLength: 12, network: 16, height: 32, header: 40 } as const;
export const MAX_HEADER_BYTES = 4096;
export const CRC_BYTES = 4;
export const CHUNK_HEAD_BYTES = 12;
/** What follows the chunk head of length 0. */
export const END_BYTES = 8;
export const MAX_CHUNK_BYTES = 1024 * 1024;
export const LEAST_ENTRY_BYTES: number = KEY_BYTES + 2;
export const MOST_ENTRY_BYTES: number = KEY_BYTES + 1 + MAX_RECORD_BYTES;
const SNAPSHOT_KEY = blake3Key('zkbazaar ledger v1 snapshot');

/** What a snapshot is of. */
export interface SnapshotHead {
  /** 16 bytes. */
  readonly network: Uint8Array;
  readonly height: bigint;
  /** The block's header, up to 4 KiB that are not looked into here. */
  readonly header: Uint8Array;
}

export function encodeHead({ network, height, header }: SnapshotHead): Uint8Array {
  if (network.length !== NETWORK_BYTES || header.length > MAX_HEADER_BYTES) {
    throw new RangeError(`a network has ${NETWORK_BYTES} bytes, a header at most ${MAX_HEADER_BYTES}`);
  }
  const bytes = new Uint8Array(HEAD_AT.header + header.length + CRC_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(SNAPSHOT_MAGIC);
  view.setUint32(HEAD_AT.version, SNAPSHOT_VERSION, true);
  view.setUint32(HEAD_AT.headerLength, header.length, true);
  bytes.set(network, HEAD_AT.network);
  view.setBigUint64(HEAD_AT.height, height, true);
  bytes.set(header, HEAD_AT.header);
  const end = bytes.length - CRC_BYTES;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

/**
 * Space for one part with room for the chain's value in front of it, so that a part is hashed without being copied. A chunk
 * is: 12 bytes of head, payload.
 */
export class PartBuffer {
  readonly #bytes = new Uint8Array(HASH_BYTES + CHUNK_HEAD_BYTES + MAX_CHUNK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer, HASH_BYTES);
  readonly part: Uint8Array = this.#bytes.subarray(HASH_BYTES);

  get view(): DataView {
    return this.#view;
  }

  /** The part's checksum: of its first 8 bytes and of what follows its own crc32. */
  crcOf(number: number, length: number): number {
    return crc32(this.part.subarray(CHUNK_HEAD_BYTES, length), crc32(this.part.subarray(0, 8), number));
  }

  /** Takes the first `length` bytes into the chain; gives its value so far, a copy. */
  chain(length: number): Uint8Array {
    const value = blake3Keyed(SNAPSHOT_KEY, this.#bytes.subarray(0, HASH_BYTES + length));
    this.#bytes.set(value);
    return value;
  }
}
