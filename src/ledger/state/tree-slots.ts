import { grown, HASH_WORDS } from './tree-nodes.ts';

const FEWEST = 1024;
const GROWTH = 1.5;

/** What the tree knows of a slot: its leaf's path, and how many leaves name it, which must be 1 or 0. */
export class SlotPaths {
  words: Int32Array = new Int32Array(FEWEST * HASH_WORDS);
  bytes: Uint8Array = new Uint8Array(this.words.buffer);
  uses: Uint8Array = new Uint8Array(FEWEST);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.words.byteLength + this.uses.byteLength;
  }

  /** Room for slots up to and with this one, which is below the limit. */
  reach(slot: number): void {
    if (slot < this.uses.length) return;
    const capacity = Math.max(slot + 1, Math.min(Math.ceil(this.uses.length * GROWTH), this.#limit));
    this.words = grown(this.words, capacity * HASH_WORDS);
    this.bytes = new Uint8Array(this.words.buffer);
    const uses = new Uint8Array(capacity);
    uses.set(this.uses);
    this.uses = uses;
  }

  /** Bit of a leaf's path, 0 = the first one. */
  bit(slot: number, depth: number): number {
    return ((this.bytes[slot * 32 + (depth >>> 3)] as number) >>> (7 - (depth & 7))) & 1;
  }

  use(slot: number, change: 1 | -1): void {
    this.uses[slot] = (this.uses[slot] as number) + change;
  }
}
