import { crc32 } from 'node:zlib';
import type { FrameFault } from './failures.ts';
import { FRAME_HEAD_BYTES, KINDS, readHead } from './frame.ts';
import type { FileWindow } from './window.ts';

/**
 * Is a fault at the end of the last segment, behind all that is known to be acknowledged, a write that was interrupted?
 *
 * One append is one frame, and the next begins only when it is synced: a torn write can only be the last frame, and
 * nothing is behind it. What an interruption leaves of it is a shorter file, or (after a power failure, where the file
 * system had noted the new length before the content) whole pages of zeros. A frame of full length with a wrong
 * checksum and no such page is not torn but damaged, and it may have been acknowledged: it is refused, not cut.
 */
const PAGE = 4096;
/** Zeros of fewer bytes may be content: padding, small numbers. */
const LEAST_ZEROS = 64;

/**
 * `torn` says what the interruption looks like; `damaged` that it is none, but that nothing stands behind the fault, so
 * that an operator who knows better may have it cut; `buried` that sound frames stand behind it.
 */
export type Tail = { kind: 'torn'; why: string } | { kind: 'damaged' } | { kind: 'buried' };

export async function judgeTail(window: FileWindow, fault: FrameFault, bytes: number, salt: number): Promise<Tail> {
  if (fault.kind === 'short') return { kind: 'torn', why: fault.message };
  if (fault.kind === 'payload') {
    if (fault.end !== bytes) return { kind: 'buried' };
    const torn = await zeroPage(window, fault.offset, bytes, bytes);
    return torn ? { kind: 'torn', why: 'pages of its last frame were never written' } : { kind: 'damaged' };
  }
  if (await frameBehind(window, fault.offset + 8, bytes, salt)) return { kind: 'buried' };
  // A head that is not zero was written, and what was written as a head is a head: only a page of zeros explains it.
  const headEnd = Math.min(bytes, fault.offset + FRAME_HEAD_BYTES);
  const torn = await zeroPage(window, fault.offset, headEnd, bytes);
  return torn ? { kind: 'torn', why: 'the page with its last head was never written' } : { kind: 'damaged' };
}

/** Whether a page that begins in (or holds) `from` to `to` is all zeros, as far as it lies between `from` and `end`. */
async function zeroPage(window: FileWindow, from: number, to: number, end: number): Promise<boolean> {
  for (let start = from; start < to; start = (Math.floor(start / PAGE) + 1) * PAGE) {
    const stop = Math.min((Math.floor(start / PAGE) + 1) * PAGE, end);
    if (stop - start >= LEAST_ZEROS && (await zeros(window, start, stop))) return true;
  }
  return false;
}

async function zeros(window: FileWindow, start: number, stop: number): Promise<boolean> {
  const bytes = Buffer.alloc(stop - start);
  await window.read(bytes, start);
  return bytes.every((byte) => byte === 0);
}

/** Whether a whole frame, its checksums right, begins anywhere behind. */
async function frameBehind(window: FileWindow, from: number, end: number, salt: number): Promise<boolean> {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES);
  for (let offset = from; offset + FRAME_HEAD_BYTES <= end; offset += 8) {
    await window.read(bytes, offset);
    const head = readHead(bytes, offset, salt);
    if (head === undefined || head.kind === KINDS.segment) continue;
    if (await matches(window, offset + FRAME_HEAD_BYTES, offset + FRAME_HEAD_BYTES + head.length, end, head.crc)) {
      return true;
    }
  }
  return false;
}

async function matches(window: FileWindow, start: number, stop: number, end: number, crc: number): Promise<boolean> {
  if (stop > end) return false;
  let sum = 0;
  for (let at = start; at < stop; ) {
    const part = await window.view(at, stop - at);
    if (part.length === 0) return false;
    sum = crc32(part, sum);
    at += part.length;
  }
  return sum === crc;
}
