import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_MARK } from './snapshot-writer.ts';

const NAME = /^snapshot-(\d{20})\.zks$/;

export interface SnapshotFile {
  readonly path: string;
  readonly height: bigint;
}

/** Where the snapshot of a height stands in its folder; names sort by height. */
export function snapshotPath(dir: string, height: bigint): string {
  return join(dir, `snapshot-${height.toString().padStart(20, '0')}.zks`);
}

/** Snapshots of a folder by their names, newest first; none where there is no folder. Whether one is sound, reading tells. */
export async function listSnapshots(dir: string): Promise<SnapshotFile[]> {
  const names = await namesIn(dir);
  const found = names.flatMap((name) => {
    const height = NAME.exec(name)?.[1];
    return height === undefined ? [] : [{ path: join(dir, name), height: BigInt(height) }];
  });
  return found.sort((a, b) => (a.height < b.height ? 1 : -1));
}

/** Deletes all snapshots but the newest `keep`, at least 1. @returns what was deleted */
export async function pruneSnapshots(dir: string, keep: number): Promise<SnapshotFile[]> {
  const old = (await listSnapshots(dir)).slice(Math.max(1, Math.floor(keep)));
  for (const { path } of old) await unlink(path);
  return old;
}

/** Deletes what writers killed before their rename left. Call it before the first one of this process is written. */
export async function removeSnapshotLeftovers(dir: string): Promise<void> {
  for (const name of await namesIn(dir)) {
    const [place = '', mark] = name.split(TEMPORARY_MARK);
    if (mark !== undefined && place.startsWith('.') && NAME.test(place.slice(1))) await unlink(join(dir, name));
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
