import { grown } from './tree-nodes.ts';

/** Int32 fields of an entry: node, first change, change behind the last, place (of `NodeStore`) where the node hangs. */
export const ENTRY = 4;
const FEWEST = 4096;
/** Paths have 256 bits, so nodes have depths 0 to 255; one level more is opened and stays empty. */
const MAX_LEVELS = 257;

/** The nodes that changes touch, level by level: filled top-down, read back bottom-up. */
export class Frontier {
  fields: Int32Array = new Int32Array(FEWEST * ENTRY);
  count = 0;
  levels = 0;
  readonly #starts = new Int32Array(MAX_LEVELS + 1);

  get bytes(): number {
    return this.fields.byteLength;
  }

  reset(): void {
    this.count = 0;
    this.levels = 0;
  }

  /** What is pushed from here on is of the next level. */
  openLevel(): void {
    this.#starts[this.levels] = this.count;
    this.levels += 1;
  }

  startOf(level: number): number {
    return level < this.levels ? (this.#starts[level] as number) : this.count;
  }

  /** An entry of another frontier. */
  copy(from: Frontier, entry: number): void {
    const [node = 0, first = 0, last = 0, place = 0] = from.fields.subarray(entry * ENTRY, (entry + 1) * ENTRY);
    this.push(node, first, last, place);
  }

  push(node: number, first: number, last: number, place: number): void {
    const at = this.count * ENTRY;
    if (at === this.fields.length) this.fields = grown(this.fields, at * 2);
    this.fields[at] = node;
    this.fields[at + 1] = first;
    this.fields[at + 2] = last;
    this.fields[at + 3] = place;
    this.count += 1;
  }
}
