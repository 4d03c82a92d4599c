import { SCALAR_FIELD_ORDER as R } from '../../base/field.ts';
import { formatError, littleEndianInteger } from '../sections.ts';
import type { GraphBuilder, NodeId } from './graph-builder.ts';

/** circom's field element in memory: a short value (i32), flags (u32), 32 bytes of a long value. */
export const CELL_BYTES = 40;
const LONG = 0x8000_0000;
const MONTGOMERY = 0x4000_0000;
const MONTGOMERY_INVERSE = modularPower(1n << 256n, R - 2n);
const PAGE_BITS = 16;

/** What a stretch of execution changed, so that it can be undone and compared with another one. */
interface Journal {
  cells: Map<number, NodeId | undefined>;
  words: Map<number, number>;
}

export interface Effects {
  cells: ReadonlyMap<number, NodeId | undefined>;
  words: ReadonlyMap<number, number>;
}

/**
 * The memory of a circuit's WASM: plain words as they are, and beside them the node that each field element stands for.
 * A field element that nobody wrote is the constant that its bytes say.
 */
export class WasmMemory {
  readonly #graph: GraphBuilder;
  #bytes: Uint8Array;
  #view: DataView;
  readonly #cells = new Map<number, NodeId>();
  /** What the bytes of a cell say, once they were read: template constants are read thousands of times. */
  readonly #constants = new Map<number, NodeId>();
  readonly #journals: Journal[] = [];
  /** Where 64-bit words were read, in order; the table of inputs is found by it. */
  readonly wideLoads: number[] = [];

  constructor(initial: Uint8Array, graph: GraphBuilder) {
    this.#graph = graph;
    this.#bytes = initial;
    this.#view = new DataView(initial.buffer, initial.byteOffset, initial.byteLength);
  }

  get pages(): number {
    return this.#bytes.length >>> PAGE_BITS;
  }

  grow(pages: number): number {
    const before = this.pages;
    const larger = new Uint8Array((before + pages) << PAGE_BITS);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
    return before;
  }

  load32(address: number): number {
    if (this.#cells.has(address)) throw unsupported('a field element is read as a plain number');
    return this.#view.getInt32(address >>> 0, true);
  }

  load64(address: number): bigint {
    this.wideLoads.push(address);
    return this.#view.getBigInt64(address >>> 0, true);
  }

  store32(address: number, value: number): void {
    if (this.#cells.has(address)) this.#remember(address, undefined);
    this.#constants.delete(address);
    const words = this.#journals.at(-1)?.words;
    if (words !== undefined && !words.has(address)) words.set(address, this.#view.getInt32(address, true));
    this.#view.setInt32(address >>> 0, value, true);
  }

  /** The node of the field element at `address`. */
  read(address: number): NodeId {
    const found = this.#cells.get(address) ?? this.#constants.get(address);
    if (found !== undefined) return found;
    const constant = this.#graph.constant(this.#constantAt(address));
    this.#constants.set(address, constant);
    return constant;
  }

  write(address: number, node: NodeId): void {
    this.#remember(address, node);
  }

  /** Runs `work`, takes everything back that it wrote, and says what that was. */
  attempt<T>(work: () => T): { result: T; effects: Effects } {
    const journal: Journal = { cells: new Map(), words: new Map() };
    this.#journals.push(journal);
    const result = work();
    this.#journals.pop();
    const cells = new Map([...journal.cells.keys()].map((address) => [address, this.#cells.get(address)]));
    const words = new Map([...journal.words.keys()].map((address) => [address, this.#view.getInt32(address, true)]));
    for (const [address, before] of journal.cells) this.#set(address, before);
    for (const [address, before] of journal.words) this.#view.setInt32(address, before, true);
    return { result, effects: { cells, words } };
  }

  /** Makes the effects of an attempt real. */
  apply({ cells, words }: Effects): void {
    for (const [address, node] of cells) this.#remember(address, node);
    for (const [address, value] of words) this.store32(address, value);
  }

  #remember(address: number, node: NodeId | undefined): void {
    const cells = this.#journals.at(-1)?.cells;
    if (cells !== undefined && !cells.has(address)) cells.set(address, this.#cells.get(address));
    this.#set(address, node);
  }

  #set(address: number, node: NodeId | undefined): void {
    if (node === undefined) this.#cells.delete(address);
    else this.#cells.set(address, node);
  }

  #constantAt(address: number): bigint {
    const flags = this.#view.getUint32(address + 4, true);
    if ((flags & LONG) === 0) {
      const short = BigInt(this.#view.getInt32(address, true));
      return short < 0n ? short + R : short;
    }
    const long = littleEndianInteger(this.#bytes.subarray(address + 8, address + CELL_BYTES)) % R;
    return (flags & MONTGOMERY) === 0 ? long : (long * MONTGOMERY_INVERSE) % R;
  }
}

/** The recorder met something that a graph cannot hold; such a circuit is run by its WASM alone. */
export function unsupported(what: string): Error {
  return formatError('witness graph', what);
}

function modularPower(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base % R, exponent]; e > 0n; e >>= 1n, b = (b * b) % R) if (e & 1n) result = (result * b) % R;
  return result;
}
