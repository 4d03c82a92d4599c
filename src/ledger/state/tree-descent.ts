import type { Changes } from './tree-changes.ts';
import type { Frontier } from './tree-frontier.ts';
import { HASH_WORDS, type NodeStore } from './tree-nodes.ts';
import type { SlotPaths } from './tree-slots.ts';

const ENTRY = 4;

/**
 * The way down: changes, sorted by path, pass from the root through the nodes, level by level, each node's range split by
 * the next bit. Level by level, because then the loads of one level wait for memory together and not one after the other.
 *
 * A single change that meets nothing or its own leaf is done there. Where a leaf is in the way of others, it gets a node
 * of its own and moves down by one level; what turns out to be alone is moved up again on the way back (`rehash`).
 */
export class Descent {
  readonly #nodes: NodeStore;
  readonly #slots: SlotPaths;
  readonly #frontier: Frontier;
  readonly #changes: Changes;
  #added = 0;

  constructor(nodes: NodeStore, slots: SlotPaths, frontier: Frontier, changes: Changes) {
    this.#nodes = nodes;
    this.#slots = slots;
    this.#frontier = frontier;
    this.#changes = changes;
  }

  /** How many leaves there are more than before. */
  run(): number {
    const frontier = this.#frontier;
    frontier.reset();
    // Level 0 is the holder of the root; nodes of level n have their changes split by bit n - 1.
    frontier.openLevel();
    frontier.push(0, 0, this.#changes.count, -1);
    frontier.openLevel();
    this.#visit(0, 0, 0, 0, this.#changes.count, 0);
    frontier.closeLevel();
    for (let level = 1; frontier.startOf(level) < frontier.count; level += 1) {
      const from = frontier.startOf(level);
      const to = frontier.count;
      frontier.openLevel();
      for (let entry = from; entry < to; entry += 1) {
        const { fields } = frontier;
        const node = fields[entry * ENTRY] as number;
        const first = fields[entry * ENTRY + 1] as number;
        const last = fields[entry * ENTRY + 2] as number;
        const middle = this.#split(first, last, level - 1);
        if (first < middle) this.#visit(entry, node, 0, first, middle, level);
        if (middle < last) this.#visit(entry, node, 1, middle, last, level);
      }
      frontier.closeLevel();
    }
    return this.#added;
  }

  /** Changes `first` to before `last` go to one child of a node; `depth` is the child's. */
  #visit(entry: number, node: number, side: number, first: number, last: number, depth: number): void {
    const nodes = this.#nodes;
    const place = node * 2 + side;
    const reference = nodes.children[place] as number;
    if (reference > 0) {
      this.#frontier.push(reference, first, last, entry * 2 + side);
      return;
    }
    if (last - first === 1) {
      const ends = reference === 0 || this.#isLeafOf(~reference, first);
      if (ends) this.#place(place, reference, first);
      // Removing what is not there must not move the leaf in its way.
      if (ends || (this.#changes.slots[first] as number) < 0) return;
    }
    const made = nodes.take();
    if (reference < 0) {
      const below = made * 2 + this.#slots.bit(~reference, depth);
      nodes.children[below] = reference;
      nodes.copyHash(place, below);
    }
    nodes.children[place] = made;
    this.#frontier.push(made, first, last, entry * 2 + side);
  }

  /** Sets or removes a leaf where there is nothing or its old self. */
  #place(place: number, reference: number, change: number): void {
    const { children, hashes } = this.#nodes;
    const slots = this.#slots;
    const slot = this.#changes.slots[change] as number;
    if (reference < 0) {
      slots.use(~reference, -1);
      this.#added -= 1;
    }
    const base = place * HASH_WORDS;
    if (slot < 0) {
      children[place] = 0;
      hashes.fill(0, base, base + HASH_WORDS);
      return;
    }
    slots.use(slot, 1);
    this.#added += 1;
    children[place] = ~slot;
    const { leaves } = this.#changes;
    for (let word = 0; word < HASH_WORDS; word += 1) {
      hashes[base + word] = leaves[change * HASH_WORDS + word] as number;
    }
  }

  #isLeafOf(slot: number, change: number): boolean {
    const { words } = this.#slots;
    const { pathWords } = this.#changes;
    for (let word = 0; word < HASH_WORDS; word += 1) {
      if (words[slot * HASH_WORDS + word] !== pathWords[change * HASH_WORDS + word]) return false;
    }
    return true;
  }

  /** First change of the range whose path has a 1 at this depth; they share what is before it. */
  #split(first: number, last: number, depth: number): number {
    let low = first;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bit(middle, depth) === 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #bit(change: number, depth: number): number {
    const { prefixes, paths } = this.#changes;
    if (depth < 32) return ((prefixes[change] as number) >>> (31 - depth)) & 1;
    return ((paths[change * 32 + (depth >>> 3)] as number) >>> (7 - (depth & 7))) & 1;
  }
}
