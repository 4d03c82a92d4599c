import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PolicyError,
  parsePolicy,
  policyFromJson,
  policyJson,
  printPolicy,
  readPolicyJson,
  underline,
} from '../../../src/claims/index.ts';

const EXAMPLE =
  'balance(EUR) >= 1200 fresh 24h and age >= 18 and kyc >= 2 and country in EU and unsanctioned and unique and disclose country';
const EXAMPLE_JSON =
  '{"balance":{"asset":"EUR","atLeast":"120000","freshSeconds":86400},"credential":{"compare":[' +
  '{"attr":"age","op":">=","value":"18"},{"attr":"kyc","op":">=","value":"2"}],"disclose":"country",' +
  '"in":{"attr":"country","set":"EU"},"notOn":{"attr":"nameKey","list":"sanctions"},"schema":"identity"},' +
  '"unique":true,"v":1}';

function refusal(action: () => unknown): PolicyError {
  try {
    action();
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'the policy was accepted' });
}

describe('policy text', () => {
  it('has one canonical JSON form', () => {
    assert.equal(policyJson(parsePolicy(EXAMPLE)), EXAMPLE_JSON);
  });

  it('means the same in any order, spacing and over several lines', () => {
    const shuffled =
      'disclose country\n  and unique and unsanctioned and country in EU\n\tand kyc >= 2 and age >= 18 and balance(EUR)>=1200.00';
    assert.equal(policyJson(parsePolicy(shuffled)), EXAMPLE_JSON);
  });

  it('prints what it reads', () => {
    for (const text of [
      EXAMPLE,
      'identity',
      'identity and unique',
      'disclose kyc',
      'age > 17 and age <= 65',
      'balance(BTC) >= 0.00000001 fresh 30m',
      'balance(JPY) >= 5000 fresh 7d and unique',
      'country in {AT, CH, DE} and unlisted(pep_eu)',
      'birthDate >= 1990-02-28 and nationality != US and entityType == person',
    ]) {
      assert.equal(printPolicy(parsePolicy(text)), text);
    }
  });

  it('reads amounts exactly, in the minor units of the asset', () => {
    const atLeast = (text: string) => parsePolicy(text).balance?.atLeast;
    assert.equal(atLeast('balance(EUR) >= 0.01'), '1');
    assert.equal(atLeast('balance(EUR) >= 1200.5'), '120050');
    assert.equal(atLeast('balance(JPY) >= 1200'), '1200');
    assert.equal(atLeast('balance(KWD) >= 1.234'), '1234');
    assert.equal(atLeast('balance(BTC) >= 0.1'), '10000000');
    assert.equal(atLeast('balance(ETH) >= 1'), '1000000000000000000');
    assert.equal(atLeast('balance(XMR) >= 2.000000000001'), '2000000000001');
    assert.equal(
      atLeast('balance(JPY) >= 340282366920938463463374607431768211455'),
      '340282366920938463463374607431768211455',
    );
  });

  it('keeps a balance fresh for a day unless it says otherwise', () => {
    const fresh = (text: string) => parsePolicy(text).balance?.freshSeconds;
    assert.equal(fresh('balance(EUR) >= 1'), 86_400);
    assert.equal(fresh('balance(EUR) >= 1 fresh 30m'), 1_800);
    assert.equal(fresh('balance(EUR) >= 1 fresh 90s'), 90);
    assert.equal(fresh('balance(EUR) >= 1 fresh 366d'), 366 * 86_400);
  });
});

/** text, code, where, the word at fault, a word of the hint */
const REFUSED: readonly [text: string, code: string, where: string, span: string, hint: string][] = [
  // What the circuits cannot prove
  ['age >= 18 or kyc > 2', 'POLICY_NOT_EXPRESSIBLE', '1:11', 'or', 'alternative'],
  ['age >= 18 || kyc > 2', 'POLICY_NOT_EXPRESSIBLE', '1:11', '||', 'alternative'],
  ['not age >= 18', 'POLICY_NOT_EXPRESSIBLE', '1:1', 'not', 'negate'],
  ['!unique', 'POLICY_NOT_EXPRESSIBLE', '1:1', '!', 'negate'],
  ['country not in EU', 'POLICY_NOT_EXPRESSIBLE', '1:9', 'not', '!='],
  ['(age >= 18)', 'POLICY_NOT_EXPRESSIBLE', '1:1', '(', 'brackets'],
  ['if unique', 'POLICY_NOT_EXPRESSIBLE', '1:1', 'if', 'offer'],
  ['country in EU and nationality in EEA', 'POLICY_NOT_EXPRESSIBLE', '1:19', 'nationality in EEA', 'one set'],
  ['unsanctioned and unlisted(pep)', 'POLICY_NOT_EXPRESSIBLE', '1:18', 'unlisted(pep)', 'one list'],
  ['disclose kyc and disclose country', 'POLICY_NOT_EXPRESSIBLE', '1:18', 'disclose', 'one attribute'],
  ['balance(EUR) >= 1 and balance(BTC) >= 1', 'POLICY_NOT_EXPRESSIBLE', '1:23', 'balance(BTC) >= 1', 'one asset'],
  ['age == 18', 'POLICY_NOT_EXPRESSIBLE', '1:5', '==', 'age < 31'],
  ['age in {18, 19}', 'POLICY_NOT_EXPRESSIBLE', '1:1', 'age', 'compare'],
  ['disclose age', 'POLICY_NOT_EXPRESSIBLE', '1:10', 'age', 'birthDate'],
  ['balance(EUR) + balance(BTC) >= 1', 'POLICY_NOT_EXPRESSIBLE', '1:14', '+', 'result'],
  [
    'kyc >= 1 and kyc <= 5 and kyc != 2 and kyc != 3 and country != US',
    'POLICY_NOT_EXPRESSIBLE',
    '1:53',
    'country != US',
    'in {',
  ],
  ['age < 30 and kyc >= 1 and kyc != 3 and country != US', 'POLICY_NOT_EXPRESSIBLE', '1:40', 'country != US', 'two'],
  // Words, operators and values
  ['contry in EU', 'POLICY_UNKNOWN_WORD', '1:1', 'contry', 'country'],
  ['Balance(EUR) >= 1', 'POLICY_UNKNOWN_WORD', '1:1', 'Balance', 'balance'],
  ['disclose nameKey', 'POLICY_UNKNOWN_WORD', '1:10', 'nameKey', 'attributes are'],
  ['balance(EURO) >= 1', 'POLICY_UNKNOWN_ASSET', '1:9', 'EURO', 'EUR'],
  ['country == EU', 'POLICY_UNKNOWN_COUNTRY', '1:12', 'EU', 'in EU'],
  ['country == de', 'POLICY_UNKNOWN_COUNTRY', '1:12', 'de', 'DE'],
  ['country in {DE, UK}', 'POLICY_UNKNOWN_COUNTRY', '1:17', 'UK', 'GB'],
  ['country in DE', 'POLICY_UNKNOWN_SET', '1:12', 'DE', '{DE}'],
  ['country in SCHENGN', 'POLICY_UNKNOWN_SET', '1:12', 'SCHENGN', 'SCHENGEN'],
  ['kyc in EU', 'POLICY_UNKNOWN_SET', '1:8', 'EU', 'named sets'],
  ['country < DE', 'POLICY_BAD_OPERATOR', '1:9', '<', '=='],
  ['balance(EUR) > 12', 'POLICY_BAD_OPERATOR', '1:14', '>', 'next amount'],
  ['balance(EUR) >= 1.234', 'POLICY_BAD_VALUE', '1:17', '1.234', '2 decimals'],
  ['balance(JPY) >= 1.5', 'POLICY_BAD_VALUE', '1:17', '1.5', 'no decimals'],
  ['balance(EUR) >= 0', 'POLICY_BAD_VALUE', '1:17', '0', ''],
  [
    'balance(JPY) >= 340282366920938463463374607431768211456',
    'POLICY_BAD_VALUE',
    '1:17',
    '340282366920938463463374607431768211456',
    '',
  ],
  ['balance(EUR) >= 1 fresh 2', 'POLICY_BAD_VALUE', '1:25', '2', '24h'],
  ['balance(EUR) >= 1 fresh 59s', 'POLICY_BAD_VALUE', '1:25', '59s', ''],
  ['balance(EUR) >= 1 fresh 367d', 'POLICY_BAD_VALUE', '1:25', '367d', ''],
  ['age >= 151', 'POLICY_BAD_VALUE', '1:8', '151', ''],
  ['age >= 018', 'POLICY_BAD_VALUE', '1:8', '018', ''],
  ['kyc >= -3', 'POLICY_BAD_VALUE', '1:8', '-', ''],
  ['birthDate < 2001-02-29', 'POLICY_BAD_VALUE', '1:13', '2001-02-29', 'YYYY-MM-DD'],
  ['birthDate < 1990-13-01', 'POLICY_BAD_VALUE', '1:13', '1990-13-01', 'YYYY-MM-DD'],
  ['entityType == robot', 'POLICY_BAD_VALUE', '1:15', 'robot', ''],
  ['unlisted(Bad)', 'POLICY_BAD_VALUE', '1:10', 'Bad', ''],
  // Sentences
  ['', 'POLICY_EMPTY', '1:1', '', 'for example'],
  ['  \n ', 'POLICY_EMPTY', '2:2', '', 'for example'],
  ['unique', 'POLICY_EMPTY', '1:1', 'unique', 'identity'],
  ['18 <= age', 'POLICY_SYNTAX', '1:1', '18', 'attribute first'],
  ['age >= 18 < 30', 'POLICY_SYNTAX', '1:11', '<', 'two comparisons'],
  ['age >= 18 kyc >= 2', 'POLICY_SYNTAX', '1:11', 'kyc', '`and`'],
  ['age >= 18 && kyc > 2', 'POLICY_SYNTAX', '1:11', '&&', '`and`'],
  ['age >= 18 and', 'POLICY_SYNTAX', '1:14', '', 'for example'],
  ['age >=', 'POLICY_SYNTAX', '1:7', '', 'needs a value'],
  ['age', 'POLICY_SYNTAX', '1:4', '', 'for example'],
  ['age = 18', 'POLICY_SYNTAX', '1:5', '=', '=='],
  ['age => 18', 'POLICY_SYNTAX', '1:5', '=>', '>='],
  ['age ≥ 18', 'POLICY_SYNTAX', '1:5', '≥', '>='],
  ['country == "DE"', 'POLICY_SYNTAX', '1:12', '"', 'country == DE'],
  ['country in (DE, FR)', 'POLICY_SYNTAX', '1:12', '(', '{DE, FR}'],
  ['country in {DE FR}', 'POLICY_SYNTAX', '1:16', 'FR', 'commas'],
  ['country in {DE', 'POLICY_SYNTAX', '1:15', '', 'commas'],
  ['country in {DE,}', 'POLICY_SYNTAX', '1:16', '}', '{DE, FR}'],
  ['balance >= 1', 'POLICY_SYNTAX', '1:9', '>=', 'balance(EUR)'],
  ['balance(EUR) >= 1,200', 'POLICY_SYNTAX', '1:18', ',', 'thousands'],
  ['balance(EUR) >= 1 and fresh 24h', 'POLICY_SYNTAX', '1:23', 'fresh', 'without `and`'],
  ['age >= 18 and 💶', 'POLICY_SYNTAX', '1:15', '💶', ''],
  // Said twice, or never true
  ['unique and identity and unique', 'POLICY_DUPLICATE', '1:25', 'unique', ''],
  ['kyc >= 1 and\n  kyc >= 1', 'POLICY_DUPLICATE', '2:3', 'kyc >= 1', ''],
  ['country in {DE, FR, DE}', 'POLICY_DUPLICATE', '1:21', 'DE', ''],
  ['kyc >= 3 and kyc < 2', 'POLICY_CONTRADICTION', '1:14', 'kyc < 2', ''],
  ['kyc > 9', 'POLICY_CONTRADICTION', '1:1', 'kyc > 9', ''],
  ['age > 30 and age < 31', 'POLICY_CONTRADICTION', '1:14', 'age < 31', ''],
  ['country in EU and country == US', 'POLICY_CONTRADICTION', '1:19', 'country == US', ''],
  ['country in {}', 'POLICY_CONTRADICTION', '1:1', 'country in {}', ''],
  ['entityType != person and entityType != company', 'POLICY_CONTRADICTION', '1:26', 'entityType != company', ''],
];

describe('policy text that is refused', () => {
  for (const [text, code, where, word, hint] of REFUSED) {
    it(`${code} at ${where}: ${JSON.stringify(text)}`, () => {
      const error = refusal(() => parsePolicy(text));
      assert.equal(error.code, code);
      assert.equal(error.where, where);
      assert.equal(text.slice(error.span?.start, error.span?.end), word);
      assert.ok((error.hint ?? '').includes(hint), `hint: ${error.hint}`);
    });
  }

  it('is underlined at the word at fault', () => {
    const text = 'age >= 18 and\n\tkyc >= 2 or unique';
    const { span } = refusal(() => parsePolicy(text));
    assert.ok(span);
    assert.equal(underline(text, span), ' kyc >= 2 or unique\n          ^^');
  });

  it('is refused at once when it is long', () => {
    assert.equal(refusal(() => parsePolicy('a'.repeat(2_049))).code, 'POLICY_TOO_LONG');
    assert.equal(refusal(() => parsePolicy('a'.repeat(2_048))).code, 'POLICY_UNKNOWN_WORD');
  });
});

describe('policy JSON', () => {
  const base = () => structuredClone(JSON.parse(EXAMPLE_JSON));

  it('is brought into canonical order', () => {
    const value = base();
    value.credential.compare.reverse();
    value.credential.in.set = ['FR', 'DE'];
    const policy = policyFromJson(value);
    assert.deepEqual(policy.credential?.compare[0], { attr: 'age', op: '>=', value: '18' });
    assert.deepEqual(policy.credential?.in?.set, ['DE', 'FR']);
  });

  it('names the path of what is wrong', () => {
    const cases: readonly [change: (value: ReturnType<typeof base>) => void, code: string, where: string][] = [
      [(v) => (v.credential.compare[1].value = '02'), 'POLICY_BAD_VALUE', 'credential.compare[1].value'],
      [(v) => (v.credential.compare[0].op = '=='), 'POLICY_NOT_EXPRESSIBLE', 'credential.compare[0].op'],
      [(v) => (v.credential.compare[0].attr = 'shoeSize'), 'POLICY_SYNTAX', 'credential.compare[0].attr'],
      [(v) => (v.credential.in.set = 'MARS'), 'POLICY_UNKNOWN_SET', 'credential.in.set'],
      [(v) => (v.credential.in.set = ['DE', 'XX']), 'POLICY_UNKNOWN_COUNTRY', 'credential.in.set[1]'],
      [(v) => (v.credential.notOn.list = '__proto__'), 'POLICY_BAD_VALUE', 'credential.notOn.list'],
      [(v) => (v.credential.disclose = 'age'), 'POLICY_NOT_EXPRESSIBLE', 'credential.disclose'],
      [(v) => (v.balance.asset = 'constructor'), 'POLICY_UNKNOWN_ASSET', 'balance.asset'],
      [(v) => (v.balance.atLeast = '0x10'), 'POLICY_SYNTAX', 'balance.atLeast'],
      [(v) => (v.balance.atLeast = (1n << 128n).toString()), 'POLICY_BAD_VALUE', 'balance.atLeast'],
      [(v) => (v.balance.freshSeconds = 1.5), 'POLICY_SYNTAX', 'balance.freshSeconds'],
      [(v) => (v.balance.freshSeconds = 59), 'POLICY_BAD_VALUE', 'balance.freshSeconds'],
      [(v) => (v.v = 2), 'POLICY_SYNTAX', 'v'],
      [(v) => delete v.unique, 'POLICY_SYNTAX', 'unique'],
    ];
    for (const [change, code, where] of cases) {
      const value = base();
      change(value);
      const error = refusal(() => policyFromJson(value));
      assert.deepEqual([error.code, error.where], [code, where]);
    }
  });

  it('refuses what is no policy at all', () => {
    for (const value of [null, undefined, 7, 'age >= 18', [], {}, { v: 1, unique: false, extra: 1 }]) {
      assert.equal(refusal(() => policyFromJson(value)).code, 'POLICY_SYNTAX');
    }
    assert.equal(refusal(() => policyFromJson({ v: 1, unique: true })).code, 'POLICY_EMPTY');
  });

  it('has one spelling on the wire', () => {
    assert.equal(policyJson(readPolicyJson(EXAMPLE_JSON)), EXAMPLE_JSON);
    for (const other of [
      ` ${EXAMPLE_JSON}`,
      EXAMPLE_JSON.replace('"unique":true,"v":1', '"v":1,"unique":true'),
      EXAMPLE_JSON.replace('86400', '8.64e4'),
      EXAMPLE_JSON.replace('"EUR"', '"\\u0045UR"'),
      EXAMPLE_JSON.replace('"v":1', '"v":1,"v":1'),
    ]) {
      assert.equal(refusal(() => readPolicyJson(other)).code, 'POLICY_NOT_CANONICAL');
    }
    assert.equal(refusal(() => readPolicyJson('{')).code, 'POLICY_SYNTAX');
    assert.equal(refusal(() => readPolicyJson('['.repeat(3_000))).code, 'POLICY_TOO_LONG');
  });
});
