import { setMembers } from '../countries.ts';
import { PolicyErrorCode } from '../errors.ts';
import type { Comparison, CredentialDemand } from '../interface.ts';
import { fail, type Place } from './clauses.ts';
import { ATTRIBUTE_RULES, ATTRIBUTES } from './vocabulary.ts';

const STEPS = [-4n, -3n, -2n, -1n, 0n, 1n, 2n, 3n, 4n];

/**
 * Refuses what nobody can ever meet, attribute by attribute: bounds that cross, an `==` outside the set. `age` and
 * `birthDate` are not held against one another, since that depends on the day.
 * @throws PolicyError POLICY_CONTRADICTION
 */
export function checkSatisfiable(demand: CredentialDemand, at: Place): void {
  for (const attr of ATTRIBUTES) {
    const rule = ATTRIBUTE_RULES[attr];
    const about = demand.compare.filter((comparison) => comparison.attr === attr);
    const members = demand.in?.attr === attr ? membersOf(demand.in) : undefined;
    if (about.length === 0) continue;
    const operands = about.map((comparison) => ({ op: comparison.op, operand: operandOf(comparison) }));
    const meets = (value: bigint): boolean => operands.every(({ op, operand }) => compare(value, op, operand));
    // What is left is an interval that starts or ends beside an operand or at the range's end, without up to four
    // values that `!=` strikes out: so one of these is in it, or nothing is.
    const anchors = [...operands.map(({ operand }) => operand), ...rule.range];
    const candidates = members ?? anchors.flatMap((anchor) => STEPS.map((step) => anchor + step));
    if (!candidates.some((value) => value >= rule.range[0] && value <= rule.range[1] && meets(value))) {
      fail(
        {
          code: PolicyErrorCode.Contradiction,
          message: `nobody can meet all that the policy says of ${attr}`,
        },
        at,
      );
    }
  }
}

function membersOf({ attr, set }: NonNullable<CredentialDemand['in']>): bigint[] {
  const members = typeof set === 'string' ? (setMembers(set) ?? []) : set;
  return members.map((member) => ATTRIBUTE_RULES[attr].encode(member)).filter((value) => typeof value === 'bigint');
}

function operandOf({ attr, value }: Comparison): bigint {
  const operand = ATTRIBUTE_RULES[attr].encode(value);
  return typeof operand === 'bigint' ? operand : 0n;
}

/** The comparison as the circuits make it. */
export function compare(value: bigint, op: Comparison['op'], operand: bigint): boolean {
  switch (op) {
    case '==':
      return value === operand;
    case '!=':
      return value !== operand;
    case '<':
      return value < operand;
    case '<=':
      return value <= operand;
    case '>':
      return value > operand;
    case '>=':
      return value >= operand;
  }
}
