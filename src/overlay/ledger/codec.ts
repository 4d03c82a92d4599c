import { concatBytes } from '../../base/bytes.ts';
import { OverlayError, OverlayErrorCode } from '../errors.ts';

/**
 * `/ledger/1`, big-endian. Request: 1, height u64, transactions of that block that are there already u32, milliseconds to
 * wait for a block that is not made yet u16. Answer: height of the sender's head u64, then pieces of consecutive blocks:
 * length of the header u16, header, transactions of the block u32, number of the first one here u32, how many u32, and
 * each with its length u32. A piece that does not bring its block to the end is the last one.
 */
export interface BlocksRequest {
  readonly from: bigint;
  readonly have: number;
  readonly waitMs: number;
}

export interface BlockPiece {
  readonly header: Uint8Array;
  /** Transactions of the whole block. */
  readonly count: number;
  readonly first: number;
  readonly transactions: readonly Uint8Array[];
}

export interface BlocksAnswer {
  readonly head: bigint;
  readonly pieces: readonly BlockPiece[];
}

export const REQUEST_BYTES = 15;
const ANSWER_HEAD_BYTES = 8;
/** Headers have 168 bytes; room for a longer one in a later version. */
const MAX_HEADER_BYTES = 1024;
/** What the ledger's own bounds allow: transactions of a block, bytes of one. */
export const MAX_TRANSACTIONS = 65_536;
const MAX_TRANSACTION_BYTES = 65_536;

export function encodeRequest({ from, have, waitMs }: BlocksRequest): Uint8Array {
  const bytes = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  view.setBigUint64(1, from);
  view.setUint32(9, have);
  view.setUint16(13, waitMs);
  return bytes;
}

/** @throws OverlayError OVERLAY_FRAME_INVALID */
export function decodeRequest(bytes: Uint8Array): BlocksRequest {
  if (bytes.length !== REQUEST_BYTES || bytes[0] !== 1) throw invalid('a request has 15 bytes and begins with 1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { from: view.getBigUint64(1), have: view.getUint32(9), waitMs: view.getUint16(13) };
}

export function encodeAnswer({ head, pieces }: BlocksAnswer): Uint8Array {
  const start = new Uint8Array(ANSWER_HEAD_BYTES);
  new DataView(start.buffer).setBigUint64(0, head);
  return concatBytes(start, ...pieces.flatMap(encodePiece));
}

function encodePiece({ header, count, first, transactions }: BlockPiece): Uint8Array[] {
  const start = new Uint8Array(2);
  new DataView(start.buffer).setUint16(0, header.length);
  const numbers = new Uint8Array(12);
  const view = new DataView(numbers.buffer);
  [count, first, transactions.length].forEach((number, i) => {
    view.setUint32(i * 4, number);
  });
  return [start, header, numbers, ...transactions.flatMap((bytes) => [lengthOf(bytes), bytes])];
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return length;
}

/** Bytes that a piece takes before its transactions. */
export function pieceBytes(header: Uint8Array): number {
  return 2 + header.length + 12;
}

/** @throws OverlayError OVERLAY_FRAME_INVALID for whatever `encodeAnswer` does not give; takes no more memory than the frame */
export function decodeAnswer(bytes: Uint8Array): BlocksAnswer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.length) throw invalid('it ends in the middle');
    at += length;
    return at - length;
  };
  const head = view.getBigUint64(take(ANSWER_HEAD_BYTES));
  const pieces: BlockPiece[] = [];
  while (at < bytes.length) {
    const headerLength = view.getUint16(take(2));
    if (headerLength > MAX_HEADER_BYTES) throw invalid('a header is too long');
    const headerAt = take(headerLength);
    const header = bytes.slice(headerAt, at);
    const numbers = take(12);
    const [count, first, given] = [numbers, numbers + 4, numbers + 8].map((offset) => view.getUint32(offset)) as [
      number,
      number,
      number,
    ];
    if (count > MAX_TRANSACTIONS || first > count || given > count - first) throw invalid('its numbers do not fit');
    if (given === 0 && count > 0) throw invalid('a piece brings nothing');
    const transactions: Uint8Array[] = [];
    for (let i = 0; i < given; i += 1) {
      const length = view.getUint32(take(4));
      if (length > MAX_TRANSACTION_BYTES) throw invalid('a transaction is too long');
      const from = take(length);
      transactions.push(bytes.slice(from, at));
    }
    pieces.push({ header, count, first, transactions });
    if (first + given < count && at < bytes.length) throw invalid('a block goes on behind a piece of it');
  }
  return { head, pieces };
}

export function invalid(what: string): OverlayError {
  return new OverlayError(OverlayErrorCode.FrameInvalid, `ledger message: ${what}`);
}
