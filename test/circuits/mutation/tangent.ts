/**
 * Which constraints does the rest of the system imply, to first order?
 *
 * At a valid witness w, write J for the Jacobian of the R1CS (a row a constraint, a column a wire). If row i is no linear
 * combination of the other rows, then dropping constraint i adds a direction to the tangent space: the witnesses of the
 * rest near w form a larger variety, so the rest does not imply constraint i, and the mutant is killed. Row i is in some
 * dependency exactly when some y with y·J = 0 has y_i != 0, so one elimination of J's transpose answers for all rows.
 */
import type { Constraint } from '../../../src/artifacts/index.ts';
import { evaluateCombination } from '../../../src/artifacts/index.ts';
import { inverse, mod } from './field.ts';

type Form = Map<number, bigint>;

/** Indices of the constraints that lie in a linear dependency of Jacobian rows at this witness. */
export function dependentConstraints(constraints: readonly Constraint[], witness: readonly bigint[]): Set<number> {
  const columns = jacobianColumns(constraints, witness);
  const solved = new Map<number, Form>();
  // Who mentions a free unknown in its solution: needed when that unknown is solved later.
  const mentions = new Map<number, Set<number>>();

  const substitute = (form: Form): Form => {
    const out: Form = new Map();
    for (const [row, coefficient] of form) {
      const solution = solved.get(row);
      if (solution === undefined) add(out, row, coefficient);
      else for (const [free, factor] of solution) add(out, free, coefficient * factor);
    }
    return out;
  };

  // Later wires first: a hash chain then collapses onto the one row that checks its end.
  for (let wire = columns.length - 1; wire >= 1; wire--) {
    const form = substitute(columns[wire] ?? new Map());
    const pivot = cheapest(form, mentions);
    if (pivot === undefined) continue;
    const scale = mod(-inverse(form.get(pivot) ?? 0n));
    form.delete(pivot);
    const solution: Form = new Map();
    for (const [row, coefficient] of form) add(solution, row, coefficient * scale);
    const users = mentions.get(pivot);
    if (users !== undefined) {
      for (const user of users) {
        const old = solved.get(user);
        const factor = old?.get(pivot);
        if (old === undefined || factor === undefined) continue;
        old.delete(pivot);
        for (const [row, coefficient] of solution) {
          add(old, row, coefficient * factor);
          mention(mentions, row, user);
        }
      }
      mentions.delete(pivot);
    }
    solved.set(pivot, solution);
    for (const row of solution.keys()) mention(mentions, row, pivot);
  }

  const dependent = new Set<number>();
  for (let row = 0; row < constraints.length; row++) {
    const solution = solved.get(row);
    if (solution === undefined || solution.size > 0) dependent.add(row);
  }
  return dependent;
}

/** Column w holds, by constraint, the derivative of A·B - C with respect to wire w. */
function jacobianColumns(constraints: readonly Constraint[], witness: readonly bigint[]): Form[] {
  const columns: Form[] = Array.from({ length: witness.length }, () => new Map<number, bigint>());
  constraints.forEach(([a, b, c], row) => {
    const valueOfA = evaluateCombination(a, witness);
    const valueOfB = evaluateCombination(b, witness);
    const put = (wire: number, value: bigint): void => {
      const column = columns[wire];
      if (wire !== 0 && column !== undefined) add(column, row, value);
    };
    for (const [wire, coefficient] of a) put(wire, coefficient * valueOfB);
    for (const [wire, coefficient] of b) put(wire, coefficient * valueOfA);
    for (const [wire, coefficient] of c) put(wire, -coefficient);
  });
  return columns;
}

function cheapest(form: Form, mentions: Map<number, Set<number>>): number | undefined {
  let best: number | undefined;
  let cost = Number.POSITIVE_INFINITY;
  for (const row of form.keys()) {
    const users = mentions.get(row)?.size ?? 0;
    if (users < cost || (users === cost && row < (best ?? row))) {
      best = row;
      cost = users;
    }
  }
  return best;
}

function mention(mentions: Map<number, Set<number>>, row: number, user: number): void {
  const users = mentions.get(row);
  if (users === undefined) mentions.set(row, new Set([user]));
  else users.add(user);
}

function add(form: Form, key: number, value: bigint): void {
  const sum = mod((form.get(key) ?? 0n) + value);
  if (sum === 0n) form.delete(key);
  else form.set(key, sum);
}
