import { SCALAR_FIELD_ORDER as R } from '../../base/field.ts';
import type { GraphBuilder, NodeId } from './graph-builder.ts';
import { unsupported } from './wasm-memory.ts';

/** What circom's `Fr_*` functions compute, by name. The circuit passes addresses: of the result, then of the operands. */
export type FieldOperation =
  | { readonly operands: 1; readonly apply: (graph: GraphBuilder, x: NodeId) => NodeId }
  | { readonly operands: 2; readonly apply: (graph: GraphBuilder, x: NodeId, y: NodeId) => NodeId };

const unary = (apply: (graph: GraphBuilder, x: NodeId) => NodeId): FieldOperation => ({ operands: 1, apply });
const binary = (apply: (graph: GraphBuilder, x: NodeId, y: NodeId) => NodeId): FieldOperation => ({
  operands: 2,
  apply,
});
/** Orders are for loop bounds and template parameters only. */
const order = (holds: (left: bigint, right: bigint) => boolean): FieldOperation =>
  binary((graph, x, y) => graph.constant(BigInt(holds(signed(constantOf(graph, x)), signed(constantOf(graph, y))))));

const FIELD_BITS = 254n;
/** What the evaluator divides by. */
const MAX_DIVISOR = 2n ** 64n;

export const FIELD_OPERATIONS: ReadonlyMap<string, FieldOperation> = new Map([
  ['Fr_copy', unary((_, x) => x)],
  ['Fr_neg', unary((graph, x) => graph.sub(graph.constant(0n), x))],
  ['Fr_lnot', unary((graph, x) => graph.not(graph.truth(x)))],
  ['Fr_add', binary((graph, x, y) => graph.add(x, y))],
  ['Fr_sub', binary((graph, x, y) => graph.sub(x, y))],
  ['Fr_mul', binary((graph, x, y) => graph.mul(x, y))],
  ['Fr_div', binary((graph, x, y) => graph.mul(x, graph.inverse(y)))],
  ['Fr_eq', binary((graph, x, y) => graph.equal(x, y))],
  ['Fr_neq', binary((graph, x, y) => graph.not(graph.equal(x, y)))],
  ['Fr_land', binary((graph, x, y) => graph.mul(graph.truth(x), graph.truth(y)))],
  ['Fr_lor', binary((graph, x, y) => graph.not(graph.mul(graph.not(graph.truth(x)), graph.not(graph.truth(y)))))],
  ['Fr_lt', order((left, right) => left < right)],
  ['Fr_leq', order((left, right) => left <= right)],
  ['Fr_gt', order((left, right) => left > right)],
  ['Fr_geq', order((left, right) => left >= right)],
  ['Fr_idiv', binary((graph, x, y) => graph.quotient(x, divisorOf(graph, y)))],
  ['Fr_shr', binary((graph, x, y) => graph.shift(x, shiftOf(graph, y)))],
  [
    'Fr_band',
    binary((graph, x, y) => {
      if (constantOf(graph, y) !== 1n) throw unsupported('a mask other than 1');
      return graph.lowestBit(x);
    }),
  ],
]);

/** @throws ArtifactError for a node that depends on the inputs */
export function constantOf(graph: GraphBuilder, node: NodeId): bigint {
  const value = graph.valueOf(node);
  if (value === undefined) throw unsupported('a loop, index, shift or divisor depends on the inputs');
  return value;
}

/** circom compares and indexes with the representative between -r/2 and r/2. */
export function signed(value: bigint): bigint {
  return value > R / 2n ? value - R : value;
}

function divisorOf(graph: GraphBuilder, node: NodeId): bigint {
  const divisor = constantOf(graph, node);
  if (divisor === 0n || divisor >= MAX_DIVISOR) throw unsupported('a quotient by zero or by more than 64 bits');
  return divisor;
}

function shiftOf(graph: GraphBuilder, node: NodeId): number {
  const by = constantOf(graph, node);
  if (by >= FIELD_BITS) throw unsupported('a shift by more than the field');
  return Number(by);
}
