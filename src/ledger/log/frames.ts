import { crc32 } from 'node:zlib';
import { FrameFault } from './failures.ts';
import { FRAME_HEAD_BYTES, type FrameHead, KINDS, readHead } from './frame.ts';
import type { OrderedBlock, Seal } from './interface.ts';
import {
  BLOCK_HEAD_BYTES,
  type BlockHead,
  batchFrom,
  decodeBlockHead,
  decodeOffsets,
  decodeSeals,
  lengthsBytes,
  SEALS_HEAD_BYTES,
} from './payload.ts';
import type { FileWindow } from './window.ts';

/** One frame of a segment, its checksums right. */
export interface Frame {
  readonly offset: number;
  readonly end: number;
  /** The 16 bytes of its head. */
  readonly head: Buffer;
  readonly block: BlockHead | undefined;
  /** Only where the transactions were asked for. */
  readonly ordered: OrderedBlock | undefined;
  readonly seals: readonly Seal[];
}

/** What of a block is wanted: to pass it by costs no reading, to check it reads it through a window. */
export type Depth = 'transactions' | 'checked' | 'seals';

export interface Stretch {
  readonly from: number;
  /** Bytes of the segment that count. */
  readonly to: number;
  readonly salt: number;
}

/**
 * The frames of a segment between two offsets. With depth `seals` the transactions are passed by unread, and so no
 * payload's checksum is compared.
 * @param depth asked anew at each block, so that those before the wanted one are passed by
 * @throws FrameFault at the first that is not as it was written
 */
export async function* frames(
  window: FileWindow,
  { from, to, salt }: Stretch,
  depth: (head: BlockHead) => Depth,
): AsyncGenerator<Frame, void, undefined> {
  let offset = from;
  while (offset < to) {
    const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
    const start = offset + FRAME_HEAD_BYTES;
    if (start > to || (await window.read(bytes, offset)) < FRAME_HEAD_BYTES) {
      throw new FrameFault('short', offset, to, "the file ends inside of a frame's head");
    }
    const head = readHead(bytes, offset, salt);
    if (head === undefined || head.kind === KINDS.segment) {
      throw new FrameFault('head', offset, offset, 'no frame begins here, or its head is damaged');
    }
    const end = start + head.length;
    if (end > to)
      throw new FrameFault('short', offset, end, `the file ends ${end - to} bytes before its last frame does`);
    const payload = new Payload(window, start, head);
    const read = head.kind === KINDS.block ? await readBlock(payload, depth) : await readSeals(payload);
    if (read === undefined) throw new FrameFault('payload', offset, end, 'the checksum of the content is wrong');
    yield { offset, end, head: bytes, ...read };
    offset = end;
  }
}

type Content = Pick<Frame, 'block' | 'ordered' | 'seals'>;

async function readBlock(payload: Payload, depth: (head: BlockHead) => Depth): Promise<Content | undefined> {
  if (payload.left < BLOCK_HEAD_BYTES) return undefined;
  const block = decodeBlockHead(await payload.take(BLOCK_HEAD_BYTES), payload.length);
  if (block === undefined) return undefined;
  const seals = decodeSeals(await payload.take(block.sealBytes), block.seals);
  if (seals === undefined) return undefined;
  const wanted = depth(block);
  if (wanted === 'seals') return { block, ordered: undefined, seals };
  const offsets = decodeOffsets(await payload.take(lengthsBytes(block.count)), block);
  if (offsets === undefined) return undefined;
  if (wanted === 'checked') {
    return (await payload.passes()) ? { block, ordered: undefined, seals } : undefined;
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(block.transactionBytes));
  await payload.into(bytes);
  if (!(await payload.passes())) return undefined;
  const { height, time, transactionsRoot } = block;
  return { block, seals, ordered: { height, time, transactionsRoot, batch: batchFrom(bytes, offsets) } };
}

async function readSeals(payload: Payload): Promise<Content | undefined> {
  if (payload.left < SEALS_HEAD_BYTES) return undefined;
  const head = await payload.take(SEALS_HEAD_BYTES);
  if (head.readUInt32LE(4) !== payload.left) return undefined;
  const seals = decodeSeals(await payload.take(payload.left), head.readUInt32LE(0));
  return seals !== undefined && (await payload.passes()) ? { block: undefined, ordered: undefined, seals } : undefined;
}

/** Reads a payload part by part and sums it up on the way. */
class Payload {
  readonly length: number;
  readonly #window: FileWindow;
  readonly #crc: number;
  #at: number;
  #sum = 0;
  left: number;

  constructor(window: FileWindow, start: number, head: FrameHead) {
    this.#window = window;
    this.#at = start;
    this.#crc = head.crc;
    this.length = head.length;
    this.left = head.length;
  }

  async take(bytes: number): Promise<Buffer> {
    // Bounded by the payload, which is bounded by the file: a wrong count allocates no more than what is there.
    const part = Buffer.alloc(Math.min(bytes, this.left));
    await this.into(part);
    return part;
  }

  async into(part: Uint8Array): Promise<void> {
    await this.#window.read(part, this.#at);
    this.#passed(part);
  }

  /** Reads what is left and tells whether everything was as it was written. */
  async passes(): Promise<boolean> {
    while (this.left > 0) {
      const part = await this.#window.view(this.#at, this.left);
      if (part.length === 0) return false;
      this.#passed(part);
    }
    return this.#sum === this.#crc;
  }

  #passed(part: Uint8Array): void {
    this.#sum = crc32(part, this.#sum);
    this.#at += part.length;
    this.left -= part.length;
  }
}
