import { LedgerError } from '../errors.ts';

/** Int32 words of a hash. */
export const HASH_WORDS = 8;
/** Int32 words of both children's hashes: the 64 bytes that are hashed to the node's own. */
export const NODE_WORDS = 2 * HASH_WORDS;
const FIRST = 1;
const GROWTH = 1.5;
const FEWEST = 1024;

/**
 * The inner nodes, in flat arrays that grow. A node keeps its children's hashes side by side: one cache line, which is
 * the input of its own hash, so that no sibling is ever looked for. Its own hash stands in its parent.
 *
 * Node 0 is no node: its left child is the root.
 */
export class NodeStore {
  /** Two references a node: above 0 a node, below 0 the leaf of slot `~reference`, 0 nothing. */
  children: Int32Array;
  hashes: Int32Array;
  #free: Int32Array = new Int32Array(FEWEST);
  #freed = 0;
  #next = FIRST;
  readonly #limit: number;

  /** @param expected nodes for which there is room from the start */
  constructor(limit: number, expected = 0) {
    this.#limit = limit;
    const capacity = Math.min(Math.max(expected, FEWEST), limit) + FIRST;
    this.children = new Int32Array(capacity * 2);
    this.hashes = new Int32Array(capacity * NODE_WORDS);
  }

  /** Nodes in use. */
  get count(): number {
    return this.#next - FIRST - this.#freed;
  }

  get bytes(): number {
    return this.children.byteLength + this.hashes.byteLength + this.#free.byteLength;
  }

  /** A node without children. The arrays may be others afterwards. @throws LEDGER_STATE_FULL */
  take(): number {
    if (this.#freed > 0) {
      this.#freed -= 1;
      const id = this.#free[this.#freed] as number;
      this.children.fill(0, id * 2, id * 2 + 2);
      this.hashes.fill(0, id * NODE_WORDS, (id + 1) * NODE_WORDS);
      return id;
    }
    if (this.#next * 2 === this.children.length) this.#grow();
    this.#next += 1;
    return this.#next - 1;
  }

  give(id: number): void {
    if (this.#freed === this.#free.length) this.#free = grown(this.#free, this.#freed * 2);
    this.#free[this.#freed] = id;
    this.#freed += 1;
  }

  /** Copies one child's hash to another place; a place is twice the node, plus 1 for the right child. */
  copyHash(from: number, to: number): void {
    const { hashes } = this;
    for (let i = 0; i < HASH_WORDS; i += 1) {
      hashes[to * HASH_WORDS + i] = hashes[from * HASH_WORDS + i] as number;
    }
  }

  #grow(): void {
    const capacity = Math.min(Math.ceil((this.children.length / 2) * GROWTH), this.#limit + FIRST);
    if (capacity * 2 <= this.children.length) {
      throw new LedgerError('LEDGER_STATE_FULL', `the state tree has ${this.#limit} nodes, and all are taken`, {
        hint: 'start the peer again with a larger ledger.capacity',
      });
    }
    this.children = grown(this.children, capacity * 2);
    this.hashes = grown(this.hashes, capacity * NODE_WORDS);
  }
}

/** The same content in a longer array. */
export function grown(array: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(array);
  return longer;
}
