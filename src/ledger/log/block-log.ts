import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrivateDir, removeLeftovers } from '../../base/private-file.ts';
import { unwritable } from './failures.ts';
import type { BlockLog, BlockLogOptions } from './interface.ts';
import { holdLock } from './lock.ts';
import { MARKER_NAME, type Marker, MarkerWriter, markerMissing, readMarker, writeMarker } from './marker.ts';
import { OpenLog } from './open-log.ts';
import { type Recovered, recover } from './recover.ts';
import { newSalt } from './segment.ts';
import { DRAFT_NAME, SegmentWriter } from './segment-writer.ts';
import { present, segmentsOf } from './segments.ts';

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const DEFAULT_LOCK_WAIT_MS = 2_000;

/**
 * Opens the log of a folder for its one writer: every frame is read and its checksums compared, a torn tail is cut
 * (`cut` reports it).
 * @throws LEDGER_LOG_CORRUPT names file, byte, height and what; LEDGER_LOG_UNWRITABLE; FILE_LOCKED another process has it
 */
export async function openBlockLog(options: BlockLogOptions): Promise<BlockLog> {
  const { folder } = options;
  try {
    await ensurePrivateDir(folder);
  } catch (error) {
    throw (error as { code?: string }).code?.startsWith('FILE_') ? error : unwritable(error, `cannot make ${folder}`);
  }
  const release = await locked(options);
  try {
    return await openLocked(options, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function locked({ folder, lockWaitMs }: BlockLogOptions): Promise<() => Promise<void>> {
  try {
    return await holdLock(folder, lockWaitMs ?? DEFAULT_LOCK_WAIT_MS);
  } catch (error) {
    throw (error as { code?: string }).code?.startsWith('FILE_') ? error : unwritable(error, 'cannot lock the log');
  }
}

async function openLocked(options: BlockLogOptions, release: () => Promise<void>): Promise<BlockLog> {
  const { folder, network, repair = false, firstHeight = 1n } = options;
  const found = await segmentsOf(folder);
  const marker = await markerOf(options, found);
  const names = present(found, marker);
  const recovered = await recover(names, { folder, network, marker, repair });
  let writer: SegmentWriter | undefined;
  try {
    const leftOver = found.filter((name) => !names.includes(name));
    await clear(folder, leftOver);
    const last = recovered.segments.at(-1);
    const first = marker?.oldest ?? firstHeight;
    if (last === undefined && marker === undefined) {
      await writeMarker(folder, { oldest: first, segment: first, bytes: 0 }, network);
    }
    const head = { salt: newSalt(), network, first, previousBytes: 0, previousChain: 0 };
    writer = last === undefined ? await SegmentWriter.create(folder, head) : await SegmentWriter.open(folder, last);
    const state = last === undefined ? emptyFrom(writer, first) : recovered;
    await writeMarker(folder, markerFor(state, writer), network);
    const markers = await MarkerWriter.open(folder, network);
    const segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    return new OpenLog({ ...options, segmentBytes, state, writer, markers, release });
  } catch (error) {
    await writer?.close();
    throw unwritable(error, `cannot open the log in ${folder} for writing`);
  }
}

async function markerOf({ folder, network, repair }: BlockLogOptions, names: string[]): Promise<Marker | undefined> {
  try {
    const marker = await readMarker(folder, network);
    if (marker === undefined && names.length > 0 && repair !== true) throw markerMissing();
    return marker;
  } catch (error) {
    if (repair === true && (error as { code?: string }).code === 'LEDGER_LOG_CORRUPT') return undefined;
    throw error;
  }
}

async function clear(folder: string, leftOver: string[]): Promise<void> {
  await removeLeftovers(join(folder, MARKER_NAME));
  await unlink(join(folder, DRAFT_NAME)).catch(() => undefined);
  for (const name of leftOver) await unlink(join(folder, name));
}

function emptyFrom(writer: SegmentWriter, first: bigint): Recovered {
  return { segments: [writer.segment], height: first - 1n, time: 0n, sealed: undefined, cut: undefined };
}

function markerFor(state: Recovered, { segment }: SegmentWriter): Marker {
  return { oldest: state.segments[0]?.first ?? segment.first, segment: segment.first, bytes: segment.bytes };
}
