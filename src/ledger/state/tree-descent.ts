import type { Changes } from './tree-changes.ts';
import { ENTRY, type Frontier } from './tree-frontier.ts';
import { HASH_WORDS, NODE_WORDS, type NodeStore } from './tree-nodes.ts';
import type { SlotPaths } from './tree-slots.ts';

/**
 * The way down: changes, sorted by path, pass through the nodes, level by level, each node's range split by the next bit.
 * Level by level, because then the loads of one level wait for memory together and not one after the other.
 *
 * A single change that meets nothing or its own leaf is done there. Where a leaf is in the way of others, it gets a node
 * of its own and moves down by one level; what turns out to be alone is moved up again on the way back (`rehash`).
 */
export class Descent {
  readonly #nodes: NodeStore;
  readonly #slots: SlotPaths;
  readonly #changes: Changes;
  /** How many leaves there are more than before. */
  added = 0;
  /** 1 for each change, as the delta has them, whose leaf has a slot that it had not before. */
  readonly moved: Uint8Array;
  /** Of no meaning; keeps the compiler from leaving `#touch` out. */
  touched = 0;

  constructor(nodes: NodeStore, slots: SlotPaths, changes: Changes) {
    this.#nodes = nodes;
    this.#slots = slots;
    this.#changes = changes;
    this.moved = new Uint8Array(changes.slots.length);
  }

  /** Puts the root into the frontier with all changes, unless they are done there. */
  start(frontier: Frontier): void {
    frontier.reset();
    frontier.openLevel();
    this.#visit(frontier, 0, 0, this.#changes.count, 0);
  }

  /** From the nodes of the frontier's last level, which have depth `from`, down to those of depth `to`, or to all ends. */
  run(frontier: Frontier, from: number, to: number): void {
    for (let depth = from; depth < to; depth += 1) {
      const start = frontier.startOf(frontier.levels - 1);
      const end = frontier.count;
      if (start === end) return;
      this.#touch(frontier.fields, start, end, depth);
      frontier.openLevel();
      for (let entry = start; entry < end; entry += 1) {
        const { fields } = frontier;
        const place = (fields[entry * ENTRY] as number) * 2;
        const first = fields[entry * ENTRY + 1] as number;
        const last = fields[entry * ENTRY + 2] as number;
        const middle = this.#split(first, last, depth);
        if (first < middle) this.#visit(frontier, place, first, middle, depth + 1);
        if (middle < last) this.#visit(frontier, place + 1, middle, last, depth + 1);
      }
    }
  }

  /**
   * Reads a bit of each node, and of each leaf that a single change will meet, and does nothing with it: loops this short
   * have many loads under way at once, so that what follows does not wait for memory node by node.
   */
  #touch(entries: Int32Array, from: number, to: number, depth: number): void {
    const { children, hashes } = this.#nodes;
    const { words } = this.#slots;
    let sum = 0;
    for (let entry = from; entry < to; entry += 1) {
      const node = entries[entry * ENTRY] as number;
      sum = (sum + (children[node * 2] as number) + (hashes[node * NODE_WORDS] as number)) | 0;
    }
    for (let entry = from; entry < to; entry += 1) {
      const first = entries[entry * ENTRY + 1] as number;
      if ((entries[entry * ENTRY + 2] as number) - first > 1) continue;
      const reference = children[(entries[entry * ENTRY] as number) * 2 + this.#bit(first, depth)] as number;
      if (reference < 0) sum = (sum + (words[~reference * HASH_WORDS] as number)) | 0;
    }
    this.touched = sum;
  }

  /** Changes `first` to before `last` go to the child at this place, which has this depth. */
  #visit(frontier: Frontier, place: number, first: number, last: number, depth: number): void {
    const nodes = this.#nodes;
    const reference = nodes.children[place] as number;
    if (reference > 0) {
      frontier.push(reference, first, last, place);
      return;
    }
    if (last - first === 1) {
      const ends = reference === 0 || this.#isLeafOf(~reference, first);
      if (ends) this.#place(place, reference, first);
      // Removing what is not there must not move the leaf in its way.
      if (ends || this.#removes(first)) return;
    }
    const made = nodes.take();
    if (reference < 0) {
      const below = made * 2 + this.#slots.bit(~reference, depth);
      nodes.children[below] = reference;
      nodes.copyHash(place, below);
    }
    nodes.children[place] = made;
    frontier.push(made, first, last, place);
  }

  /** Sets or removes a leaf where there is nothing or its old self. */
  #place(place: number, reference: number, change: number): void {
    const { children, hashes } = this.#nodes;
    const { order, slots, leaves } = this.#changes;
    const index = order[change] as number;
    const slot = slots[index] as number;
    const base = place * HASH_WORDS;
    if (slot >= 0) {
      for (let word = 0; word < HASH_WORDS; word += 1)
        hashes[base + word] = leaves[index * HASH_WORDS + word] as number;
      if (~slot === reference) return;
    } else {
      hashes.fill(0, base, base + HASH_WORDS);
    }
    if (reference < 0) {
      this.#slots.use(~reference, -1);
      this.added -= 1;
    }
    if (slot >= 0) {
      this.#slots.use(slot, 1);
      this.added += 1;
      this.moved[index] = 1;
    }
    children[place] = slot < 0 ? 0 : ~slot;
  }

  #removes(change: number): boolean {
    const { order, slots } = this.#changes;
    return (slots[order[change] as number] as number) < 0;
  }

  #isLeafOf(slot: number, change: number): boolean {
    const { words } = this.#slots;
    const { order, pathWords } = this.#changes;
    const index = order[change] as number;
    for (let word = 0; word < HASH_WORDS; word += 1) {
      if (words[slot * HASH_WORDS + word] !== pathWords[index * HASH_WORDS + word]) return false;
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
    const { order, prefixes, paths } = this.#changes;
    if (depth < 32) return ((prefixes[change] as number) >>> (31 - depth)) & 1;
    return ((paths[(order[change] as number) * 32 + (depth >>> 3)] as number) >>> (7 - (depth & 7))) & 1;
  }
}
