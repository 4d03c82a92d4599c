import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../errors.ts';
import { corrupt, FrameFault } from './failures.ts';
import { type Depth, type Frame, frames } from './frames.ts';
import type { OrderedBlock, Seal } from './interface.ts';
import type { BlockHead } from './payload.ts';
import { placeOf, type Segment } from './segment.ts';
import { FileWindow } from './window.ts';

/** What a reader needs of the log: its segments as they are now. */
export interface Readable {
  readonly folder: string;
  readonly segments: readonly Segment[];
}

/** Blocks `from` to `to`, one in memory at a time. What is appended meanwhile is not seen. */
export async function* readBlocks(
  log: Readable,
  from: bigint,
  to: bigint,
): AsyncGenerator<OrderedBlock, void, undefined> {
  if (from > to) return;
  const depth = ({ height }: BlockHead) => (height < from ? 'seals' : 'transactions');
  for await (const frame of framesFrom(log, from, depth)) {
    if (frame.ordered === undefined) continue;
    yield frame.ordered;
    if (frame.ordered.height >= to) return;
  }
}

/** Seals of heights `from` on. A seal stands behind its block, so reading begins at the block. */
export async function* readSeals(log: Readable, from: bigint): AsyncGenerator<Seal, void, undefined> {
  for await (const frame of framesFrom(log, from, ({ height }) => (height < from ? 'seals' : 'checked'))) {
    for (const seal of frame.seals) {
      if (seal.height >= from) yield seal;
    }
  }
}

async function* framesFrom(
  { folder, segments }: Readable,
  from: bigint,
  depth: (head: BlockHead) => Depth,
): AsyncGenerator<Frame, void, undefined> {
  const first = segments.findLastIndex((segment) => segment.first <= from);
  for (const segment of segments.slice(Math.max(0, first))) {
    // Taken now: frames behind it may be half written.
    const stretch = { from: placeOf(segment, from), to: segment.bytes, salt: segment.salt };
    let height = segment.first;
    const handle = await openPresent(folder, segment.name, from);
    try {
      for await (const frame of frames(new FileWindow(handle), stretch, depth)) {
        if (frame.block !== undefined) height = frame.block.height + 1n;
        yield frame;
      }
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      throw corrupt(segment.name, error.offset, height, error.message);
    } finally {
      await handle.close();
    }
  }
}

async function openPresent(folder: string, name: string, from: bigint): Promise<FileHandle> {
  try {
    return await open(join(folder, name), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new LedgerError('LEDGER_NOT_FOUND', `block ${from} was pruned while it was read`);
  }
}
