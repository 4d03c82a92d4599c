/**
 * Kills a mutant by showing the witness: values that break the dropped constraint and no other.
 *
 * The moves are an attacker's, where the tangent test is blind because bits do not move infinitely little, or because
 * the statement has to be false to begin with: (a) change one wire; (b) flip a bit, then let a wire of the dropped
 * constraint absorb the difference. They start from the witness of a true statement, or from that of a false one as a
 * calculator without assertions computes it.
 */
import type { Constraint } from '../../../src/artifacts/index.ts';
import { evaluateCombination } from '../../../src/artifacts/index.ts';
import { inverse, mod } from './field.ts';

/** Wires tried as the partner of one move; each costs a few row evaluations. */
const MAX_PARTNERS = 12;

type Change = ReadonlyMap<number, bigint>;
type Sides = readonly [bigint, bigint, bigint];

export class Exhibitor {
  readonly #constraints: readonly Constraint[];
  readonly #witness: readonly bigint[];
  readonly #rowsOf: number[][];
  readonly #values: Sides[];
  /** Constraints that this witness breaks before any move. */
  readonly broken: ReadonlySet<number>;

  constructor(constraints: readonly Constraint[], witness: readonly bigint[]) {
    this.#constraints = constraints;
    this.#witness = witness;
    this.#rowsOf = Array.from({ length: witness.length }, () => []);
    constraints.forEach((constraint, row) => {
      for (const wire of wiresOf(constraint)) this.#rowsOf[wire]?.push(row);
    });
    this.#values = constraints.map(
      ([a, b, c]): Sides => [
        evaluateCombination(a, witness),
        evaluateCombination(b, witness),
        evaluateCombination(c, witness),
      ],
    );
    this.broken = new Set([...constraints.keys()].filter((row) => !holds(this.#values[row])));
  }

  /** The changed wires (maybe none) of a witness that breaks `target` alone; undefined when no move finds one. */
  kill(target: number): Change | undefined {
    const constraint = this.#constraints[target];
    if (constraint === undefined) return undefined;
    if (this.broken.size === 1 && this.broken.has(target)) return new Map();
    for (const wire of wiresOf(constraint)) {
      for (const change of this.#moves(target, wire)) if (this.#breaksOnly(target, change)) return change;
    }
    return undefined;
  }

  *#moves(target: number, wire: number): Generator<Change> {
    const value = this.#witness[wire] ?? 0n;
    if (value <= 1n) yield new Map([[wire, 1n - value]]);
    yield new Map([[wire, mod(value + 2n)]]);
    for (const row of this.#rowsOf[wire] ?? []) {
      const constraint = this.#constraints[row];
      if (row === target || constraint === undefined) continue;
      yield* this.#solved(constraint, row, wire, new Map());
      let tried = 0;
      for (const partner of wiresOf(constraint)) {
        const bit = this.#witness[partner] ?? 0n;
        if (partner === wire || bit > 1n || tried++ >= MAX_PARTNERS) continue;
        yield* this.#solved(constraint, row, wire, new Map([[partner, 1n - bit]]));
      }
    }
  }

  /** `change`, and `wire` such that this row holds. */
  *#solved(constraint: Constraint, row: number, wire: number, change: Change): Generator<Change> {
    const [a, b, c] = constraint;
    const [ka, kb, kc] = [a.get(wire) ?? 0n, b.get(wire) ?? 0n, c.get(wire) ?? 0n];
    const [va, vb, vc] = this.#sides(row, new Map(change).set(wire, 0n));
    if (ka === 0n || kb === 0n) {
      // (va + ka w)(vb + kb w) = vc + kc w, linear in w
      const slope = mod(ka * vb + kb * va - kc);
      if (slope !== 0n) yield new Map(change).set(wire, mod((vc - va * vb) * inverse(slope)));
    } else {
      // circom -O2 folds a sum of bits into the booleanity of one of them, x(x - 1) = 0: both roots of the first side.
      yield new Map(change).set(wire, mod(-va * inverse(ka)));
      yield new Map(change).set(wire, mod(-vb * inverse(kb)));
    }
  }

  #breaksOnly(target: number, change: Change): boolean {
    if (holds(this.#sides(target, change))) return false;
    const touched = new Set<number>();
    for (const wire of change.keys()) for (const row of this.#rowsOf[wire] ?? []) touched.add(row);
    for (const row of touched) if (row !== target && !holds(this.#sides(row, change))) return false;
    for (const row of this.broken) if (row !== target && !touched.has(row)) return false;
    return true;
  }

  #sides(row: number, change: Change): Sides {
    const constraint = this.#constraints[row];
    const values = this.#values[row];
    if (constraint === undefined || values === undefined) throw new RangeError('no such constraint');
    const moved = (side: 0 | 1 | 2): bigint => {
      let sum = values[side];
      for (const [wire, value] of change) {
        const coefficient = constraint[side].get(wire);
        if (coefficient !== undefined) sum += coefficient * (value - (this.#witness[wire] ?? 0n));
      }
      return mod(sum);
    };
    return [moved(0), moved(1), moved(2)];
  }
}

function holds(sides: Sides | undefined): boolean {
  return sides !== undefined && mod(sides[0] * sides[1] - sides[2]) === 0n;
}

function wiresOf([a, b, c]: Constraint): Set<number> {
  const wires = new Set([...a.keys(), ...b.keys(), ...c.keys()]);
  wires.delete(0);
  return wires;
}
