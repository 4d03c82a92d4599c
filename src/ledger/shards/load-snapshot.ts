import { readSnapshot } from '../state/snapshot-reader.ts';
import type { Shard } from './shard.ts';

/** Records that wait for being taken in together. */
const CHUNK = 16_384;

/**
 * Reads a snapshot into a shard, which keeps its own part.
 * @returns what the snapshot says of itself, and how many records it has in all
 * @throws what `readSnapshot` throws; LEDGER_STATE_FULL. The shard is of no use then
 */
export async function loadSnapshot(
  path: string,
  shard: Shard,
): Promise<{ height: bigint; header: Uint8Array; entries: number }> {
  const chunk: (readonly [Uint8Array, Uint8Array])[] = [];
  const { height, header, entries } = await readSnapshot(path, {
    onEntry(key, value) {
      chunk.push([key.slice(), value.slice()]);
      if (chunk.length === CHUNK) shard.load(chunk.splice(0));
    },
  });
  shard.load(chunk);
  return { height, header, entries };
}
