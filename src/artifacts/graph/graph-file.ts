import { littleEndianBytes } from '../sections.ts';
import { type GraphNode, type NodeId, NodeOp } from './graph-builder.ts';
import type { RecordedGraph } from './recorder.ts';

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
 * LEB128 number: 2 * (distance back from this node, or from the last node) for a node, 2 * number + 1 for a constant or
 * an input. So every copy of a template has the same bytes, which Brotli then says once.
 */
export const GRAPH_MAGIC = 'zkwg';
export const GRAPH_VERSION = 1;

/** Operand places: `r` reference, `n` plain number. */
const OPERANDS: Readonly<Partial<Record<NodeOp, string>>> = {
  [NodeOp.add]: 'rr',
  [NodeOp.sub]: 'rr',
  [NodeOp.mul]: 'rr',
  [NodeOp.inverse]: 'r',
  [NodeOp.equal]: 'rr',
  [NodeOp.select]: 'rrr',
  [NodeOp.bit]: 'rn',
  [NodeOp.quotient]: 'rn',
};

export function encodeGraph({ graph, inputs, guards, wires }: RecordedGraph): Uint8Array {
  const { nodes, constants } = graph;
  const live = liveNodes(nodes, [...guards, ...wires]);
  const places = (node: GraphNode): string => OPERANDS[node.op] ?? '';
  const alive = nodes.flatMap((node, id) => (live[id] === 1 ? [{ node, id }] : []));
  const usedConstants = new Map<number, number>();
  const useConstant = (index: number): number => {
    const position = usedConstants.get(index) ?? usedConstants.size;
    usedConstants.set(index, position);
    return position;
  };
  for (const { node } of alive) {
    if (node.op === NodeOp.constant) useConstant(node.a);
    if (node.op === NodeOp.quotient) useConstant(node.b);
  }
  const computed = alive.filter(({ node }) => places(node) !== '');
  const rank = new Map(computed.map(({ id }, index) => [id, index]));
  const refer = (id: NodeId, from: number): number => {
    const node = nodes[id];
    const index = rank.get(id);
    if (index !== undefined) return 2 * (from - index);
    if (node?.op === NodeOp.constant) return 2 * useConstant(node.a) + 1;
    return 2 * (usedConstants.size + (node?.a ?? 0)) + 1;
  };
  const columns: number[][] = [[], [], []];
  for (const [index, { node }] of computed.entries()) {
    for (const [place, kind] of [...places(node)].entries()) {
      const operand = [node.a, node.b, node.c][place] ?? 0;
      const plain = node.op === NodeOp.quotient ? useConstant(operand) : operand;
      columns[place]?.push(kind === 'r' ? refer(operand, index) : plain);
    }
  }
  const values = [...constants];
  const out = new GraphWriter();
  out.bytes(new TextEncoder().encode(GRAPH_MAGIC));
  const inputValues = inputs.reduce((sum, { size }) => sum + size, 0);
  for (const count of [GRAPH_VERSION, inputs.length, inputValues, usedConstants.size, computed.length]) out.u32(count);
  for (const count of [guards.length, wires.length]) out.u32(count);
  for (const { hash, size } of inputs) {
    out.bytes(littleEndianBytes(hash, 8));
    out.u32(size);
  }
  for (const index of usedConstants.keys()) out.bytes(littleEndianBytes(values[index] ?? 0n, 32));
  out.bytes(Uint8Array.from(computed, ({ node }) => node.op));
  for (const column of columns) for (const value of column) out.leb(value);
  for (const id of [...guards, ...wires]) out.leb(refer(id, computed.length));
  return out.finish();
}

function liveNodes(nodes: readonly GraphNode[], roots: readonly NodeId[]): Uint8Array {
  const live = new Uint8Array(nodes.length);
  for (const id of roots) live[id] = 1;
  for (let id = nodes.length - 1; id >= 0; id--) {
    const node = nodes[id];
    if (node === undefined || live[id] === 0) continue;
    for (const [place, kind] of [...(OPERANDS[node.op] ?? '')].entries()) {
      const operand = [node.a, node.b, node.c][place];
      if (kind === 'r' && operand !== undefined) live[operand] = 1;
    }
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
