import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { leavesRoom, unwritable } from './failures.ts';
import { chained, FRAME_HEAD_BYTES, type FrameHead, writeHead } from './frame.ts';
import { encodeSegmentHead, type Segment, type SegmentHead, segmentOf } from './segment.ts';

/** Under this name a segment gets its head; a crash leaves at most this. */
export const DRAFT_NAME = 'blocks.draft';

/** Appends whole frames to the last segment, or nothing. */
export class SegmentWriter {
  readonly segment: Segment;
  readonly #handle: FileHandle;
  #broken = false;

  private constructor(handle: FileHandle, segment: Segment) {
    this.#handle = handle;
    this.segment = segment;
  }

  /** Makes a segment: head synced, then named, then the folder synced. */
  static async create(folder: string, head: SegmentHead): Promise<SegmentWriter> {
    const bytes = encodeSegmentHead(head);
    const draft = join(folder, DRAFT_NAME);
    const segment = segmentOf(head, bytes);
    const handle = await open(draft, constants.O_CREAT | constants.O_TRUNC | constants.O_RDWR, 0o600);
    try {
      await writeFully(handle, [bytes], 0);
      await handle.sync();
      await rename(draft, join(folder, segment.name));
      await syncFolder(folder);
      return new SegmentWriter(handle, segment);
    } catch (error) {
      await handle.close();
      // Named but not in use: left there it would be taken for the log's last segment.
      for (const name of [draft, join(folder, segment.name)]) await unlink(name).catch(() => undefined);
      throw error;
    }
  }

  /** Opens the last segment of a recovered log and takes off what recovery cut. */
  static async open(folder: string, segment: Segment): Promise<SegmentWriter> {
    const handle = await open(join(folder, segment.name), 'r+');
    try {
      const { size } = await handle.stat();
      if (size !== segment.bytes) {
        await handle.truncate(segment.bytes);
        await handle.sync();
      }
      return new SegmentWriter(handle, segment);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** A failed write could not be taken back. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Writes a frame and syncs it. `front` has room for the head; `rest` follows it in place. Returns where it begins.
   * @throws LEDGER_LOG_UNWRITABLE the segment is as it was, or `broken`
   */
  async append(frame: FrameHead, front: Buffer, rest: Uint8Array | undefined, onWritten: () => void): Promise<number> {
    const { segment } = this;
    const offset = segment.bytes;
    writeHead(front, frame, offset, segment.salt);
    try {
      await writeFully(this.#handle, rest === undefined || rest.length === 0 ? [front] : [front, rest], offset);
    } catch (error) {
      await this.#takeBack(offset);
      throw unwritable(error, `cannot write to ${segment.name}`, this.#broken);
    }
    onWritten();
    try {
      await this.#handle.datasync();
    } catch (error) {
      // The kernel may have marked as clean what it failed to write: only reading it all again tells what is there.
      await this.#takeBack(offset);
      if (!leavesRoom(error)) this.#broken = true;
      throw unwritable(error, `cannot sync ${segment.name}`, this.#broken);
    }
    segment.bytes = offset + FRAME_HEAD_BYTES + frame.length;
    segment.chain = chained(segment.chain, front);
    return offset;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #takeBack(offset: number): Promise<void> {
    try {
      await this.#handle.truncate(offset);
    } catch {
      this.#broken = true;
    }
  }
}

/** A write may be short, where the disk fills up or the buffers are large; the next call tells why. */
async function writeFully(handle: FileHandle, parts: Uint8Array[], position: number): Promise<void> {
  let left = parts;
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = behind(left, bytesWritten);
  }
}

function behind(parts: Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  const left: Uint8Array[] = [];
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length;
    else {
      left.push(part.subarray(skip));
      skip = 0;
    }
  }
  return left;
}

/** A new or deleted name is durable once its folder is synced; some file systems cannot, and order it themselves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
