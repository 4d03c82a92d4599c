import { grown } from './tree-nodes.ts';

const FIELDS = 4;
const FEWEST = 4096;
/** Paths have 256 bits; one level more for the holder of the root. */
const MAX_LEVELS = 258;

/**
 * The nodes that a delta touches, level by level from the root: which node, which changes pass it, and where it hangs.
 * Filled top-down, read back bottom-up, kept for the next delta.
 */
export class Frontier {
  /** Four fields an entry: node, first change, change behind the last, `parent entry * 2 + side`. */
  fields: Int32Array = new Int32Array(FEWEST * FIELDS);
  count = 0;
  readonly #starts = new Int32Array(MAX_LEVELS + 1);
  levels = 0;

  get bytes(): number {
    return this.fields.byteLength;
  }

  reset(): void {
    this.count = 0;
    this.levels = 0;
  }

  /** Gives the memory of a large delta back. */
  release(): void {
    this.reset();
    this.fields = new Int32Array(FEWEST * FIELDS);
  }

  /** Entries from here on are of the next level. */
  openLevel(): void {
    this.#starts[this.levels] = this.count;
    this.levels += 1;
    this.#starts[this.levels] = this.count;
  }

  closeLevel(): void {
    this.#starts[this.levels] = this.count;
  }

  startOf(level: number): number {
    return this.#starts[level] as number;
  }

  push(node: number, from: number, to: number, parent: number): void {
    const at = this.count * FIELDS;
    if (at === this.fields.length) this.fields = grown(this.fields, at * 2);
    this.fields[at] = node;
    this.fields[at + 1] = from;
    this.fields[at + 2] = to;
    this.fields[at + 3] = parent;
    this.count += 1;
  }
}
