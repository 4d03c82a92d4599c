import { crc32 } from 'node:zlib';
import { type BlockBatch, openBatch } from '../block/batch.ts';
import { HASH_BYTES, MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../constants.ts';
import { FRAME_HEAD_BYTES, MAX_BUFFERED_SEALS, MAX_SEAL_BYTES } from './frame.ts';
import type { OrderedBlock, Seal } from './interface.ts';

/**
 * Payload of a block frame: u64 height, u64 time, 32 transactions root, u32 transactions, u32 seals, u32 bytes of the
 * seals, u32 bytes of the transactions; the seals; u32 length of each transaction, padded to 8; the transactions one
 * behind the other, as they stand in memory. Payload of a seals frame: u32 seals, u32 bytes of the seals; the seals.
 * A seal: u64 height, u32 length, u32 zero, the header padded to 8.
 */
export const BLOCK_HEAD_BYTES = 64;
export const SEALS_HEAD_BYTES = 8;
const SEAL_HEAD_BYTES = 16;

export interface BlockHead {
  readonly height: bigint;
  readonly time: bigint;
  readonly transactionsRoot: Uint8Array;
  readonly count: number;
  readonly seals: number;
  readonly sealBytes: number;
  readonly transactionBytes: number;
}

const padded = (bytes: number) => (bytes + 7) & ~7;
export const lengthsBytes = (count: number) => padded(count * 4);
const sealsBytes = (seals: readonly Seal[]) =>
  seals.reduce((sum, { header }) => sum + SEAL_HEAD_BYTES + padded(header.length), 0);

/** Everything of a block frame in front of the transactions, with room for the frame's head before it, and its CRC. */
export function encodeBlock(
  block: OrderedBlock,
  seals: readonly Seal[],
): { front: Buffer; crc: number; length: number } {
  const { batch } = block;
  const sealed = sealsBytes(seals);
  const size = BLOCK_HEAD_BYTES + sealed + lengthsBytes(batch.count);
  const front = Buffer.alloc(FRAME_HEAD_BYTES + size);
  let at = FRAME_HEAD_BYTES;
  front.writeBigUInt64LE(block.height, at);
  front.writeBigUInt64LE(block.time, at + 8);
  front.set(block.transactionsRoot, at + 16);
  front.writeUInt32LE(batch.count, at + 48);
  front.writeUInt32LE(seals.length, at + 52);
  front.writeUInt32LE(sealed, at + 56);
  front.writeUInt32LE(batch.bytes.length, at + 60);
  at = writeSeals(front, at + BLOCK_HEAD_BYTES, seals);
  const { offsets } = batch;
  for (let i = 0; i < batch.count; i++) {
    front.writeUInt32LE((offsets[i + 1] ?? 0) - (offsets[i] ?? 0), at);
    at += 4;
  }
  const crc = crc32(batch.bytes, crc32(front.subarray(FRAME_HEAD_BYTES)));
  return { front, crc, length: size + batch.bytes.length };
}

export function encodeSeals(seals: readonly Seal[]): { front: Buffer; crc: number; length: number } {
  const sealed = sealsBytes(seals);
  const front = Buffer.alloc(FRAME_HEAD_BYTES + SEALS_HEAD_BYTES + sealed);
  front.writeUInt32LE(seals.length, FRAME_HEAD_BYTES);
  front.writeUInt32LE(sealed, FRAME_HEAD_BYTES + 4);
  writeSeals(front, FRAME_HEAD_BYTES + SEALS_HEAD_BYTES, seals);
  return { front, crc: crc32(front.subarray(FRAME_HEAD_BYTES)), length: SEALS_HEAD_BYTES + sealed };
}

function writeSeals(into: Buffer, start: number, seals: readonly Seal[]): number {
  let at = start;
  for (const { height, header } of seals) {
    into.writeBigUInt64LE(height, at);
    into.writeUInt32LE(header.length, at + 8);
    into.set(header, at + SEAL_HEAD_BYTES);
    at += SEAL_HEAD_BYTES + padded(header.length);
  }
  return at;
}

/** Undefined when the parts do not add up to the frame; bounds first, so that nothing is allocated for garbage. */
export function decodeBlockHead(bytes: Buffer, payload: number): BlockHead | undefined {
  const head: BlockHead = {
    height: bytes.readBigUInt64LE(0),
    time: bytes.readBigUInt64LE(8),
    transactionsRoot: new Uint8Array(bytes.subarray(16, 16 + HASH_BYTES)),
    count: bytes.readUInt32LE(48),
    seals: bytes.readUInt32LE(52),
    sealBytes: bytes.readUInt32LE(56),
    transactionBytes: bytes.readUInt32LE(60),
  };
  if (head.count > MAX_BLOCK_TRANSACTIONS || head.seals > MAX_BUFFERED_SEALS) return undefined;
  if (head.transactionBytes > MAX_BLOCK_BYTES || head.transactionBytes % 8 !== 0) return undefined;
  const size = BLOCK_HEAD_BYTES + head.sealBytes + lengthsBytes(head.count) + head.transactionBytes;
  return size === payload ? head : undefined;
}

/** Undefined when they do not add up. */
export function decodeSeals(bytes: Buffer, count: number): Seal[] | undefined {
  const seals: Seal[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + SEAL_HEAD_BYTES > bytes.length) return undefined;
    const length = bytes.readUInt32LE(at + 8);
    const start = at + SEAL_HEAD_BYTES;
    if (length > MAX_SEAL_BYTES || start + length > bytes.length) return undefined;
    seals.push({ height: bytes.readBigUInt64LE(at), header: new Uint8Array(bytes.subarray(start, start + length)) });
    at = start + padded(length);
  }
  return at === bytes.length ? seals : undefined;
}

/** Undefined when the lengths do not add up to the bytes. */
export function decodeOffsets(lengths: Buffer, head: BlockHead): Uint32Array | undefined {
  const offsets = new Uint32Array(new SharedArrayBuffer((head.count + 1) * 4));
  let offset = 0;
  for (let i = 0; i < head.count; i++) {
    const length = lengths.readUInt32LE(i * 4);
    if (length === 0 || length % 8 !== 0) return undefined;
    offset += length;
    offsets[i + 1] = offset;
  }
  return offset === head.transactionBytes ? offsets : undefined;
}

export function batchFrom(bytes: Uint8Array<SharedArrayBuffer>, offsets: Uint32Array): BlockBatch {
  return openBatch(bytes.buffer, offsets);
}
