import { z } from 'zod';
import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { messageOf } from '../../base/errors.ts';
import { PolicyError, PolicyErrorCode } from '../errors.ts';
import type { Policy } from '../interface.ts';
import { assemble } from './assemble.ts';
import type { Clause, Spot } from './clauses.ts';
import { MAX_POLICY_CHARS } from './tokeniser.ts';
import { ATTRIBUTES, MAX_SET_MEMBERS, OPERATORS } from './vocabulary.ts';

const word = z.string().min(1).max(64);
const attribute = z.enum(ATTRIBUTES);

/** The shape of a policy's JSON form; what its values may be is `policyFromJson`'s question. */
export const policySchema = z.strictObject({
  v: z.literal(1),
  balance: z
    .strictObject({
      asset: word,
      atLeast: z.string().regex(/^[1-9][0-9]{0,38}$/, 'must be a decimal string of minor units, above 0'),
      freshSeconds: z.int().min(0),
    })
    .optional(),
  credential: z
    .strictObject({
      schema: z.literal('identity'),
      compare: z.array(z.strictObject({ attr: attribute, op: z.enum(OPERATORS), value: word })).max(16),
      in: z.strictObject({ attr: attribute, set: z.union([word, z.array(word).max(MAX_SET_MEMBERS)]) }).optional(),
      notOn: z.strictObject({ attr: z.literal('nameKey'), list: word }).optional(),
      disclose: attribute.optional(),
    })
    .optional(),
  unique: z.boolean(),
});

/**
 * A policy from any JSON value, brought into canonical order.
 * @throws PolicyError with `where` = a path like `credential.compare[0].value`
 */
export function policyFromJson(value: unknown): Policy {
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined ? '' : pathText(issue.path);
    throw new PolicyError(PolicyErrorCode.Syntax, `not a policy: ${issue?.message ?? 'wrong shape'}`, {
      where: where === '' ? undefined : where,
    });
  }
  const { balance, credential, unique } = parsed.data;
  const clauses: Clause[] = [];
  const spot = <T>(where: string, item: T): Spot<T> => ({ value: item, at: { where } });
  if (balance !== undefined) {
    clauses.push({
      kind: 'balance',
      at: { where: 'balance' },
      asset: spot('balance.asset', balance.asset),
      atLeast: spot('balance.atLeast', BigInt(balance.atLeast)),
      freshSeconds: spot('balance.freshSeconds', balance.freshSeconds),
    });
  }
  if (credential !== undefined) {
    clauses.push({ kind: 'identity', at: { where: 'credential' } });
    credential.compare.forEach(({ attr, op, value: operand }, i) => {
      const path = `credential.compare[${i}]`;
      clauses.push({
        kind: 'compare',
        at: { where: path },
        attr: spot(`${path}.attr`, attr),
        op: spot(`${path}.op`, op),
        value: spot(`${path}.value`, operand),
      });
    });
    if (credential.in !== undefined) {
      const { attr, set } = credential.in;
      const path = 'credential.in.set';
      const members = typeof set === 'string' ? spot(path, set) : set.map((member, i) => spot(`${path}[${i}]`, member));
      clauses.push({ kind: 'in', at: { where: path }, attr: spot('credential.in.attr', attr), set: members });
    }
    if (credential.notOn !== undefined) {
      clauses.push({
        kind: 'notOn',
        at: { where: 'credential.notOn' },
        list: spot('credential.notOn.list', credential.notOn.list),
      });
    }
    if (credential.disclose !== undefined) {
      const at = { where: 'credential.disclose' };
      clauses.push({ kind: 'disclose', at, attr: { value: credential.disclose, at } });
    }
  }
  if (unique) clauses.push({ kind: 'unique', at: { where: 'unique' } });
  return assemble(clauses, { where: 'policy' });
}

/** The one JSON spelling of a policy: what envelopes carry. @throws PolicyError if it is none */
export function policyJson(policy: Policy): string {
  return canonicalJson(policyFromJson(policy) as unknown as Json);
}

/**
 * Reads the canonical JSON of an envelope; any other spelling of the same policy is refused, so that one policy is one
 * string of bytes.
 * @throws PolicyError
 */
export function readPolicyJson(text: string): Policy {
  if (text.length > MAX_POLICY_CHARS) {
    throw new PolicyError(PolicyErrorCode.TooLong, `a policy has at most ${MAX_POLICY_CHARS} characters`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PolicyError(PolicyErrorCode.Syntax, `not JSON: ${messageOf(error)}`);
  }
  const policy = policyFromJson(value);
  if (canonicalJson(policy as unknown as Json) !== text) {
    throw new PolicyError(PolicyErrorCode.NotCanonical, 'the policy is not in its canonical spelling', {
      hint: 'keys sorted, no blanks, comparisons and members in canonical order: see `zkbazaar policy check --json`',
    });
  }
  return policy;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}
