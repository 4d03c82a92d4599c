import { readdir } from 'node:fs/promises';
import { corrupt } from './failures.ts';
import { MARKER_NAME, type Marker } from './marker.ts';
import { firstOf } from './segment.ts';

/** Names of a folder's segments, in the order of their heights. */
export async function segmentsOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => firstOf(name) !== undefined);
  return names.sort((a, b) => Number((firstOf(a) ?? 0n) - (firstOf(b) ?? 0n)));
}

/**
 * The segments that belong to the log; those before its beginning are left over from a pruning that was killed.
 * @throws LEDGER_LOG_CORRUPT for one that is missing
 */
export function present(names: string[], marker: Marker | undefined): string[] {
  if (marker === undefined) return names;
  const kept = names.filter((name) => (firstOf(name) ?? 0n) >= marker.oldest);
  const [first] = kept;
  if (first === undefined && marker.bytes === 0) return kept;
  if (first === undefined || firstOf(first) !== marker.oldest) {
    throw corrupt(MARKER_NAME, 32, marker.oldest, `the segment that begins at height ${marker.oldest} is missing`);
  }
  if (!kept.some((name) => firstOf(name) === marker.segment)) {
    throw corrupt(MARKER_NAME, 40, marker.segment, `the segment that begins at height ${marker.segment} is missing`);
  }
  return kept;
}
