import { assetCodes, assetDecimals, MAX_AMOUNT } from '../assets.ts';
import { setMembers, setNames } from '../countries.ts';
import { PolicyErrorCode } from '../errors.ts';
import {
  type BalanceDemand,
  type Comparison,
  type CredentialDemand,
  MAX_COMPARISONS,
  type Policy,
} from '../interface.ts';
import { type Clause, type ClauseOf, fail, type Place, type Spot } from './clauses.ts';
import { needsBirthDateGuard } from './compile.ts';
import { checkSatisfiable } from './satisfiable.ts';
import { nearest } from './suggest.ts';
import {
  ATTRIBUTE_RULES,
  ATTRIBUTES,
  LIST_NAME,
  MAX_FRESH_SECONDS,
  MAX_SET_MEMBERS,
  MIN_FRESH_SECONDS,
  OPERATORS,
  shown,
} from './vocabulary.ts';

/**
 * The one policy that a list of clauses means: canonical order, every value checked, nothing that a circuit cannot
 * prove and nothing that nobody can meet. Both forms of a policy come through here, so they cannot differ.
 * @param whole where to point when the policy as a whole is at fault
 * @throws PolicyError
 */
export function assemble(clauses: readonly Clause[], whole: Place): Policy {
  const of = <K extends Clause['kind']>(kind: K): ClauseOf<K>[] =>
    clauses.filter((clause): clause is ClauseOf<K> => clause.kind === kind);

  const balance = only(of('balance'), 'balance', 'one proof covers one asset; add a second offer for another');
  const membership = only(of('in'), '`in`', 'exclude single members with `!=`, or list the allowed ones in one set');
  const notOn = only(of('notOn'), 'list check', 'a proof shows absence from one list');
  const disclose = only(of('disclose'), '`disclose`', 'a proof discloses one attribute');
  const unique = of('unique');
  if (unique[1] !== undefined) fail(duplicate('unique'), unique[1].at);

  const policy: Policy = { v: 1, unique: unique.length > 0 };
  if (balance !== undefined) policy.balance = balanceDemand(balance);
  const compare = comparisons(of('compare'));
  const set = membership === undefined ? undefined : allowedSet(membership);
  if (compare.length > 0 || set !== undefined || notOn || disclose || of('identity').length > 0) {
    const credential: CredentialDemand = { schema: 'identity', compare };
    if (set !== undefined) credential.in = set;
    if (notOn !== undefined) credential.notOn = { attr: 'nameKey', list: listName(notOn.list) };
    if (disclose !== undefined) credential.disclose = disclosedAttribute(disclose);
    checkSatisfiable(credential, of('compare').at(-1)?.at ?? whole);
    policy.credential = credential;
  }
  if (policy.balance === undefined && policy.credential === undefined) {
    fail(
      {
        code: PolicyErrorCode.Empty,
        message: 'the policy demands nothing that can be proved',
        hint: 'write `identity` for any valid identity credential, or say what it must show',
      },
      whole,
    );
  }
  return policy;
}

function balanceDemand(clause: ClauseOf<'balance'>): BalanceDemand {
  const { asset, atLeast, freshSeconds } = clause;
  checkAsset(asset);
  if (atLeast.value < 1n || atLeast.value > MAX_AMOUNT) {
    fail({ code: PolicyErrorCode.BadValue, message: 'a balance threshold is above 0 and below 2^128' }, atLeast.at);
  }
  if (freshSeconds.value < MIN_FRESH_SECONDS || freshSeconds.value > MAX_FRESH_SECONDS) {
    fail({ code: PolicyErrorCode.BadValue, message: '`fresh` is from 1 minute to 366 days' }, freshSeconds.at);
  }
  return { asset: asset.value, atLeast: atLeast.value.toString(), freshSeconds: freshSeconds.value };
}

/** @returns decimals of the asset. @throws PolicyError POLICY_UNKNOWN_ASSET */
export function checkAsset(asset: Spot<string>): number {
  const decimals = assetDecimals(asset.value);
  if (decimals !== undefined) return decimals;
  const near = nearest(asset.value, assetCodes());
  const hint = near === undefined ? 'assets are ISO 4217 codes, BTC, ETH, XMR, USDT, USDC …' : `did you mean ${near}?`;
  return fail({ code: PolicyErrorCode.UnknownAsset, message: `unknown asset ${shown(asset.value)}`, hint }, asset.at);
}

function comparisons(clauses: readonly ClauseOf<'compare'>[]): Comparison[] {
  const seen = new Set<string>();
  const found = clauses.map((clause) => {
    const { attr, op, value } = clause;
    const rule = ATTRIBUTE_RULES[attr.value];
    const equality = op.value === '==' || op.value === '!=';
    if (attr.value === 'age' && equality) {
      fail(
        {
          code: PolicyErrorCode.NotExpressible,
          message: 'an age is compared with < <= > >= only',
          hint: 'write `age >= 30 and age < 31` for exactly 30',
        },
        op.at,
      );
    }
    if (!(equality ? rule.equality : rule.ordered)) {
      fail(
        {
          code: PolicyErrorCode.BadOperator,
          message: `${attr.value} has no order`,
          hint: `compare ${attr.value} with == or !=`,
        },
        op.at,
      );
    }
    const operand = rule.encode(value.value);
    if (typeof operand !== 'bigint') fail(operand, value.at);
    const comparison: Comparison = { attr: attr.value, op: op.value, value: value.value };
    const key = `${comparison.attr} ${comparison.op} ${comparison.value}`;
    if (seen.has(key)) fail(duplicate(key), clause.at);
    seen.add(key);
    return { comparison, operand };
  });
  // One order, so that the same demands in another order are the same policy, with the same hash.
  found.sort(
    (a, b) =>
      ATTRIBUTES.indexOf(a.comparison.attr) - ATTRIBUTES.indexOf(b.comparison.attr) ||
      OPERATORS.indexOf(a.comparison.op) - OPERATORS.indexOf(b.comparison.op) ||
      Number(a.operand - b.operand),
  );
  const compare = found.map(({ comparison }) => comparison);
  const guard = needsBirthDateGuard(compare) ? 1 : 0;
  if (compare.length + guard > MAX_COMPARISONS) {
    fail(
      {
        code: PolicyErrorCode.NotExpressible,
        message: `a policy has at most ${MAX_COMPARISONS} comparisons`,
        hint:
          guard === 0
            ? 'use one `in {…}` for several allowed values'
            : 'an upper bound on age takes two of them, unless a lower bound stands beside it',
      },
      clauses[MAX_COMPARISONS - guard]?.at ?? { where: 'credential.compare' },
    );
  }
  return compare;
}

function allowedSet(clause: ClauseOf<'in'>): NonNullable<CredentialDemand['in']> {
  const { attr, set } = clause;
  const rule = ATTRIBUTE_RULES[attr.value];
  if (!rule.members) {
    const hint = rule.ordered ? `compare: \`${attr.value} >= …\`` : `compare: \`${attr.value} == …\``;
    fail({ code: PolicyErrorCode.NotExpressible, message: `${attr.value} has no sets`, hint }, attr.at);
  }
  if (!Array.isArray(set)) {
    const isCountrySet = attr.value === 'country' || attr.value === 'nationality';
    if (isCountrySet && setMembers(set.value) !== undefined) return { attr: attr.value, set: set.value };
    const near = isCountrySet ? nearest(set.value, setNames()) : undefined;
    const hint =
      typeof rule.encode(set.value) === 'bigint'
        ? `write \`${attr.value} == ${set.value}\`, or \`in {${set.value}}\``
        : near === undefined
          ? `named sets of countries are ${setNames().join(', ')}; a literal one is written {DE, FR}`
          : `did you mean ${near}?`;
    return fail({ code: PolicyErrorCode.UnknownSet, message: `unknown set ${shown(set.value)}`, hint }, set.at);
  }
  if (set.length === 0) fail({ code: PolicyErrorCode.Contradiction, message: 'nobody is in an empty set' }, clause.at);
  if (set.length > MAX_SET_MEMBERS) {
    fail({ code: PolicyErrorCode.NotExpressible, message: `a set has at most ${MAX_SET_MEMBERS} members` }, clause.at);
  }
  const seen = new Set<string>();
  for (const member of set) {
    const value = rule.encode(member.value);
    if (typeof value !== 'bigint') fail(value, member.at);
    if (seen.has(member.value)) fail(duplicate(member.value), member.at);
    seen.add(member.value);
  }
  return { attr: attr.value, set: [...seen].sort() };
}

function listName(list: Spot<string>): string {
  if (LIST_NAME.test(list.value)) return list.value;
  return fail({ code: PolicyErrorCode.BadValue, message: `${shown(list.value)} is no name of a list` }, list.at);
}

function disclosedAttribute(clause: ClauseOf<'disclose'>): NonNullable<CredentialDemand['disclose']> {
  const { attr } = clause;
  if (ATTRIBUTE_RULES[attr.value].disclosable) return attr.value;
  return fail(
    {
      code: PolicyErrorCode.NotExpressible,
      message: `${attr.value} cannot be disclosed: it is computed from birthDate`,
      hint: 'write `disclose birthDate`, if you really need the date',
    },
    attr.at,
  );
}

function only<T extends { at: Place }>(found: readonly T[], what: string, hint: string): T | undefined {
  const second = found[1];
  if (second === undefined) return found[0];
  return fail({ code: PolicyErrorCode.NotExpressible, message: `a policy has one ${what} at most`, hint }, second.at);
}

function duplicate(what: string): { code: PolicyErrorCode; message: string } {
  return { code: PolicyErrorCode.Duplicate, message: `${shown(what)} stands there twice` };
}
