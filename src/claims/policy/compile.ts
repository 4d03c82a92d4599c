import { setMembers } from '../countries.ts';
import { dayOf, latestBirthDate } from '../dates.ts';
import { PolicyErrorCode } from '../errors.ts';
import {
  type CircuitName,
  type CompareOperator,
  type Comparison,
  type CredentialDemand,
  MAX_COMPARISONS,
  type Policy,
} from '../interface.ts';
import { SLOTS, schemaId } from '../schemas.ts';
import { fail } from './clauses.ts';
import { ATTRIBUTE_RULES } from './vocabulary.ts';

export interface CompiledComparison {
  slot: number;
  /** null: unused. */
  op: CompareOperator | null;
  operand: bigint;
  /** What it came from, for messages; null for unused ones and the guard. */
  source: Comparison | null;
}

/** A credential demand as numbers, on one UTC day. Codes are slot + 1, or 0 where nothing is asked. */
export interface CompiledDemand {
  schema: bigint;
  /** Always four. */
  compare: CompiledComparison[];
  setCode: number;
  /** Encoded members of the allowed set, ascending; undefined where none is asked. */
  members: bigint[] | undefined;
  gapCode: number;
  list: string | undefined;
  discloseCode: number;
}

/** The circuit that proves a policy. */
export function circuitOf(policy: Policy): CircuitName {
  if (policy.credential === undefined) return 'balance';
  return policy.balance === undefined ? 'credential' : 'qualification';
}

/** @param now Unix seconds: `age` becomes a birth date on this moment's UTC day */
export function compileDemand(demand: CredentialDemand, now: number): CompiledDemand {
  const day = dayOf(now);
  const compare = demand.compare.map((comparison) => compileComparison(comparison, day));
  if (needsBirthDateGuard(demand.compare)) {
    compare.push({ slot: SLOTS.identity.birthDate, op: '<=', operand: BigInt(day), source: null });
  }
  while (compare.length < MAX_COMPARISONS) compare.push({ slot: 0, op: null, operand: 0n, source: null });
  return {
    schema: schemaId(demand.schema),
    compare,
    setCode: demand.in === undefined ? 0 : ATTRIBUTE_RULES[demand.in.attr].slot + 1,
    members: demand.in === undefined ? undefined : encodedMembers(demand.in),
    gapCode: demand.notOn === undefined ? 0 : SLOTS.identity[demand.notOn.attr] + 1,
    list: demand.notOn?.list,
    discloseCode: demand.disclose === undefined ? 0 : ATTRIBUTE_RULES[demand.disclose].slot + 1,
  };
}

/**
 * Whether every comparison of the birth date also holds for who has none (`NO_BIRTH_DATE`, far in the future):
 * `age < 30` must not let companies in, so such a policy gets `birthDate <= today` on top.
 */
export function needsBirthDateGuard(compare: readonly Comparison[]): boolean {
  const about = compare.filter(({ attr }) => attr === 'age' || attr === 'birthDate');
  const admits = ({ attr, op }: Comparison): boolean =>
    attr === 'age' ? op === '<' || op === '<=' : op === '!=' || op === '>' || op === '>=';
  return about.length > 0 && about.every(admits);
}

function compileComparison(comparison: Comparison, day: number): CompiledComparison {
  const { slot } = ATTRIBUTE_RULES[comparison.attr];
  const operand = encode(comparison.attr, comparison.value);
  if (comparison.attr !== 'age') return { slot, op: comparison.op, operand, source: comparison };
  // Older means born earlier. "At least n" is born on or before the day n years ago; "more than n" is "at least n + 1".
  const orMore = comparison.op === '>=' || comparison.op === '<';
  const birthDate = BigInt(latestBirthDate(day, Number(operand) + (orMore ? 0 : 1)));
  const op = comparison.op === '>=' || comparison.op === '>' ? '<=' : '>';
  return { slot, op, operand: birthDate, source: comparison };
}

function encodedMembers({ attr, set }: NonNullable<CredentialDemand['in']>): bigint[] {
  const members = typeof set === 'string' ? setMembers(set) : set;
  if (members === undefined) {
    return fail({ code: PolicyErrorCode.UnknownSet, message: 'unknown set' }, { where: 'credential.in.set' });
  }
  return members.map((member) => encode(attr, member)).sort((a, b) => (a < b ? -1 : 1));
}

function encode(attr: Comparison['attr'], value: string): bigint {
  const operand = ATTRIBUTE_RULES[attr].encode(value);
  return typeof operand === 'bigint' ? operand : fail(operand, { where: `credential.${attr}` });
}
