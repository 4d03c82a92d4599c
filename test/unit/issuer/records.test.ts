import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameKey, SLOTS } from '../../../src/claims/index.ts';
import { readRegistrations } from '../../../src/issuer/index.ts';
import { readRecords } from '../../../src/issuer/records.ts';
import { coded } from '../../support/codes.ts';
import { HOLDER_A, HOLDER_B, NOW, record } from './make.ts';

const SALT = new Uint8Array(32).fill(7);
const read = (input: unknown, registrations?: ReadonlyMap<string, string>) =>
  readRecords(input, { registrations }, SALT, NOW);

test('records in several spellings give the attributes of the identity schema', () => {
  const camel = read([record()]).records[0];
  const snake = read({
    records: [
      {
        'Legal Name': 'MUSTER, ANNA',
        date_of_birth: '1988-04-17',
        'country-of-residence': 'de',
        citizenship: 'DE',
        kyc_level: '2',
        person_id: 'P-1',
        commitment: HOLDER_A,
        internalNote: 'ignored',
      },
    ],
  }).records[0];
  assert.deepEqual(camel, snake);
  assert.equal(camel?.attributes[SLOTS.identity.birthDate], '19880417');
  assert.equal(camel?.attributes[SLOTS.identity.country], String(0x4445));
  assert.equal(camel?.attributes[SLOTS.identity.nameKey], nameKey('Anna Muster').toString());
  assert.equal(camel?.attributes[SLOTS.identity.personRef], camel?.personRef);
});

test('a person reference is salted: another salt, another reference', () => {
  const other = readRecords([record()], {}, new Uint8Array(32).fill(8), NOW).records[0];
  assert.notEqual(other?.personRef, read([record()]).records[0]?.personRef);
});

test('a company has no birth date; a person must have one', () => {
  const company = { entityType: 'company', birthDate: undefined, legalName: 'Example Ltd' };
  assert.equal(read([record(company)]).rejected.length, 0);
  assert.match(read([record({ birthDate: undefined })]).rejected[0]?.reason ?? '', /birthDate/);
  assert.match(read([record({ entityType: 'company' })]).rejected[0]?.reason ?? '', /birthDate/);
});

test('each bad record is reported by position, and names no value', () => {
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ legalName: '  ' }, /legalName/],
    [{ legalName: '...' }, /name/],
    [{ legalName: 'x'.repeat(500) }, /legalName/],
    [{ birthDate: '2001-02-29' }, /birthDate/],
    [{ birthDate: '17.04.1988' }, /birthDate/],
    [{ birthDate: '2026-11-23' }, /birthDate/],
    [{ birthDate: 19_880_417 }, /birthDate/],
    [{ country: 'XX' }, /country/],
    [{ country: 'Germany' }, /country/],
    [{ nationality: '' }, /nationality/],
    [{ kycLevel: 1.5 }, /kycLevel/],
    [{ kycLevel: -1 }, /kycLevel/],
    [{ kycLevel: 99 }, /kycLevel/],
    [{ kycLevel: 'high' }, /kycLevel/],
    [{ personReference: null }, /personReference/],
    [{ entityType: 'robot' }, /entityType/],
    [{ holder: '0x12' }, /holder/],
    [{ holder: '007' }, /holder/],
    [{ holder: '0' }, /holder/],
    [{ holder: `${2n ** 256n}` }, /holder/],
    [{ legal_name: 'Anna Again' }, /twice/],
  ];
  const { records, rejected } = read([...bad.map(([over]) => record(over)), 'text', null, [record()], record()]);
  assert.equal(records.length, 1);
  assert.equal(records[0]?.at, bad.length + 4);
  assert.deepEqual(
    rejected.map(({ at }) => at),
    Array.from({ length: bad.length + 3 }, (_, i) => i + 1),
  );
  bad.forEach(([, reason], i) => {
    assert.match(rejected[i]?.reason ?? '', reason);
  });
  for (const { code, reason } of rejected) {
    assert.match(code, /^ISSUER_BAD_(RECORD|HOLDER)$/);
    assert.doesNotMatch(reason, /Anna|1988|Germany|XX/);
  }
});

test('what is no array of records is refused as a whole', () => {
  for (const input of [null, 'records', 7, {}, { records: {} }, undefined]) {
    assert.throws(() => read(input), coded('ISSUER_BAD_RECORDS'));
  }
  assert.throws(() => read(new Array(100_001).fill(null)), coded('ISSUER_BAD_RECORDS'));
});

test('customers join wallets through registrations; one without any is left out', () => {
  const registrations = readRegistrations({ 'C-1': HOLDER_B });
  const { records, rejected, unregistered } = read(
    [
      record({ holder: undefined, customerId: 'C-1' }),
      record({ holder: undefined, customerId: 'C-2' }),
      record({ customerId: 'C-1' }),
    ],
    registrations,
  );
  assert.equal(records[0]?.holder, HOLDER_B);
  assert.deepEqual(unregistered, [2]);
  assert.deepEqual(
    rejected.map(({ at, code }) => [at, code]),
    [[3, 'ISSUER_BAD_HOLDER']],
  );
});

test('registrations are read strictly', () => {
  assert.deepEqual([...readRegistrations([{ customer: 'C', holder: HOLDER_A }])], [['C', HOLDER_A]]);
  const bad = [
    null,
    'x',
    { C: 5 },
    { C: '0' },
    { '': HOLDER_A },
    [['C', HOLDER_A]],
    [{ customer: 'C' }],
    [
      { customer: 'C', holder: HOLDER_A },
      { customer: ' C', holder: HOLDER_B },
    ],
  ];
  for (const input of bad) assert.throws(() => readRegistrations(input), coded('ISSUER_BAD_REGISTRATIONS'));
});
