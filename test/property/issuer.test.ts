import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCodedError } from '../../src/base/errors.ts';
import { assetCodes, assetDecimals, fromMinorUnits, getClaims } from '../../src/claims/index.ts';
import { getCrypto } from '../../src/crypto/index.ts';
import { readAccounts } from '../../src/issuer/accounts.ts';
import { parseAmount } from '../../src/issuer/amount.ts';
import { isAscending, readEntry } from '../../src/issuer/entry.ts';
import { importSdn, readRegistrations, verifyHeader, verifyRegistry } from '../../src/issuer/index.ts';
import { readRecords } from '../../src/issuer/records.ts';

const NOW = 1_795_348_800;
const SALT = new Uint8Array(32).fill(7);
const registrations = new Map([['C1', '5']]);

/** Runs `work`; whatever it throws must be coded. */
function onlyCoded(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
}

const group = (digits: string, mark: string): string => digits.replace(/\B(?=(\d{3})+$)/g, mark);

test('every amount written in every style is read back exactly', () => {
  const asset = fc.constantFrom(...assetCodes());
  const style = fc.constantFrom(
    { mark: '.', groups: '' },
    { mark: '.', groups: ',' },
    { mark: ',', groups: '.' },
    { mark: ',', groups: ' ' },
    { mark: '.', groups: "'" },
    { mark: ',', groups: '\u202f' },
  );
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n - 1n), asset, style, (minor, code, { mark, groups }) => {
      const [whole = '', fraction] = fromMinorUnits(minor, assetDecimals(code) ?? 0).split('.');
      const text = group(whole, groups) + (fraction === undefined ? '' : mark + fraction);
      assert.equal(parseAmount(text, code, mark as ',' | '.'), minor);
    }),
    { numRuns: 2000 },
  );
});

test('an amount is never read in two ways', () => {
  const cell = fc.string({ unit: fc.constantFrom(..."0123456789.,' -"), maxLength: 12 });
  fc.assert(
    fc.property(cell, (text) => {
      const read = (mark: ',' | '.' | undefined): bigint | undefined => {
        try {
          return parseAmount(text, 'ETH', mark);
        } catch {
          return undefined;
        }
      };
      const unmarked = read(undefined);
      if (unmarked === undefined) return;
      for (const mark of [',', '.'] as const) assert.ok([undefined, unmarked].includes(read(mark)), text);
    }),
    { numRuns: 5000 },
  );
});

const HEADER = 'customer,iban,currency,balance,as of';
const GOOD_LINE = 'C1,DE89370400440532013000,EUR,"1,234.50",2026-11-20';

test('any bytes as an account export: coded errors or a report', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      onlyCoded(() => readAccounts(bytes, { registrations }, NOW));
    }),
    { numRuns: 1500 },
  );
});

test('a mangled account export: every line is issued, rejected or unregistered, and none twice', () => {
  const piece = fc.constantFrom('"', ',', ';', '\n', '\r\n', '\t', '0', '-', '\u00e9', ' ', '""', '9'.repeat(50));
  const edits = fc.array(
    fc.record({ at: fc.nat(300), cut: fc.nat(3), put: fc.oneof(piece, fc.string({ maxLength: 4 })) }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(edits, (changes) => {
      let text = [HEADER, GOOD_LINE, GOOD_LINE.replace('013000', '013001'), 'C2,DE02120300000000202051,USD,7,'].join(
        '\n',
      );
      for (const { at, cut, put } of changes) text = text.slice(0, at) + put + text.slice(at + cut);
      onlyCoded(() => {
        const { lines, rejected, unregistered } = readAccounts(Buffer.from(text), { registrations }, NOW);
        const places = [...lines.map(({ at }) => at), ...rejected.map(({ at }) => at), ...unregistered];
        assert.equal(new Set(places).size, places.length, text);
        assert.ok(places.every((at) => at >= 2 && at <= text.split('\n').length + 1));
        for (const { reason } of rejected) assert.ok(!reason.includes('DE89'), reason);
      });
    }),
    { numRuns: 3000 },
  );
});

test('any JSON as identity records or registrations: coded errors or a report', () => {
  const key = fc.constantFrom(
    'legalName',
    'birthDate',
    'country',
    'nationality',
    'kycLevel',
    'personReference',
    'holder',
    '__proto__',
    'records',
  );
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('DE', '1988-04-17', '5', 2));
  const record = fc.oneof(fc.dictionary(key, value), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(fc.oneof(fc.array(record, { maxLength: 5 }), fc.jsonValue()), (input) => {
      onlyCoded(() => {
        const { records, rejected, unregistered } = readRecords(input, { registrations }, SALT, NOW);
        const list = Array.isArray(input) ? input : (input as { records: unknown[] }).records;
        assert.equal(records.length + rejected.length + unregistered.length, list.length);
      });
      onlyCoded(() => readRegistrations(input));
    }),
    { numRuns: 2000 },
  );
});

test('any bytes and any mangled row as a sanctions list: coded errors or a list', () => {
  const row = '1,"DOE, John","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"a.k.a. \'X\'."\r\n';
  fc.assert(
    fc.property(
      fc.nat(row.length * 3),
      fc.string({ maxLength: 3 }),
      fc.uint8Array({ maxLength: 200 }),
      (at, put, bytes) => {
        const text = row.repeat(3);
        onlyCoded(() => {
          const { elements } = importSdn(Buffer.from(text.slice(0, at) + put + text.slice(at + 1)));
          assert.ok(isAscending(elements.map(String)));
        });
        onlyCoded(() => importSdn(bytes));
      },
    ),
    { numRuns: 1500 },
  );
});

test('any JSON as an issuer entry, header or registry: coded errors only', async () => {
  const crypto = await getCrypto();
  await getClaims();
  const trust = { registryKey: 'ab'.repeat(32), network: 'local' };
  const part = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom('5', '1', 1, 'local', [], {}, 'ab'.repeat(32), 'ab'.repeat(64)),
  );
  const key = fc.constantFrom(
    'v',
    'name',
    'x',
    'y',
    'schema',
    'revoked',
    'sequence',
    'signature',
    'network',
    'issuedAt',
    'root',
    'lists',
    'snapshot',
    'header',
    '__proto__',
  );
  const input = fc.oneof(
    part,
    fc.dictionary(key, part),
    fc.record({ header: fc.dictionary(key, part), snapshot: fc.dictionary(key, part) }),
  );
  await fc.assert(
    fc.asyncProperty(input, async (value) => {
      onlyCoded(() => readEntry(crypto, value));
      onlyCoded(() => verifyHeader(value, trust));
      await assert.rejects(verifyRegistry(value, trust), isCodedError);
    }),
    { numRuns: 2000 },
  );
});
