import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { NETWORK_BYTES } from '../constants.ts';
import { corrupt } from './failures.ts';
import { chained, FRAME_HEAD_BYTES, KINDS, readHead, writeHead } from './frame.ts';

/**
 * A segment's first frame: 8 bytes magic, u32 version, u32 salt, 16 network, u64 height of the first block, u64 bytes of
 * the segment before, u32 chain of the segment before (`chained`), u32 zero. It is synced under another name before the
 * segment gets its own, so a segment without a sound head was damaged later.
 */
const MAGIC = Buffer.from('zkbzlog\0');
const VERSION = 1;
const PAYLOAD_BYTES = 56;
export const SEGMENT_HEAD_BYTES = FRAME_HEAD_BYTES + PAYLOAD_BYTES;
const NAME = /^blocks-(\d{16,20})\.log$/;

export interface SegmentHead {
  readonly salt: number;
  readonly network: Uint8Array;
  readonly first: bigint;
  readonly previousBytes: number;
  readonly previousChain: number;
}

/** A segment as the log knows it. */
export interface Segment {
  readonly name: string;
  readonly first: bigint;
  readonly salt: number;
  /** Bytes that count: what is behind them was never acknowledged. */
  bytes: number;
  chain: number;
  /** Places to begin reading at, one about every 4 MiB: what the index keeps of a long log stays small. */
  readonly places: { height: bigint; offset: number }[];
}

export function segmentName(first: bigint): string {
  return `blocks-${first.toString().padStart(16, '0')}.log`;
}

/** Undefined for a name that is no segment's. */
export function firstOf(name: string): bigint | undefined {
  const digits = NAME.exec(name)?.[1];
  if (digits === undefined) return undefined;
  const first = BigInt(digits);
  return segmentName(first) === name ? first : undefined;
}

export function newSalt(): number {
  return randomBytes(4).readUInt32LE();
}

export function encodeSegmentHead(head: SegmentHead): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
  const payload = bytes.subarray(FRAME_HEAD_BYTES);
  payload.set(MAGIC);
  payload.writeUInt32LE(VERSION, 8);
  payload.writeUInt32LE(head.salt, 12);
  payload.set(head.network, 16);
  payload.writeBigUInt64LE(head.first, 32);
  payload.writeBigUInt64LE(BigInt(head.previousBytes), 40);
  payload.writeUInt32LE(head.previousChain, 48);
  writeHead(bytes, { kind: KINDS.segment, length: PAYLOAD_BYTES, crc: crc32(payload) }, 0, 0);
  return bytes;
}

/** The head, and the segment as it is before its first frame. @throws LEDGER_LOG_CORRUPT */
export async function openSegment(
  handle: FileHandle,
  name: string,
  network: Uint8Array,
): Promise<{ head: SegmentHead; segment: Segment }> {
  const first = firstOf(name) ?? 0n;
  const bytes = Buffer.alloc(SEGMENT_HEAD_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, SEGMENT_HEAD_BYTES, 0);
  const frame = readHead(bytes, 0, 0);
  const payload = bytes.subarray(FRAME_HEAD_BYTES);
  const sound = bytesRead === SEGMENT_HEAD_BYTES && frame?.kind === KINDS.segment && frame.length === PAYLOAD_BYTES;
  if (!sound || frame.crc !== crc32(payload) || !payload.subarray(0, 8).equals(MAGIC)) {
    throw corrupt(name, 0, first, "the segment's head is damaged");
  }
  const version = payload.readUInt32LE(8);
  if (version !== VERSION) {
    throw corrupt(name, 0, first, `format ${version} is not known`, 'open it with the version that wrote it');
  }
  const head: SegmentHead = {
    salt: payload.readUInt32LE(12),
    network: new Uint8Array(payload.subarray(16, 16 + NETWORK_BYTES)),
    first: payload.readBigUInt64LE(32),
    previousBytes: Number(payload.readBigUInt64LE(40)),
    previousChain: payload.readUInt32LE(48),
  };
  if (Buffer.compare(head.network, network) !== 0) {
    throw corrupt(name, 0, first, 'the segment belongs to another network', 'point the node at its own folder');
  }
  if (head.first !== first) {
    throw corrupt(name, 0, first, `the segment begins at height ${head.first}, its name says ${first}`);
  }
  return { head, segment: segmentOf(head, bytes) };
}

/** A segment with nothing but its head. */
export function segmentOf(head: SegmentHead, bytes: Buffer): Segment {
  return {
    name: segmentName(head.first),
    first: head.first,
    salt: head.salt,
    bytes: SEGMENT_HEAD_BYTES,
    chain: chained(head.previousChain, bytes),
    places: [],
  };
}

const PLACE_EVERY_BYTES = 4 * 1024 * 1024;

/** Notes where a block begins, if the last place is far enough behind. */
export function notePlace(segment: Segment, height: bigint, offset: number): void {
  const last = segment.places.at(-1);
  if (last === undefined || offset - last.offset >= PLACE_EVERY_BYTES) segment.places.push({ height, offset });
}

/** Where to begin reading to come upon the block of this height. */
export function placeOf(segment: Segment, height: bigint): number {
  let low = 0;
  let high = segment.places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segment.places[middle]?.height ?? 0n) <= height) low = middle + 1;
    else high = middle;
  }
  return segment.places[low - 1]?.offset ?? SEGMENT_HEAD_BYTES;
}
