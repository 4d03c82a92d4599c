import { concatBytes, fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { MAX_ENVELOPE_BYTES } from '../../envelope/constants.ts';
import { SYNC_MAX_RANGES, SYNC_PAGE_ITEMS, SYNC_SPLIT } from '../constants.ts';
import { OverlayError, OverlayErrorCode } from '../errors.ts';

/**
 * `/sync/1` on the wire. Keys are 36 bytes, as 72 lower-case hex digits in memory: expiry bucket (4, big-endian) and
 * envelope id (32), so that text order is key order. Ranges are [lower, upper). Integers are big-endian.
 */

export const KEY_BYTES = 36;
const FINGERPRINT_BYTES = 32;
const ID_BYTES = 32;
const OP_COMPARE = 1;
const OP_FETCH = 2;
const PART_EQUAL = 0;
const PART_ITEMS = 1;
const PART_SPLIT = 2;
const PART_LATER = 3;
const MAX_TOPIC_BYTES = 128;

export interface Range {
  lower: string;
  upper: string;
  fingerprint: string;
}

export interface ListedItem {
  key: string;
  topic: string;
}

/** The other side's answer to one range. */
export type RangeAnswer =
  | { kind: 'equal' }
  | { kind: 'items'; items: ListedItem[] }
  /** Ascending parts that make up the whole range, each from the end of the one before. */
  | { kind: 'split'; parts: { upper: string; fingerprint: string }[] }
  /** The page is full: ask for this range again. */
  | { kind: 'later' };

export interface FetchedItem {
  id: string;
  topic: string;
  data: Uint8Array;
}

export type SyncRequest = { op: 'compare'; ranges: Range[] } | { op: 'fetch'; ids: string[] };

export function encodeCompare(ranges: readonly Range[]): Uint8Array {
  const out: Uint8Array[] = [Uint8Array.of(OP_COMPARE, ranges.length)];
  for (const range of ranges) out.push(bytesOf(range.lower), bytesOf(range.upper), bytesOf(range.fingerprint));
  return concatBytes(...out);
}

export function encodeFetch(ids: readonly string[]): Uint8Array {
  return concatBytes(Uint8Array.of(OP_FETCH, ids.length), ...ids.map(bytesOf));
}

/** @throws OverlayError OVERLAY_FRAME_INVALID */
export function decodeRequest(bytes: Uint8Array): SyncRequest {
  const reader = new Reader(bytes);
  const op = reader.byte();
  const count = reader.byte();
  if (op === OP_FETCH) {
    if (count > SYNC_PAGE_ITEMS) throw invalid('too many ids');
    const ids = repeat(count, () => reader.hex(ID_BYTES));
    reader.end();
    return { op: 'fetch', ids };
  }
  if (op !== OP_COMPARE || count > SYNC_MAX_RANGES) throw invalid('unknown operation or too many ranges');
  const ranges = repeat(count, () => ({
    lower: reader.hex(KEY_BYTES),
    upper: reader.hex(KEY_BYTES),
    fingerprint: reader.hex(FINGERPRINT_BYTES),
  }));
  reader.end();
  let last = '';
  for (const { lower, upper } of ranges) {
    // Overlapping ranges would make one request as dear as many.
    if (lower < last || upper <= lower) throw invalid('ranges must ascend and not overlap');
    last = upper;
  }
  return { op: 'compare', ranges };
}

export function encodeAnswers(answers: readonly RangeAnswer[]): Uint8Array {
  const out: Uint8Array[] = [];
  for (const answer of answers) {
    if (answer.kind === 'equal') out.push(Uint8Array.of(PART_EQUAL));
    else if (answer.kind === 'later') out.push(Uint8Array.of(PART_LATER));
    else if (answer.kind === 'items') {
      out.push(Uint8Array.of(PART_ITEMS, answer.items.length));
      for (const item of answer.items) out.push(bytesOf(item.key), topicBytes(item.topic));
    } else {
      out.push(Uint8Array.of(PART_SPLIT, answer.parts.length));
      for (const part of answer.parts) out.push(bytesOf(part.upper), bytesOf(part.fingerprint));
    }
  }
  return concatBytes(...out);
}

/** One answer per range asked, checked against it. @throws OverlayError OVERLAY_FRAME_INVALID */
export function decodeAnswers(bytes: Uint8Array, asked: readonly Range[]): RangeAnswer[] {
  const reader = new Reader(bytes);
  const answers = asked.map((range) => decodeRangeAnswer(reader, range));
  reader.end();
  return answers;
}

function decodeRangeAnswer(reader: Reader, { lower, upper }: Range): RangeAnswer {
  const kind = reader.byte();
  if (kind === PART_EQUAL) return { kind: 'equal' };
  if (kind === PART_LATER) return { kind: 'later' };
  const count = reader.byte();
  if (kind === PART_ITEMS) {
    if (count > SYNC_PAGE_ITEMS) throw invalid('too many items');
    const items = repeat(count, () => ({ key: reader.hex(KEY_BYTES), topic: reader.topic() }));
    if (items.some(({ key }) => key < lower || key >= upper)) throw invalid('an item lies outside its range');
    return { kind: 'items', items };
  }
  if (kind !== PART_SPLIT || count < 2 || count > SYNC_SPLIT) throw invalid('unknown kind of answer');
  const parts = repeat(count, () => ({ upper: reader.hex(KEY_BYTES), fingerprint: reader.hex(FINGERPRINT_BYTES) }));
  let last = lower;
  for (const part of parts) {
    if (part.upper <= last) throw invalid('parts must ascend');
    last = part.upper;
  }
  if (last !== upper) throw invalid('parts must make up the range');
  return { kind: 'split', parts };
}

export function encodePage(items: readonly FetchedItem[]): Uint8Array {
  const out: Uint8Array[] = [Uint8Array.of(items.length)];
  for (const { id, topic, data } of items) {
    out.push(bytesOf(id), topicBytes(topic), Uint8Array.of(data.length >> 8, data.length & 0xff), data);
  }
  return concatBytes(...out);
}

/** @throws OverlayError OVERLAY_FRAME_INVALID */
export function decodePage(bytes: Uint8Array): FetchedItem[] {
  const reader = new Reader(bytes);
  const count = reader.byte();
  if (count > SYNC_PAGE_ITEMS) throw invalid('too many items');
  const items = repeat(count, () => {
    const id = reader.hex(ID_BYTES);
    const topic = reader.topic();
    const length = (reader.byte() << 8) | reader.byte();
    if (length > MAX_ENVELOPE_BYTES) throw invalid('an item is too large');
    return { id, topic, data: reader.take(length) };
  });
  reader.end();
  return items;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw invalid('the message is cut short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  hex(length: number): string {
    return toHex(this.take(length));
  }

  topic(): string {
    const length = this.byte();
    if (length === 0 || length > MAX_TOPIC_BYTES) throw invalid('a topic has no valid length');
    const text = new TextDecoder('ascii').decode(this.take(length));
    if (!/^[\x21-\x7e]+$/.test(text)) throw invalid('a topic is not printable');
    return text;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw invalid('bytes are left over');
  }
}

function repeat<T>(count: number, read: () => T): T[] {
  const out: T[] = [];
  for (let i = 0; i < count; i++) out.push(read());
  return out;
}

function topicBytes(topic: string): Uint8Array {
  const text = utf8(topic);
  return concatBytes(Uint8Array.of(text.length), text);
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw invalid('not hex');
  return bytes;
}

function invalid(what: string): OverlayError {
  return new OverlayError(OverlayErrorCode.FrameInvalid, `sync message: ${what}`);
}
