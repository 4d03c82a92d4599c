import { SCALAR_FIELD_ORDER as R } from '../../base/field.ts';

/**
 * The operations of a witness graph. All are total, so both sides of a condition can be computed whatever the inputs.
 * The numbers are those of the file.
 */
export const NodeOp = {
  /** a: position in the flat list of inputs. */
  input: 0,
  /** a: index into the constants. */
  constant: 1,
  add: 2,
  sub: 3,
  mul: 4,
  /** 1/a, and 0 for 0, as circom's WASM has it. */
  inverse: 5,
  /** 1 if a = b, else 0. */
  equal: 6,
  /** b if a = 1, c if a = 0; a is always one of the two. */
  select: 7,
  /** Bit number b of a, 0 to 253; b is a number, not a node. */
  bit: 8,
  /** Integer quotient of a and constant number b. */
  quotient: 9,
  /** a shifted right by b bits. Only a step on the way to `bit`: never in a file. */
  shift: 10,
} as const;

export type NodeOp = (typeof NodeOp)[keyof typeof NodeOp];

export interface GraphNode {
  op: NodeOp;
  a: number;
  b: number;
  c: number;
}

/** Index of a node. */
export type NodeId = number;

/**
 * Makes nodes, each distinct one once, with constants folded and what is plainly known simplified away.
 * Every rule holds for all values of the field: the graph computes what the circuit's WASM computes, on any input.
 */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly constants: bigint[] = [];
  readonly #known = new Map<string, NodeId>();
  readonly #constantIndex = new Map<bigint, number>();
  /** Nodes that are 0 or 1 for every input. */
  readonly #boolean = new Set<NodeId>();

  input(position: number): NodeId {
    return this.#node(NodeOp.input, position);
  }

  constant(value: bigint): NodeId {
    const id = this.#node(NodeOp.constant, this.#constantPosition(value));
    if (value === 0n || value === 1n) this.#boolean.add(id);
    return id;
  }

  /** The value, if it is the same for every input. */
  valueOf(id: NodeId): bigint | undefined {
    const node = this.nodes[id];
    return node?.op === NodeOp.constant ? this.constants[node.a] : undefined;
  }

  add(x: NodeId, y: NodeId): NodeId {
    const [a, b] = x < y ? [x, y] : [y, x];
    const [va, vb] = [this.valueOf(a), this.valueOf(b)];
    if (va !== undefined && vb !== undefined) return this.constant((va + vb) % R);
    if (va === 0n) return b;
    if (vb === 0n) return a;
    return this.#node(NodeOp.add, a, b);
  }

  sub(a: NodeId, b: NodeId): NodeId {
    const [va, vb] = [this.valueOf(a), this.valueOf(b)];
    if (va !== undefined && vb !== undefined) return this.constant((va - vb + R) % R);
    if (vb === 0n) return a;
    if (a === b) return this.constant(0n);
    if (va === 1n && this.#boolean.has(b)) return this.not(b);
    return this.#node(NodeOp.sub, a, b);
  }

  mul(x: NodeId, y: NodeId): NodeId {
    const [a, b] = x < y ? [x, y] : [y, x];
    const [va, vb] = [this.valueOf(a), this.valueOf(b)];
    if (va !== undefined && vb !== undefined) return this.constant((va * vb) % R);
    if (va === 0n || vb === 0n || this.#isBooleanIdentity(a, b)) return this.constant(0n);
    if (va === 1n) return b;
    if (vb === 1n) return a;
    const id = this.#node(NodeOp.mul, a, b);
    if (this.#boolean.has(a) && this.#boolean.has(b)) this.#boolean.add(id);
    return id;
  }

  inverse(a: NodeId): NodeId {
    const value = this.valueOf(a);
    return value === undefined ? this.#node(NodeOp.inverse, a) : this.constant(invert(value));
  }

  equal(x: NodeId, y: NodeId): NodeId {
    const [a, b] = x < y ? [x, y] : [y, x];
    const [va, vb] = [this.valueOf(a), this.valueOf(b)];
    if (a === b) return this.constant(1n);
    if (va !== undefined && vb !== undefined) return this.constant(0n);
    return this.#flag(NodeOp.equal, a, b);
  }

  /** 1 - a, for an a that is 0 or 1. */
  not(a: NodeId): NodeId {
    const node = this.nodes[a];
    // 1 - (1 - x) = x
    if (node?.op === NodeOp.sub && this.valueOf(node.a) === 1n && this.#boolean.has(node.b)) return node.b;
    const value = this.valueOf(a);
    return value === undefined ? this.#flag(NodeOp.sub, this.constant(1n), a) : this.constant(1n - value);
  }

  /** 1 if a is not 0. */
  truth(a: NodeId): NodeId {
    return this.#boolean.has(a) ? a : this.not(this.equal(a, this.constant(0n)));
  }

  /** @param condition 0 or 1 */
  select(condition: NodeId, a: NodeId, b: NodeId): NodeId {
    const value = this.valueOf(condition);
    if (value !== undefined) return value === 1n ? a : b;
    if (a === b) return a;
    const [va, vb] = [this.valueOf(a), this.valueOf(b)];
    if (va === 1n && vb === 0n) return condition;
    if (va === 0n && vb === 1n) return this.not(condition);
    // x != 0 ? 1/x : 0 is 1/x, since the inverse of 0 is 0 here.
    if (vb === 0n && this.#isInverseWhere(condition, a)) return a;
    if (va === 0n && this.#isInverseWhere(this.not(condition), b)) return b;
    const id = this.#node(NodeOp.select, condition, a, b);
    if (this.#boolean.has(a) && this.#boolean.has(b)) this.#boolean.add(id);
    return id;
  }

  shift(a: NodeId, by: number): NodeId {
    const value = this.valueOf(a);
    if (value !== undefined) return this.constant(value >> BigInt(by));
    return by === 0 ? a : this.#node(NodeOp.shift, a, by);
  }

  /** a & 1 */
  lowestBit(a: NodeId): NodeId {
    const node = this.nodes[a];
    return node?.op === NodeOp.shift ? this.bit(node.a, node.b) : this.bit(a, 0);
  }

  bit(a: NodeId, position: number): NodeId {
    const value = this.valueOf(a);
    if (value !== undefined) return this.constant((value >> BigInt(position)) & 1n);
    if (this.#boolean.has(a)) return position === 0 ? a : this.constant(0n);
    return this.#flag(NodeOp.bit, a, position);
  }

  /** @param divisor not 0 */
  quotient(a: NodeId, divisor: bigint): NodeId {
    const value = this.valueOf(a);
    if (value !== undefined) return this.constant(value / divisor);
    return this.#node(NodeOp.quotient, a, this.#constantPosition(divisor));
  }

  #flag(op: NodeOp, a: number, b: number): NodeId {
    const id = this.#node(op, a, b);
    this.#boolean.add(id);
    return id;
  }

  #isInverseWhere(condition: NodeId, a: NodeId): boolean {
    const node = this.nodes[a];
    return node?.op === NodeOp.inverse && condition === this.truth(node.a);
  }

  /** x * (x - 1), which is 0 for an x that is 0 or 1. */
  #isBooleanIdentity(a: NodeId, b: NodeId): boolean {
    const isPair = (x: NodeId, y: NodeId): boolean => {
      const node = this.nodes[y];
      return node?.op === NodeOp.sub && node.a === x && this.valueOf(node.b) === 1n && this.#boolean.has(x);
    };
    return isPair(a, b) || isPair(b, a);
  }

  #constantPosition(value: bigint): number {
    const known = this.#constantIndex.get(value);
    if (known !== undefined) return known;
    this.#constantIndex.set(value, this.constants.length);
    return this.constants.push(value) - 1;
  }

  #node(op: NodeOp, a: number, b = 0, c = 0): NodeId {
    const key = `${op} ${a} ${b} ${c}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.nodes.push({ op, a, b, c }) - 1;
    this.#known.set(key, id);
    return id;
  }
}

/** Inverse in the scalar field by the extended Euclidean algorithm; 0 for 0. */
export function invert(value: bigint): bigint {
  let [r0, r1] = [R, value];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1] = [r1, r0 - q * r1];
    [t0, t1] = [t1, t0 - q * t1];
  }
  if (value === 0n) return 0n;
  return ((t0 % R) + R) % R;
}
