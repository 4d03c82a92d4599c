import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAccounts } from '../../../src/issuer/accounts.ts';
import { MAX_INPUT_BYTES } from '../../../src/issuer/csv.ts';
import { coded } from '../../support/codes.ts';
import { csv, HOLDER_A, HOLDER_B, NOW } from './make.ts';

const registrations = new Map([
  ['C1', HOLDER_A],
  ['C2', HOLDER_B],
]);
const read = (file: Uint8Array, options: Parameters<typeof readAccounts>[1] = {}) =>
  readAccounts(file, { registrations, ...options }, NOW);

test('an export with semicolons, decimal commas and foreign headers', () => {
  const { lines, rejected, unregistered } = read(
    csv(
      'Kundennummer;Kontonummer;Währung;Kontostand;Stichtag',
      'C1;12 34-5;eur;1.234,50;22.11.2026',
      'C2;99;USD;7;2026-11-21T23:30:00+02:00',
      'C9;98;USD;7;',
    ),
  );
  assert.deepEqual(rejected, []);
  assert.deepEqual(unregistered, [4]);
  assert.deepEqual(lines, [
    { at: 2, account: '1234-5', asset: 'EUR', amount: 123_450n, holder: HOLDER_A, asOf: Date.UTC(2026, 10, 22) / 1000 },
    { at: 3, account: '99', asset: 'USD', amount: 700n, holder: HOLDER_B, asOf: Date.UTC(2026, 10, 21, 21, 30) / 1000 },
  ]);
});

test('commas, tabs, quotes, a byte order mark, UTF-16 and Windows-1252 are all read', () => {
  const rows = ['customer,account,currency,balance', 'C1,"4,7",EUR,"1,200.00"'].join('\r\n');
  const tabs = 'customer\taccount\tcurrency\tbalance\nC1\t47\tEUR\t1200.00';
  assert.equal(read(Buffer.from(`\ufeff${rows}`)).lines[0]?.account, '4,7');
  assert.equal(read(Buffer.from(tabs)).lines[0]?.amount, 120_000n);
  assert.equal(read(Buffer.from(`\ufeff${tabs}`, 'utf16le')).lines[0]?.amount, 120_000n);
  const latin = Buffer.from('customer;account;W\u00e4hrung;balance\nC1;47;EUR;1200', 'latin1');
  assert.equal(read(latin).lines[0]?.amount, 120_000n);
});

test('each bad line is reported with its number and reason, and the rest stand', () => {
  const { lines, rejected } = read(
    csv(
      'customer,iban,currency,balance,as of,holder', // 1
      'C1,DE89 3704 0044 0532 0130 00,EUR,10.00,,', // 2
      'C1,DE89370400440532013001,EUR,10.00,,', // 3: check digits
      'C1,,EUR,10.00,,', // 4
      'C1,AT483200000012345864,XXX,10.00,,', // 5
      'C1,AT483200000012345864,EUR,ten,,', // 6
      'C1,AT483200000012345864,EUR,10.00,2026-02-30,', // 7
      'C1,AT483200000012345864,EUR,10.00,03/04/2026,', // 8
      'C1,AT483200000012345864,EUR,10.00,2027-01-01,', // 9
      'C1,AT483200000012345864,EUR,10.00,,0', // 10
      `C1,AT483200000012345864,EUR,10.00,,${HOLDER_B}`, // 11: other than registered
      'C1,AT483200000012345864,EUR,10.00', // 12: width
      'C1,de89370400440532013000,EUR,11.00,,', // 13: twice
      'C1,"AT48"3200000012345864,EUR,10.00,,', // 14: quote
    ),
  );
  assert.deepEqual(
    lines.map(({ at }) => at),
    [2],
  );
  assert.deepEqual(
    rejected.map(({ at, code }) => `${at} ${code}`),
    [
      '3 ISSUER_BAD_ACCOUNT',
      '4 ISSUER_BAD_ACCOUNT',
      '5 ISSUER_UNKNOWN_ASSET',
      '6 ISSUER_BAD_AMOUNT',
      '7 ISSUER_BAD_DATE',
      '8 ISSUER_BAD_DATE',
      '9 ISSUER_BAD_DATE',
      '10 ISSUER_BAD_HOLDER',
      '11 ISSUER_BAD_HOLDER',
      '12 ISSUER_BAD_LINE',
      '13 ISSUER_DUPLICATE_ACCOUNT',
      '14 ISSUER_BAD_LINE',
    ],
  );
  for (const { reason } of rejected) assert.doesNotMatch(reason, /DE89|AT48|10\.00|100000/);
});

test('a quote that never closes is reported where its record starts, with how far it reaches', () => {
  const { lines, rejected } = read(csv('customer,account,currency,balance', 'C1,1,EUR,5', 'C1,"2,EUR,5', 'C2,3,EUR,5'));
  assert.equal(lines.length, 1);
  assert.deepEqual(
    rejected.map(({ at }) => at),
    [3],
  );
  assert.match(rejected[0]?.reason ?? '', /never closed.*line [45]/);
});

test('a record after a quoted line break keeps its right line number', () => {
  const { rejected } = read(csv('customer,account,currency,balance', 'C1,"1', '2",EUR,5', '', 'C1,3,EUR,x'));
  assert.deepEqual(
    rejected.map(({ at }) => at),
    [5],
  );
});

test('a missing or doubtful column stops the whole file', () => {
  const missing = () => read(csv('customer,account,balance', 'C1,1,5'));
  assert.throws(missing, coded('ISSUER_MISSING_COLUMN', 'header'));
  const nobody = () => read(csv('account,currency,balance', '1,EUR,5'));
  assert.throws(nobody, coded('ISSUER_MISSING_COLUMN', 'header'));
  const two = csv('customer,account,currency,Booked balance,Available balance', 'C1,1,EUR,5,4');
  assert.throws(() => read(two), coded('ISSUER_AMBIGUOUS_COLUMN', 'header'));
  assert.equal(read(two, { columns: { balance: 'available balance' } }).lines[0]?.amount, 400n);
  assert.throws(() => read(two, { columns: { balance: 'Betrag' } }), coded('ISSUER_MISSING_COLUMN'));
  assert.throws(() => read(csv('')), coded('ISSUER_BAD_CSV'));
  assert.throws(() => read(Buffer.from([0x50, 0x4b, 3, 4, 0, 0])), coded('ISSUER_BAD_CSV'));
  assert.throws(() => read(Buffer.alloc(MAX_INPUT_BYTES + 1, 'a')), coded('ISSUER_BAD_CSV'));
});

test('the stated as-of time stands above the column, and is never in the future', () => {
  const file = csv('customer,account,currency,balance,date', 'C1,1,EUR,5,2020-01-01');
  assert.equal(read(file, { asOf: NOW - 60 }).lines[0]?.asOf, NOW - 60);
  assert.equal(read(csv('customer,account,currency,balance', 'C1,1,EUR,5')).lines[0]?.asOf, NOW);
  assert.throws(() => read(file, { asOf: NOW + 1 }), coded('ISSUER_BAD_DATE'));
  assert.throws(() => read(file, { asOf: 1.5 }), coded('ISSUER_BAD_DATE'));
});
