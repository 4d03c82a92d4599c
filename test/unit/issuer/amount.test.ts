import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalMarkOf, parseAmount } from '../../../src/issuer/amount.ts';
import { coded } from '../../support/codes.ts';

test('amounts of known forms become minor units', () => {
  const cases: [string, string, ',' | '.' | undefined, bigint][] = [
    ['1200', 'EUR', undefined, 120_000n],
    ['1200.5', 'EUR', undefined, 120_050n],
    ['1200,50', 'EUR', undefined, 120_050n],
    ['1.234.567,89', 'EUR', undefined, 123_456_789n],
    ['1,234,567.89', 'EUR', undefined, 123_456_789n],
    ["1'234'567.89", 'CHF', undefined, 123_456_789n],
    ['1 234 567,89', 'SEK', undefined, 123_456_789n],
    ['1\u202f234\u00a0567,89', 'EUR', undefined, 123_456_789n],
    ['  0012,30 ', 'EUR', undefined, 1230n],
    ['12.3000', 'EUR', undefined, 1230n],
    ['1.234', 'EUR', ',', 123_400n],
    ['1,234', 'EUR', '.', 123_400n],
    ['1.234', 'BTC', '.', 123_400_000n],
    ['0', 'EUR', undefined, 0n],
    ['0.00000001', 'BTC', undefined, 1n],
    ['1200', 'JPY', undefined, 1200n],
    ['340282366920938463463374607431768211455', 'JPY', undefined, 2n ** 128n - 1n],
    // Beyond what a double holds exactly.
    ['90071992547409.93', 'EUR', undefined, 9_007_199_254_740_993n],
  ];
  for (const [cell, asset, mark, minor] of cases) assert.equal(parseAmount(cell, asset, mark), minor, cell);
});

test('amounts that are not plain are refused, not rounded', () => {
  const cases: [string, string, ',' | '.' | undefined, string][] = [
    ['', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['12.345', 'EUR', '.', 'ISSUER_BAD_AMOUNT'],
    ['1e5', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['0x10', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['-5', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['5-', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['(5)', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['\u22125', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['1.23.45', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['1,23,456.00', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['1.234,567.8', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['.5', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['5.', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['1200 EUR', 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['12,5', 'EUR', '.', 'ISSUER_BAD_AMOUNT'],
    ['340282366920938463463374607431768211456', 'JPY', undefined, 'ISSUER_BAD_AMOUNT'],
    ['9'.repeat(200), 'EUR', undefined, 'ISSUER_BAD_AMOUNT'],
    ['1.5', 'JPY', undefined, 'ISSUER_BAD_AMOUNT'],
    ['1.234', 'EUR', undefined, 'ISSUER_AMBIGUOUS_AMOUNT'],
    ['1,234', 'EUR', undefined, 'ISSUER_AMBIGUOUS_AMOUNT'],
    ['5', 'DOUBLOON', undefined, 'ISSUER_UNKNOWN_ASSET'],
  ];
  for (const [cell, asset, mark, code] of cases) {
    assert.throws(() => parseAmount(cell, asset, mark), coded(code), cell);
  }
});

test('no message repeats the amount', () => {
  for (const cell of ['-987654', '987654.321', '9876543210x']) {
    assert.throws(
      () => parseAmount(cell, 'EUR', '.'),
      (error: Error) => !error.message.includes('98765'),
    );
  }
});

test('a column shows its decimal mark, or it does not', () => {
  assert.equal(decimalMarkOf(['1.234', '12,50', '7']), ',');
  assert.equal(decimalMarkOf(['1,234', '12.50']), '.');
  assert.equal(decimalMarkOf(['1.234,5']), ',');
  assert.equal(decimalMarkOf(['1,234', '5']), undefined);
  assert.equal(decimalMarkOf(['1,5', '1.5']), undefined);
  assert.equal(decimalMarkOf(['n/a', '']), undefined);
});
