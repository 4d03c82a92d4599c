import { PolicyError, type Problem } from '../errors.ts';
import type { CompareOperator, PolicyAttribute, PolicySpan } from '../interface.ts';

/** Where something stood: in a text, or in JSON. */
export type Place = { span: PolicySpan } | { where: string };

/** A value and where it stood. */
export interface Spot<T> {
  value: T;
  at: Place;
}

/** The sentences of a policy, whichever form they came in; `assemble` makes a policy of them. */
export type Clause =
  | { kind: 'balance'; at: Place; asset: Spot<string>; atLeast: Spot<bigint>; freshSeconds: Spot<number> }
  | { kind: 'compare'; at: Place; attr: Spot<PolicyAttribute>; op: Spot<CompareOperator>; value: Spot<string> }
  | { kind: 'in'; at: Place; attr: Spot<PolicyAttribute>; set: Spot<string> | Spot<string>[] }
  | { kind: 'notOn'; at: Place; list: Spot<string> }
  | { kind: 'identity'; at: Place }
  | { kind: 'disclose'; at: Place; attr: Spot<PolicyAttribute> }
  | { kind: 'unique'; at: Place };

export type ClauseOf<K extends Clause['kind']> = Extract<Clause, { kind: K }>;

/** @throws PolicyError always */
export function fail(problem: Problem, at: Place): never {
  throw new PolicyError(problem.code, problem.message, { hint: problem.hint, ...at });
}
