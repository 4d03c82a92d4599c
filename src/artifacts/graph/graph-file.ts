import { littleEndianBytes } from '../sections.ts';
import { type GraphNode, type NodeId, NodeOp } from './graph-builder.ts';
import type { RecordedGraph } from './recorder.ts';
import { unsupported } from './wasm-memory.ts';

/**
 * The file of a witness graph, before compression; native/src/witness/ reads it. Little-endian throughout.
 *
 *   magic "zkwg", version u32, counts u32: signals, inputs, constants, nodes, guards, wires
 *   signals    hash u64, size u32 each: names as circom hashes them, values numbered in this order
 *   constants  32 bytes each, canonical
 *   nodes      one byte each: the operation; then one column per operand place: a of every node, b, c
 *   guards     references: values that must be 1
 *   wires      references: the witness
 *
 * Values are numbered: constants, inputs, then nodes in order; an operand comes before its node. A reference is a
 * LEB128 number: 2 * (distance back from this node, or from the end) for a node, 2 * number + 1 for a constant or an
 * input. So every copy of a template has the same bytes, which Brotli then says once.
 */
const MAGIC = 'zkwg';
const VERSION = 1;

/** Operand places: `r` reference, `b` bit position, `k` number of a constant. */
const OPERANDS: Readonly<Record<NodeOp, string>> = {
  [NodeOp.input]: '',
  [NodeOp.constant]: '',
  [NodeOp.add]: 'rr',
  [NodeOp.sub]: 'rr',
  [NodeOp.mul]: 'rr',
  [NodeOp.inverse]: 'r',
  [NodeOp.equal]: 'rr',
  [NodeOp.select]: 'rrr',
  [NodeOp.bit]: 'rb',
  [NodeOp.quotient]: 'rk',
  [NodeOp.shift]: 'r',
};

/** @throws ArtifactError ARTIFACT_FORMAT_INVALID for a value that the file has no operation for */
export function encodeGraph({ graph, inputs, guards, wires }: RecordedGraph): Uint8Array {
  const { nodes, constants } = graph;
  const numbers = new Numbers(nodes, [...guards, ...wires]);
  const columns: number[][] = [[], [], []];
  for (const [index, node] of numbers.computed.entries()) {
    for (const [place, kind] of [...OPERANDS[node.op]].entries()) {
      const operand = operandsOf(node)[place] ?? 0;
      const plain = kind === 'k' ? numbers.constant(operand) : operand;
      columns[place]?.push(kind === 'r' ? numbers.reference(operand, index) : plain);
    }
  }
  const out = new GraphWriter();
  out.bytes(new TextEncoder().encode(MAGIC));
  const inputValues = inputs.reduce((sum, { size }) => sum + size, 0);
  const counts = [inputs.length, inputValues, numbers.constants.length, numbers.computed.length];
  for (const count of [VERSION, ...counts, guards.length, wires.length]) out.u32(count);
  for (const { hash, size } of inputs) {
    out.bytes(littleEndianBytes(hash, 8));
    out.u32(size);
  }
  for (const index of numbers.constants) out.bytes(littleEndianBytes(constants[index] ?? 0n, 32));
  out.bytes(Uint8Array.from(numbers.computed, ({ op }) => op));
  for (const column of columns) for (const value of column) out.leb(value);
  for (const id of [...guards, ...wires]) out.leb(numbers.reference(id, numbers.computed.length));
  return out.finish();
}

function operandsOf({ a, b, c }: GraphNode): readonly [number, number, number] {
  return [a, b, c];
}

/** The numbering of what is needed for `roots`, and of nothing else. */
class Numbers {
  /** Indices into the graph's constants, in the order of the file. */
  readonly constants: readonly number[];
  /** Nodes that are computed, in the order of the file. */
  readonly computed: readonly GraphNode[];
  readonly #nodes: readonly GraphNode[];
  readonly #constantNumbers: ReadonlyMap<number, number>;
  readonly #ranks = new Map<NodeId, number>();

  constructor(nodes: readonly GraphNode[], roots: readonly NodeId[]) {
    this.#nodes = nodes;
    const live = liveNodes(nodes, roots);
    const computed: GraphNode[] = [];
    const constants = new Map<number, number>();
    const use = (index: number): unknown => constants.has(index) || constants.set(index, constants.size);
    for (const [id, node] of nodes.entries()) {
      if (live[id] === 0) continue;
      if (node.op === NodeOp.shift) throw unsupported('more than one bit of a shifted value');
      if (node.op === NodeOp.constant) use(node.a);
      if (node.op === NodeOp.quotient) use(node.b);
      if (OPERANDS[node.op] !== '') this.#ranks.set(id, computed.push(node) - 1);
    }
    this.computed = computed;
    this.constants = [...constants.keys()];
    this.#constantNumbers = constants;
  }

  constant(index: number): number {
    return this.#constantNumbers.get(index) ?? 0;
  }

  /** A reference as it stands in the file, seen from the node with rank `from`. */
  reference(id: NodeId, from: number): number {
    const rank = this.#ranks.get(id);
    if (rank !== undefined) return 2 * (from - rank);
    const { op, a } = this.#nodes[id] ?? { op: NodeOp.input, a: 0 };
    return 2 * (op === NodeOp.constant ? this.constant(a) : this.constants.length + a) + 1;
  }
}

function liveNodes(nodes: readonly GraphNode[], roots: readonly NodeId[]): Uint8Array {
  const live = new Uint8Array(nodes.length);
  for (const id of roots) live[id] = 1;
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id];
    if (node === undefined || live[id] === 0) continue;
    const operands = operandsOf(node);
    for (const [place, kind] of [...OPERANDS[node.op]].entries()) if (kind === 'r') live[operands[place] ?? 0] = 1;
  }
  return live;
}

class GraphWriter {
  #bytes = new Uint8Array(1 << 20);
  #length = 0;

  u32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#byte((value >>> shift) & 0xff);
  }

  leb(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#byte(byte);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
