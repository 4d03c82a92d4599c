import { PolicyError, PolicyErrorCode } from '../errors.ts';
import type { PolicySpan } from '../interface.ts';

export interface Token {
  /** `literal` starts with a digit: a number, a date, a duration; which one is the parser's question. */
  kind: 'word' | 'literal' | 'symbol' | 'end';
  text: string;
  span: PolicySpan;
}

/** Policies travel inside 4 KiB envelopes; a longer one could never be published. */
export const MAX_POLICY_CHARS = 2048;

const BLANK = /[ \t\r\n]+/y;
const TOKENS: readonly [Token['kind'], RegExp][] = [
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['literal', /[0-9][0-9A-Za-z_.:-]*/y],
  ['symbol', /==|!=|<=|>=|[<>(){},]/y],
];

/** Signs of other languages: what was meant here, or why it cannot be said. Longest first. */
const FOREIGN: readonly [sign: string, code: PolicyErrorCode, message: string, hint: string][] = [
  ['&&', PolicyErrorCode.Syntax, 'clauses are joined with a word', 'write `and`'],
  ['||', PolicyErrorCode.NotExpressible, 'a policy has no `or`', 'publish one offer per alternative'],
  ['=>', PolicyErrorCode.Syntax, '`=>` is no operator', 'write `>=`'],
  ['=<', PolicyErrorCode.Syntax, '`=<` is no operator', 'write `<=`'],
  ['<>', PolicyErrorCode.Syntax, '`<>` is no operator', 'write `!=`'],
  ['=', PolicyErrorCode.Syntax, '`=` is no operator', 'write `==`'],
  ['≥', PolicyErrorCode.Syntax, '`≥` is no operator', 'write `>=`'],
  ['≤', PolicyErrorCode.Syntax, '`≤` is no operator', 'write `<=`'],
  ['≠', PolicyErrorCode.Syntax, '`≠` is no operator', 'write `!=`'],
  ['&', PolicyErrorCode.Syntax, 'clauses are joined with a word', 'write `and`'],
  ['|', PolicyErrorCode.NotExpressible, 'a policy has no `or`', 'publish one offer per alternative'],
  ['!', PolicyErrorCode.NotExpressible, 'a policy has no `not`', 'negate the comparison: `!=` for `==`, `<` for `>=`'],
  ['+', PolicyErrorCode.NotExpressible, 'a policy does not calculate', 'write the result'],
  ['*', PolicyErrorCode.NotExpressible, 'a policy does not calculate', 'write the result'],
  ['/', PolicyErrorCode.NotExpressible, 'a policy does not calculate', 'write the result'],
  ['-', PolicyErrorCode.BadValue, 'no value of a policy is negative', 'dates are written 2000-01-31'],
  ['"', PolicyErrorCode.Syntax, 'values stand without quotes', 'write `country == DE`'],
  ["'", PolicyErrorCode.Syntax, 'values stand without quotes', 'write `country == DE`'],
  [';', PolicyErrorCode.Syntax, 'clauses are joined with a word', 'write `and`'],
];

/** Cuts a policy into words. The last token is always `end`. @throws PolicyError */
export function tokenise(text: string): Token[] {
  if (text.length > MAX_POLICY_CHARS) {
    throw new PolicyError(
      PolicyErrorCode.TooLong,
      `a policy has at most ${MAX_POLICY_CHARS} characters, this one ${text.length}`,
    );
  }
  const tokens: Token[] = [];
  for (let at = skipBlank(text, 0); at < text.length; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = skipBlank(text, token.span.end);
  }
  tokens.push({ kind: 'end', text: '', span: spanAt(text, text.length, text.length) });
  return tokens;
}

export function spanAt(text: string, start: number, end: number): PolicySpan {
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  return { start, end, line, column: start - (before.lastIndexOf('\n') + 1) + 1 };
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    // `<>` and `=<` start like operators of ours.
    if (found !== undefined && !(found === '<' && text[at + 1] === '>')) {
      return { kind, text: found, span: spanAt(text, at, at + found.length) };
    }
  }
  const foreign = FOREIGN.find(([sign]) => text.startsWith(sign, at));
  const sign = foreign?.[0] ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
  const span = spanAt(text, at, at + sign.length);
  if (foreign !== undefined) throw new PolicyError(foreign[1], foreign[2], { hint: foreign[3], span });
  throw new PolicyError(PolicyErrorCode.Syntax, `the sign ${JSON.stringify(sign)} has no meaning in a policy`, {
    span,
  });
}

function skipBlank(text: string, at: number): number {
  BLANK.lastIndex = at;
  return at + (BLANK.exec(text)?.[0].length ?? 0);
}
