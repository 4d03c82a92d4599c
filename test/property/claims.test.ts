import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type Comparison,
  dayOf,
  encodeIdentity,
  type IdentityFacts,
  type Policy,
  PolicyError,
  parsePolicy,
  policyFromJson,
  policyJson,
  printPolicy,
  readPolicyJson,
  setMembers,
} from '../../src/claims/index.ts';
import { compileDemand } from '../../src/claims/policy/compile.ts';
import { accepted, allowedSet, candidate, comparison, facts, ordered, policy } from './claims-arbitraries.ts';

const RUNS = Number(process.env['ZKBAZAAR_PROPERTY_RUNS'] ?? 1_000);

describe('a policy', () => {
  it('survives print and parse, and JSON and back', () => {
    fc.assert(
      fc.property(policy, (made) => {
        assert.deepEqual(parsePolicy(printPolicy(made)), made);
        assert.deepEqual(readPolicyJson(policyJson(made)), made);
        assert.equal(policyJson(parsePolicy(printPolicy(made))), policyJson(made));
      }),
      { numRuns: RUNS },
    );
  });

  it('has one JSON form, whatever order it was written in', () => {
    const shuffled = policy.chain((made) => {
      const set = made.credential?.in?.set;
      return fc.record({
        made: fc.constant(made),
        compare: fc.shuffledSubarray(made.credential?.compare ?? [], {
          minLength: made.credential?.compare.length ?? 0,
        }),
        set: Array.isArray(set) ? fc.shuffledSubarray(set, { minLength: set.length }) : fc.constant(set),
      });
    });
    fc.assert(
      fc.property(shuffled, ({ made, compare, set }) => {
        const other = structuredClone(made);
        if (other.credential !== undefined) other.credential.compare = compare;
        if (other.credential?.in !== undefined && set !== undefined) other.credential.in.set = set;
        const turned = Object.fromEntries(Object.entries(other).reverse());
        assert.equal(policyJson(policyFromJson(turned)), policyJson(made));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('whatever is no policy', () => {
  /** Only ever a PolicyError, and a span that lies within the text. */
  const survives = (text: string): void => {
    try {
      assert.deepEqual(parsePolicy(printPolicy(parsePolicy(text))), parsePolicy(text));
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      assert.match(error.code, /^POLICY_[A-Z_]+$/);
      if (error.code === 'POLICY_TOO_LONG') return;
      assert.ok(error.span);
      const { start, end, line, column } = error.span;
      assert.ok(start >= 0 && start <= end && end <= text.length, `${start}..${end} of ${text.length}`);
      assert.equal(
        text
          .split('\n')
          .slice(0, line - 1)
          .join('\n').length +
          (line > 1 ? 1 : 0) +
          column -
          1,
        start,
      );
    }
  };

  it('as text is refused with a place in it', () => {
    const word = fc.constantFrom(
      ...'balance ( ) { } , EUR >= == != < <= > age kyc country in EU DE unique unsanctioned unlisted disclose fresh 24h'.split(
        ' ',
      ),
      ...[
        'identity',
        'and',
        'or',
        'not',
        '18',
        '1200.50',
        '2000-01-31',
        'sanctions',
        '\n',
        '=',
        '||',
        'é',
        '💶',
        '\u0000',
      ],
    );
    const salad = fc.array(word, { maxLength: 24 }).map((words) => words.join(' '));
    fc.assert(fc.property(fc.oneof(salad, fc.string({ unit: 'binary', maxLength: 60 })), survives), {
      numRuns: 5 * RUNS,
    });
  });

  it('as a policy with a few signs changed is refused or another policy', () => {
    const damaged = fc
      .record({ made: policy, at: fc.nat(), cut: fc.nat({ max: 4 }), put: fc.string({ maxLength: 3 }) })
      .map(({ made, at, cut, put }) => {
        const text = printPolicy(made);
        const start = at % (text.length + 1);
        return text.slice(0, start) + put + text.slice(start + cut);
      });
    fc.assert(fc.property(damaged, survives), { numRuns: 2 * RUNS });
  });

  it('as JSON is refused with a code', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), candidate), (value) => {
        const found = accepted(value);
        if (found !== undefined) assert.deepEqual(policyFromJson(found), found);
      }),
      { numRuns: RUNS },
    );
  });
});

// --- meaning: the compiled numbers against a second reading of the words ----------------------------------------------

/** Completed years on a UTC day, counted the long way: birthdays that have come. */
function ageOn(birthDate: string, now: number): number {
  const [year = 0, month = 0, day = 0] = birthDate.split('-').map(Number);
  const today = new Date(now * 1000);
  let age = 0;
  // A 29 February that a year does not have rolls over to 1 March, as Date.UTC does by itself.
  while (Date.UTC(year + age + 1, month - 1, day) <= today.getTime()) age++;
  return age;
}

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

function holds({ attr, op, value }: Comparison, facts: IdentityFacts, now: number): boolean {
  const compare = ORDER[op] ?? assert.fail();
  switch (attr) {
    case 'age':
      return facts.birthDate !== undefined && compare(ageOn(facts.birthDate, now), Number(value));
    case 'birthDate':
      return facts.birthDate !== undefined && compare(Date.parse(facts.birthDate), Date.parse(value));
    case 'kyc':
      return compare(facts.kycLevel, Number(value));
    default:
      return (facts[attr] === value) === (op === '==');
  }
}

function means({ credential: demand }: Policy, facts: IdentityFacts, now: number): boolean {
  if (demand === undefined) return true;
  const { in: allowed } = demand;
  const members = typeof allowed?.set === 'string' ? setMembers(allowed.set) : allowed?.set;
  const value = allowed === undefined ? '' : allowed.attr === 'kyc' ? facts.kycLevel : facts[allowed.attr as 'country'];
  return (
    demand.compare.every((comparison) => holds(comparison, facts, now)) &&
    (members === undefined || members.includes(String(value)))
  );
}

describe('the numbers that a policy compiles to', () => {
  // Up to the day before the youngest is born, and over several leap years.
  const now = fc.integer({ min: Date.UTC(2027, 0, 1) / 1000, max: Date.UTC(2061, 0, 1) / 1000 });
  /** Comparisons near the facts, so that edges are met and not only missed. */
  const near = fc
    .record({ facts, now, birthday: fc.option(fc.integer({ min: -1, max: 1 })) })
    .chain(({ birthday, ...given }) => {
      // Half of the time on a birthday or beside it: the edge that counts.
      if (birthday !== null && given.facts.birthDate !== undefined) {
        const [, month = 1, day = 1] = given.facts.birthDate.split('-').map(Number);
        given.now = Date.UTC(new Date(given.now * 1000).getUTCFullYear(), month - 1, day + birthday) / 1000;
      }
      return fc.record({
        facts: fc.constant(given.facts),
        now: fc.constant(given.now),
        policy: fc
          .record({
            years: fc.integer({ min: -1, max: 1 }),
            op: ordered,
            other: fc.array(comparison, { maxLength: 2 }),
            in: fc.option(allowedSet, { nil: undefined }),
          })
          .map(({ years, op, other, in: allowed }) => {
            const age = given.facts.birthDate === undefined ? 30 : ageOn(given.facts.birthDate, given.now);
            const value = String(Math.min(150, Math.max(0, age + years)));
            const compare = [{ attr: 'age', op, value }, ...other];
            return accepted({ v: 1, unique: false, credential: { schema: 'identity', compare, in: allowed } });
          })
          .filter((found): found is Policy => found !== undefined),
      });
    });

  it('hold exactly where its words do', () => {
    const check = (given: { facts: IdentityFacts; now: number; policy: Policy }): void => {
      const demand = given.policy.credential ?? assert.fail();
      const compiled = compileDemand(demand, given.now);
      const attributes = encodeIdentity(given.facts).map(Number);
      const passes =
        compiled.compare.every(
          ({ slot, op, operand }) => op === null || ORDER[op]?.(attributes[slot] ?? 0, Number(operand)),
        ) && compiled.members?.includes(BigInt(attributes[compiled.setCode - 1] ?? 0)) !== false;
      assert.equal(
        passes,
        means(given.policy, given.facts, given.now),
        `${printPolicy(given.policy)} on ${dayOf(given.now)}`,
      );
      assert.equal(compiled.compare.length, 4);
    };
    fc.assert(fc.property(near, check), { numRuns: 5 * RUNS });
  });
});
