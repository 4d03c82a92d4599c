import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../errors.ts';
import type { BlockLog, CutTail } from './interface.ts';
import { MARKER_NAME, markerMissing, readMarker } from './marker.ts';
import { readBlocks, readSeals } from './reader.ts';
import { type Recovered, recover } from './recover.ts';
import { present, segmentsOf } from './segments.ts';

export interface LogReaderOptions {
  readonly folder: string;
  /** 16 bytes; a log of another network is refused. */
  readonly network: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** A log as it was when it was opened: what a node appends meanwhile is not seen. */
export interface LogReader extends Pick<BlockLog, 'oldest' | 'head' | 'sealed' | 'read' | 'seals'> {
  /** What stands behind the last whole frame: a node is writing there, or was interrupted. */
  readonly cut: CutTail | undefined;
}

/** A node that writes may prune, begin a segment, or be in the middle of its marker. */
const ATTEMPTS = 3;

/**
 * Opens a log to read it and nothing else: no lock, no file made or changed, so the folder may be read-only and a node
 * may run on it. Every frame is read and its checksums compared first.
 * @throws LEDGER_NOT_FOUND there is no log; LEDGER_LOG_CORRUPT names file, byte, height and what; the signal's reason
 */
export async function openLogReader(options: LogReaderOptions): Promise<LogReader> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await markerBytes(options.folder);
    try {
      return await look(options);
    } catch (error) {
      // With the marker as it was, nobody has changed anything: the fault is one.
      if (attempt === ATTEMPTS || options.signal?.aborted === true) throw error;
      if ((await markerBytes(options.folder)).equals(before)) throw error;
    }
  }
}

async function look({ folder, network, signal }: LogReaderOptions): Promise<LogReader> {
  const marker = await readMarker(folder, network);
  const found = await segmentsOf(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw nothingThere(folder);
    throw error;
  });
  if (marker === undefined) throw found.length > 0 ? markerMissing() : nothingThere(folder);
  const recovered = await recover(present(found, marker), { folder, network, marker, repair: false, signal });
  return readerOf(folder, recovered, marker.oldest);
}

function readerOf(folder: string, recovered: Recovered, first: bigint): LogReader {
  const { segments, time, sealed, cut } = recovered;
  const oldest = segments[0]?.first ?? first;
  const height = segments.length === 0 ? oldest - 1n : recovered.height;
  const log = { folder, segments };
  return {
    oldest,
    head: { height, time },
    sealed,
    cut,
    read(from, to = height) {
      if (from < oldest || to > height) {
        const there = `heights ${oldest} to ${height} are there`;
        throw new LedgerError('LEDGER_NOT_FOUND', `blocks ${from} to ${to}: ${there}`);
      }
      return readBlocks(log, from, to);
    },
    seals: (from) => readSeals(log, from),
  };
}

/** No bytes where there is none. */
async function markerBytes(folder: string): Promise<Buffer> {
  return readFile(join(folder, MARKER_NAME)).catch(() => Buffer.alloc(0));
}

function nothingThere(folder: string): LedgerError {
  return new LedgerError('LEDGER_NOT_FOUND', 'there is no log of a ledger here', {
    where: folder,
    hint: 'a node that was started once with this data folder has made one',
  });
}
