import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  accountRefOf,
  asciiToInteger,
  assetCodes,
  assetDecimals,
  ClaimError,
  contextOf,
  countryCodes,
  dayOf,
  encodeBalance,
  encodeIdentity,
  formatAmount,
  formatDate,
  fromMinorUnits,
  integerToAscii,
  isCountry,
  nameKey,
  normaliseName,
  parseDate,
  personRefOf,
  schemaId,
  scopeOf,
  setMembers,
  setNames,
  toMinorUnits,
} from '../../../src/claims/index.ts';
import { BINDING, FACTS } from './fixture.ts';

const code = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof ClaimError ? error.code : String(error);
  }
  return 'accepted';
};

describe('amounts', () => {
  it('knows the decimals of every asset in the table', () => {
    assert.deepEqual(
      ['EUR', 'USD', 'JPY', 'KWD', 'BTC', 'ETH', 'XMR', 'USDT', 'USDC', 'HUF'].map(assetDecimals),
      [2, 2, 0, 3, 8, 18, 12, 6, 6, 2],
    );
    assert.equal(assetDecimals('eur'), undefined);
    assert.equal(assetDecimals('toString'), undefined);
    assert.ok(assetCodes().every((asset) => /^[A-Z]{3,5}$/.test(asset)));
    assert.equal(new Set(assetCodes()).size, assetCodes().length);
  });

  it('never rounds', () => {
    assert.equal(toMinorUnits('1200.5', 2), 120_050n);
    assert.equal(toMinorUnits('0.01', 2), 1n);
    for (const text of [
      '0.001',
      '1.',
      '.5',
      '1e3',
      '0x10',
      '01',
      '-1',
      '+1',
      '1_000',
      '1,5',
      ' 1',
      '',
      '9'.repeat(65),
    ]) {
      assert.equal(toMinorUnits(text, 2), undefined, text);
    }
    assert.equal(toMinorUnits('340282366920938463463374607431768211455', 0), (1n << 128n) - 1n);
    assert.equal(toMinorUnits('340282366920938463463374607431768211456', 0), undefined);
  });

  it('writes all decimals', () => {
    assert.equal(fromMinorUnits(5n, 2), '0.05');
    assert.equal(fromMinorUnits(0n, 8), '0.00000000');
    assert.equal(fromMinorUnits(7n, 0), '7');
    assert.equal(formatAmount(90_000n, 'EUR'), '900.00 EUR');
  });
});

describe('dates', () => {
  it('takes the days that the calendar has, and no others', () => {
    assert.equal(parseDate('2000-02-29'), 20_000_229);
    assert.equal(parseDate('1800-01-01'), 18_000_101);
    for (const text of [
      '1900-02-29',
      '2001-02-29',
      '2000-13-01',
      '2000-00-10',
      '2000-04-31',
      '2000-1-1',
      '1799-12-31',
    ]) {
      assert.equal(parseDate(text), undefined, text);
    }
    assert.equal(formatDate(20_000_229), '2000-02-29');
    assert.equal(formatDate(20_010_229), undefined);
  });

  it('changes the day at midnight UTC', () => {
    const midnight = Date.UTC(2026, 10, 23) / 1000;
    assert.equal(dayOf(midnight - 1), 20_261_122);
    assert.equal(dayOf(midnight), 20_261_123);
    assert.equal(dayOf(0), 19_700_101);
  });
});

describe('countries', () => {
  it('are ISO 3166-1 alpha-2, 249 of them and Kosovo', () => {
    assert.equal(countryCodes().length, 250);
    for (const no of ['UK', 'EL', 'EU', 'de', 'DEU', '', 'ZZ']) assert.equal(isCountry(no), false, no);
  });

  it('form sets of countries, sorted', () => {
    assert.deepEqual(
      ['EU', 'EEA', 'EFTA', 'G7', 'SCHENGEN'].map((name) => setMembers(name)?.length),
      [27, 30, 4, 7, 29],
    );
    for (const name of setNames()) {
      const members = setMembers(name) ?? [];
      assert.ok(members.every(isCountry), name);
      assert.deepEqual([...members].sort(), members, name);
    }
    assert.equal(setMembers('constructor'), undefined);
    assert.equal(setMembers('EEA')?.includes('CH'), false);
  });
});

describe('attributes', () => {
  it('stand in their slots', () => {
    assert.deepEqual(encodeIdentity(FACTS), [
      '19900517',
      String(0x4445),
      '2',
      FACTS.nameKey.toString(),
      '4711',
      String(0x4652),
      '1',
      '0',
    ]);
    assert.deepEqual(encodeBalance({ asset: 'EUR', amount: 5n, accountRef: 9n }), [
      String(0x455552),
      '5',
      '9',
      '0',
      '0',
      '0',
      '0',
      '0',
    ]);
  });

  it('never stay unknown', () => {
    const wrong = [
      { birthDate: undefined },
      { birthDate: '1990-02-30' },
      { birthDate: '9999-12-31' },
      { country: '' },
      { country: 'XX' },
      { nationality: 'D' },
      { kycLevel: 10 },
      { kycLevel: -1 },
      { kycLevel: 1.5 },
      { nameKey: 0n },
      { nameKey: (1n << 128n) - 1n },
      { personRef: 0n },
      { personRef: 1n << 248n },
      { entityType: 'company' as const },
    ];
    for (const change of wrong) {
      assert.equal(
        code(() => encodeIdentity({ ...FACTS, ...change })),
        'CLAIM_BAD_ATTRIBUTE',
        JSON.stringify(Object.keys(change)),
      );
    }
    const company = encodeIdentity({ ...FACTS, entityType: 'company', birthDate: undefined });
    assert.equal(company[0], '99991231');
  });

  it('of balances stay below 2^128', () => {
    const facts = { asset: 'EUR', amount: (1n << 128n) - 1n, accountRef: 1n };
    assert.equal(
      code(() => encodeBalance(facts)),
      'accepted',
    );
    for (const change of [
      { amount: 1n << 128n },
      { amount: -1n },
      { accountRef: 0n },
      { accountRef: 1n << 128n },
      { asset: 'XXX' },
    ]) {
      assert.equal(
        code(() => encodeBalance({ ...facts, ...change })),
        'CLAIM_BAD_ATTRIBUTE',
      );
    }
  });

  it('write text as big-endian ASCII', () => {
    assert.equal(asciiToInteger('DE'), 0x4445n);
    assert.equal(integerToAscii(0x4445n), 'DE');
    assert.equal(integerToAscii(0n), undefined);
    assert.equal(integerToAscii(0x0aff00n), undefined);
  });
});

describe('keys', () => {
  it('of names do not see accents, case, punctuation and order', () => {
    assert.equal(normaliseName('GARCÍA-LÓPEZ, María'), 'GARCIA LOPEZ MARIA');
    assert.equal(nameKey('GARCÍA-LÓPEZ, María'), nameKey('  maria  Garcia Lopez '));
    assert.equal(nameKey('Ｊｏｈｎ Smith'), nameKey('John SMITH'));
    assert.notEqual(nameKey('John Smith'), nameKey('Joan Smith'));
    assert.ok(nameKey('Владимир') > 0n);
    assert.equal(
      code(() => nameKey('—')),
      'CLAIM_BAD_ATTRIBUTE',
    );
  });

  it('of accounts differ by custodian, number and salt, and by nothing glued together', () => {
    const salt = new Uint8Array(16);
    const refs = [
      accountRefOf(salt, 'bank', '12'),
      accountRefOf(salt, 'bank1', '2'),
      accountRefOf(salt, 'bank","1', '2'),
      accountRefOf(new Uint8Array(16).fill(1), 'bank', '12'),
    ];
    assert.equal(new Set(refs).size, 4);
    assert.equal(accountRefOf(salt, 'bank', '12'), refs[0]);
    assert.ok(refs.every((ref) => ref > 0n && ref < 1n << 128n));
    assert.notEqual(personRefOf(salt, 'a'), personRefOf(new Uint8Array(16).fill(1), 'a'));
  });

  it('of schemas are constants of the network', () => {
    // printf 'zkbazaar/schema/identity/1' | sha256sum, first 31 bytes
    assert.equal(schemaId('identity').toString(16), '5ecae4a247b86c720c111dac4a4fd3da23f69e6e2244613a2de0a87bd821cc');
    assert.notEqual(schemaId('identity'), schemaId('balance'));
  });
});

describe('binding', () => {
  it('gives every field a say in the context, and no other property', () => {
    const changes = [
      {},
      { network: 'other' },
      { kind: 'listing' as const },
      { offerId: '55'.repeat(32) },
      { orderId: '55'.repeat(32) },
      { counterparty: '55'.repeat(32) },
      { pseudonym: '55'.repeat(32) },
      { expiresAt: BINDING.expiresAt + 1 },
    ];
    assert.equal(new Set(changes.map((change) => contextOf({ ...BINDING, ...change }))).size, changes.length);
    assert.equal(contextOf({ ...BINDING, ...{ extra: 1 } }), contextOf(BINDING));
    assert.ok(contextOf(BINDING) < 1n << 248n);
  });

  it('is the first 31 bytes of SHA-256 over canonical JSON', () => {
    assert.equal(
      contextOf(BINDING).toString(16).padStart(62, '0'),
      '253b2a3c827ceb64c0558934464bbc4b23b883b5c55f46241b65bc67839a6b',
    );
  });

  it('scopes a unique claim to its offer and any other to its context', () => {
    const other = { ...BINDING, orderId: '55'.repeat(32), pseudonym: '66'.repeat(32) };
    assert.equal(scopeOf(true, BINDING), scopeOf(true, other));
    assert.notEqual(scopeOf(true, BINDING), scopeOf(true, { ...BINDING, offerId: '55'.repeat(32) }));
    assert.notEqual(scopeOf(true, BINDING), scopeOf(true, { ...BINDING, network: 'other' }));
    assert.notEqual(scopeOf(false, BINDING), scopeOf(false, other));
    assert.notEqual(scopeOf(false, BINDING), scopeOf(true, BINDING));
  });
});
