import { crc32 } from 'node:zlib';
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../constants.ts';

/**
 * A frame: u32 length of the payload (a multiple of 8), u32 CRC-32 of the payload, u8 kind, 3 zero, u32 CRC-32 of these
 * 12 bytes and the frame's offset, seeded with the segment's salt; then the payload. All numbers are little-endian.
 *
 * The head has its own checksum so that a flipped length is not taken for a frame that was cut short. Offset and salt
 * (random per segment) are in it so that bytes inside a transaction never pass for a frame.
 */
export const FRAME_HEAD_BYTES = 16;
export const KINDS = { segment: 1, block: 2, seals: 3 } as const;
export const MAX_SEAL_BYTES = 256;
/** Seals that wait for the next frame. */
export const MAX_BUFFERED_SEALS = 1024;
export const MAX_PAYLOAD_BYTES =
  64 + MAX_BUFFERED_SEALS * (16 + MAX_SEAL_BYTES) + MAX_BLOCK_TRANSACTIONS * 4 + MAX_BLOCK_BYTES;

export interface FrameHead {
  readonly kind: number;
  readonly length: number;
  readonly crc: number;
}

const covered = Buffer.alloc(20);

function headChecksum(bytes: Uint8Array, offset: number, salt: number): number {
  covered.set(bytes.subarray(0, 12));
  covered.writeUIntLE(offset, 12, 6);
  return crc32(covered, salt);
}

export function writeHead(into: Buffer, head: FrameHead, offset: number, salt: number): void {
  into.writeUInt32LE(head.length, 0);
  into.writeUInt32LE(head.crc, 4);
  into.writeUInt32LE(head.kind, 8);
  into.writeUInt32LE(headChecksum(into, offset, salt), 12);
}

/** Undefined when these 16 bytes are no frame's head at this offset. */
export function readHead(bytes: Buffer, offset: number, salt: number): FrameHead | undefined {
  const length = bytes.readUInt32LE(0);
  const kind = bytes.readUInt32LE(8);
  // Cheap refusals first: the search behind a damaged frame asks this of every eighth byte.
  if (kind < KINDS.segment || kind > KINDS.seals || length % 8 !== 0 || length > MAX_PAYLOAD_BYTES) return undefined;
  if (headChecksum(bytes, offset, salt) !== bytes.readUInt32LE(12)) return undefined;
  return { kind, length, crc: bytes.readUInt32LE(4) };
}

/** Runs over the heads of all frames of a segment, and from segment to segment: none can be missing or exchanged. */
export function chained(chain: number, head: Uint8Array): number {
  return crc32(head.subarray(0, FRAME_HEAD_BYTES), chain);
}
