import { ENTRY, type Frontier } from './tree-frontier.ts';
import type { TreeHashes } from './tree-hashes.ts';
import { HASH_WORDS, NODE_WORDS, type NodeStore } from './tree-nodes.ts';

/** Nodes hashed in one call, so that their bytes stay in the cache. */
const CHUNK = 1024;

/** The way back up. */
export class Rehash {
  readonly #hashes: TreeHashes;
  readonly #input = new Int32Array(CHUNK * NODE_WORDS);
  readonly #inputBytes = new Uint8Array(this.#input.buffer);
  readonly #output = new Int32Array(CHUNK * HASH_WORDS);
  readonly #outputBytes = new Uint8Array(this.#output.buffer);
  /** Where the results go. */
  readonly #places = new Int32Array(CHUNK);
  #size = 0;

  constructor(hashes: TreeHashes) {
    this.#hashes = hashes;
  }

  /**
   * Level by level, the frontier's last one first: a touched node without leaves vanishes, one with a single leaf gives way
   * to it, all others are hashed, and each result goes to where the parent keeps it.
   * @param levels of the frontier to be done, from its first one
   */
  run(nodes: NodeStore, frontier: Frontier, levels: number): void {
    const { fields } = frontier;
    const { children, hashes } = nodes;
    const input = this.#input;
    for (let level = levels - 1; level >= 0; level -= 1) {
      const end = frontier.startOf(level + 1);
      for (let entry = frontier.startOf(level); entry < end; entry += 1) {
        const node = fields[entry * ENTRY] as number;
        const place = fields[entry * ENTRY + 3] as number;
        const left = children[node * 2] as number;
        const right = children[node * 2 + 1] as number;
        if ((left === 0 && right <= 0) || (right === 0 && left <= 0)) {
          nodes.copyHash(left === 0 ? node * 2 + 1 : node * 2, place);
          children[place] = left + right;
          nodes.give(node);
          continue;
        }
        const from = node * NODE_WORDS;
        const to = this.#size * NODE_WORDS;
        for (let word = 0; word < NODE_WORDS; word += 1) input[to + word] = hashes[from + word] as number;
        this.#places[this.#size] = place;
        this.#size += 1;
        if (this.#size === CHUNK) this.#flush(hashes);
      }
      this.#flush(hashes);
    }
  }

  #flush(hashes: Int32Array): void {
    const size = this.#size;
    if (size === 0) return;
    this.#hashes.nodes(this.#inputBytes, size, this.#outputBytes);
    for (let i = 0; i < size; i += 1) {
      const to = (this.#places[i] as number) * HASH_WORDS;
      for (let word = 0; word < HASH_WORDS; word += 1) {
        hashes[to + word] = this.#output[i * HASH_WORDS + word] as number;
      }
    }
    this.#size = 0;
  }
}
