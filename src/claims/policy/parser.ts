import { toMinorUnits } from '../assets.ts';
import { PolicyError, PolicyErrorCode } from '../errors.ts';
import type { CompareOperator, Policy, PolicyAttribute, PolicySpan } from '../interface.ts';
import { assemble, checkAsset } from './assemble.ts';
import type { Clause, Spot } from './clauses.ts';
import { nearest } from './suggest.ts';
import { type Token, tokenise } from './tokeniser.ts';
import { ATTRIBUTES, DEFAULT_FRESH_SECONDS, OPERATORS, SANCTIONS_LIST, shown } from './vocabulary.ts';

const CLAUSE_WORDS = ['balance', 'identity', 'unsanctioned', 'unlisted', 'unique', 'disclose', ...ATTRIBUTES] as const;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Words of logic that no circuit here proves, each with the way round it. */
const INEXPRESSIBLE: Readonly<Record<string, string>> = {
  or: 'publish one offer per alternative; for values of one attribute write `in {DE, FR}`',
  not: 'negate the comparison: `!=` for `==`, `<` for `>=`',
  xor: 'publish one offer per alternative',
  if: 'publish one offer per case',
};

/**
 * Reads a policy's text form.
 * @throws PolicyError with `where` = line:column and the `span` of the word at fault
 * @example parsePolicy('balance(EUR) >= 1200 fresh 24h and age >= 18 and country in EU and unique')
 */
export function parsePolicy(text: string): Policy {
  const tokens = tokenise(text);
  const parser = new Parser(tokens);
  const whole: PolicySpan = { ...parser.peek().span, end: text.length };
  return assemble(parser.clauses(), { span: whole });
}

/** Recursive descent with one token of look-ahead; grammar in docs/policy.md. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new RangeError('a token list ends with `end`');
    return token;
  }

  clauses(): Clause[] {
    if (this.peek().kind === 'end') {
      this.#fail(PolicyErrorCode.Empty, 'the policy is empty', 'for example: age >= 18 and country in EU', this.peek());
    }
    const clauses = [this.#clause()];
    while (this.peek().kind !== 'end') {
      this.#joint(clauses.at(-1));
      clauses.push(this.#clause());
    }
    return clauses;
  }

  /** `and`, or a precise complaint about what stands in its place. */
  #joint(before: Clause | undefined): void {
    const token = this.#next();
    if (token.text === 'and') return;
    this.#refuseLogic(token);
    const code = PolicyErrorCode.Syntax;
    if (token.text === 'fresh') {
      this.#fail(code, '`fresh` belongs to a balance', 'write `balance(EUR) >= 1200 fresh 24h`', token);
    }
    if (token.text === ',' && before?.kind === 'balance') {
      this.#fail(code, 'a comma ends no amount', 'write amounts without thousands separators: 1200.50', token);
    }
    const chained = OPERATORS.some((op) => op === token.text);
    const hint = chained ? 'write a range as two comparisons: `age >= 18 and age < 30`' : 'join clauses with `and`';
    this.#fail(code, `expected \`and\` or the end, found ${shown(token.text)}`, hint, token);
  }

  #clause(): Clause {
    const token = this.#next();
    this.#refuseLogic(token);
    const at = { span: token.span };
    switch (token.text) {
      case 'balance':
        return this.#balance(token);
      case 'identity':
        return { kind: 'identity', at };
      case 'unique':
        return { kind: 'unique', at };
      case 'unsanctioned':
        return { kind: 'notOn', at, list: { value: SANCTIONS_LIST, at } };
      case 'unlisted':
        return this.#unlisted(token);
      case 'disclose':
        return { kind: 'disclose', at, attr: this.#attribute(this.#next(), '`disclose` needs an attribute') };
      case 'fresh':
        return this.#fail(
          PolicyErrorCode.Syntax,
          '`fresh` belongs to a balance',
          'write `balance(EUR) >= 1200 fresh 24h`, without `and` before `fresh`',
          token,
        );
      case '(':
        return this.#fail(
          PolicyErrorCode.NotExpressible,
          'clauses are not grouped',
          'every clause must hold: join them with `and`, without brackets',
          token,
        );
    }
    if (token.kind === 'literal') {
      this.#fail(PolicyErrorCode.Syntax, 'a clause starts with a word', 'attribute first: `age >= 18`', token);
    }
    if (token.kind !== 'word') {
      const found = token.kind === 'end' ? 'the end' : shown(token.text);
      this.#fail(PolicyErrorCode.Syntax, `expected a clause, found ${found}`, 'for example: age >= 18', token);
    }
    return this.#about(token);
  }

  /** `country in EU` or `age >= 18`. */
  #about(first: Token): Clause {
    const attr = this.#attribute(first, `unknown word ${shown(first.text)}`);
    const token = this.#next();
    if (token.text === 'in') return this.#membership(first, attr);
    if (token.text === 'not') {
      this.#fail(
        PolicyErrorCode.NotExpressible,
        'a proof shows membership, not its absence',
        `exclude up to four values: \`${attr.value} != XX\``,
        token,
      );
    }
    const op = OPERATORS.find((operator) => operator === token.text);
    if (op === undefined) {
      const found = token.kind === 'end' ? 'the end' : shown(token.text);
      const hint = `for example: \`${attr.value === 'age' ? 'age >= 18' : `${attr.value} == …`}\``;
      return this.#fail(
        PolicyErrorCode.Syntax,
        `expected a comparison after ${attr.value}, found ${found}`,
        hint,
        token,
      );
    }
    const value = this.#value(`${attr.value} ${op} needs a value`);
    const opSpot: Spot<CompareOperator> = { value: op, at: { span: token.span } };
    return { kind: 'compare', at: { span: this.#upTo(first) }, attr, op: opSpot, value };
  }

  #membership(first: Token, attr: Spot<PolicyAttribute>): Clause {
    const open = this.peek();
    if (open.text === '(') {
      this.#fail(PolicyErrorCode.Syntax, 'a set stands in braces', 'write `in {DE, FR}`', open);
    }
    if (open.text !== '{') {
      const set = this.#value('`in` needs a set');
      return { kind: 'in', at: { span: this.#upTo(first) }, attr, set };
    }
    this.#next();
    const members: Spot<string>[] = [];
    while (this.peek().text !== '}') {
      if (members.length > 0) this.#expect(',', 'members are separated with commas: {DE, FR}');
      members.push(this.#value('a set lists values: {DE, FR}'));
    }
    this.#next();
    return { kind: 'in', at: { span: this.#upTo(first) }, attr, set: members };
  }

  #balance(first: Token): Clause {
    const example = 'for example: balance(EUR) >= 1200';
    this.#expect('(', example);
    const asset = this.#value(`a balance names its asset; ${example}`);
    this.#expect(')', example);
    const op = this.#next();
    if (op.text !== '>=') {
      const known = OPERATORS.some((operator) => operator === op.text);
      const code = known ? PolicyErrorCode.BadOperator : PolicyErrorCode.Syntax;
      const hint = op.text === '>' ? 'write the next amount up with `>=`' : example;
      this.#fail(code, 'a balance is only ever compared with `>=`', hint, op);
    }
    const amount = this.#value(example);
    const decimals = checkAsset(asset);
    const minor = toMinorUnits(amount.value, decimals);
    if (minor === undefined) {
      throw new PolicyError(PolicyErrorCode.BadValue, `${shown(amount.value)} is no amount of ${asset.value}`, {
        hint:
          decimals === 0
            ? `${asset.value} has no decimals; write 1200`
            : `write digits with at most ${decimals} decimals: 1200 or 1200.5`,
        ...amount.at,
      });
    }
    const freshSeconds = this.peek().text === 'fresh' ? this.#fresh() : undefined;
    const at = { span: this.#upTo(first) };
    return {
      kind: 'balance',
      at,
      asset,
      atLeast: { value: minor, at: amount.at },
      freshSeconds: freshSeconds ?? { value: DEFAULT_FRESH_SECONDS, at },
    };
  }

  #fresh(): Spot<number> {
    this.#next();
    const duration = this.#value('`fresh` needs a duration: 24h');
    const [, count, unit = ''] = /^([1-9][0-9]{0,8})([smhd])$/.exec(duration.value) ?? [];
    const seconds = Number(count) * (UNIT_SECONDS[unit] ?? 0);
    if (count !== undefined) return { value: seconds, at: duration.at };
    throw new PolicyError(PolicyErrorCode.BadValue, `${shown(duration.value)} is no duration`, {
      hint: 'write a whole number and a unit, without a blank: 30m, 24h, 7d',
      ...duration.at,
    });
  }

  #unlisted(first: Token): Clause {
    const example = 'for example: unlisted(sanctions)';
    this.#expect('(', example);
    const list = this.#value(example);
    this.#expect(')', example);
    return { kind: 'notOn', at: { span: this.#upTo(first) }, list };
  }

  #attribute(token: Token, complaint: string): Spot<PolicyAttribute> {
    const attr = ATTRIBUTES.find((name) => name === token.text);
    if (attr !== undefined) return { value: attr, at: { span: token.span } };
    const near = nearest(token.text, CLAUSE_WORDS);
    const hint = near === undefined ? `attributes are ${ATTRIBUTES.join(', ')}` : `did you mean ${near}?`;
    const code = token.kind === 'word' ? PolicyErrorCode.UnknownWord : PolicyErrorCode.Syntax;
    return this.#fail(code, complaint, hint, token);
  }

  #value(complaint: string): Spot<string> {
    const token = this.#next();
    if (token.kind === 'word' || token.kind === 'literal') return { value: token.text, at: { span: token.span } };
    const found = token.kind === 'end' ? 'the end' : shown(token.text);
    return this.#fail(PolicyErrorCode.Syntax, `expected a value, found ${found}`, complaint, token);
  }

  #expect(symbol: string, hint: string): void {
    const token = this.#next();
    if (token.text === symbol) return;
    const found = token.kind === 'end' ? 'the end' : shown(token.text);
    this.#fail(PolicyErrorCode.Syntax, `expected ${shown(symbol)}, found ${found}`, hint, token);
  }

  #refuseLogic(token: Token): void {
    const hint = Object.hasOwn(INEXPRESSIBLE, token.text) ? INEXPRESSIBLE[token.text] : undefined;
    if (hint === undefined) return;
    this.#fail(PolicyErrorCode.NotExpressible, `a policy has no \`${token.text}\``, hint, token);
  }

  #fail(code: PolicyErrorCode, message: string, hint: string, token: Token): never {
    throw new PolicyError(code, message, { hint, span: token.span });
  }

  #next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** From a clause's first token to the last one read. */
  #upTo(first: Token): PolicySpan {
    return { ...first.span, end: this.#tokens[this.#at - 1]?.span.end ?? first.span.end };
  }
}
