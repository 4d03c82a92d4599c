import { HASH_BYTES } from '../constants.ts';
import type { Frontier } from './tree-frontier.ts';
import type { TreeHashes } from './tree-hashes.ts';
import { HASH_WORDS, NODE_WORDS, type NodeStore } from './tree-nodes.ts';

const ENTRY = 4;
/** Nodes hashed in one call, so that their bytes stay in the cache. */
const CHUNK = 2048;

/**
 * The way back up, level by level: a touched node without leaves vanishes, one with a single leaf gives way to it, all
 * others are hashed, and each result goes to where the parent keeps it.
 */
export function rehash(nodes: NodeStore, frontier: Frontier, hashes: TreeHashes): void {
  const { fields } = frontier;
  const { children, hashes: words } = nodes;
  const input = new Int32Array(CHUNK * NODE_WORDS);
  const inputBytes = new Uint8Array(input.buffer);
  const output = new Int32Array(CHUNK * HASH_WORDS);
  const outputBytes = new Uint8Array(output.buffer);
  const places = new Int32Array(CHUNK);
  let size = 0;
  const flush = (): void => {
    hashes.nodes(inputBytes.subarray(0, size * 2 * HASH_BYTES), size, outputBytes.subarray(0, size * HASH_BYTES));
    for (let i = 0; i < size; i += 1) {
      const to = (places[i] as number) * HASH_WORDS;
      for (let word = 0; word < HASH_WORDS; word += 1) words[to + word] = output[i * HASH_WORDS + word] as number;
    }
    size = 0;
  };

  for (let level = frontier.levels - 1; level > 0; level -= 1) {
    const end = frontier.startOf(level + 1);
    for (let entry = frontier.startOf(level); entry < end; entry += 1) {
      const node = fields[entry * ENTRY] as number;
      const parent = fields[entry * ENTRY + 3] as number;
      const place = (fields[(parent >> 1) * ENTRY] as number) * 2 + (parent & 1);
      const left = children[node * 2] as number;
      const right = children[node * 2 + 1] as number;
      if ((left === 0 && right <= 0) || (right === 0 && left <= 0)) {
        // At most one leaf: it moves up, or nothing does.
        nodes.copyHash(left === 0 ? node * 2 + 1 : node * 2, place);
        children[place] = left + right;
        nodes.give(node);
        continue;
      }
      const from = node * NODE_WORDS;
      const to = size * NODE_WORDS;
      for (let word = 0; word < NODE_WORDS; word += 1) input[to + word] = words[from + word] as number;
      places[size] = place;
      size += 1;
      if (size === CHUNK) flush();
    }
    flush();
  }
}
