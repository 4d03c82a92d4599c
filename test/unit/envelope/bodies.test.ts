import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeBody,
  EnvelopeError,
  EnvelopeErrorCode,
  type EnvelopeKind,
  encodeBody,
} from '../../../src/envelope/index.ts';
import { ID_A, ID_B, LISTING_BODY } from './make.ts';

const listingBody = { ...LISTING_BODY, addresses: [...LISTING_BODY.addresses] };
const good = {
  claim: { offerId: ID_A, orderId: ID_B, counterparty: ID_A },
  listing: { ...listingBody, description: 'Ridden once.', more: ID_A },
  'listing-update': { v: 1, offerId: ID_A, status: 'cancelled', sequence: 1 },
  registry: { v: 1, sequence: 3, issuedAt: 1_795_000_000, root: '12', lists: { sanctions: '5' }, snapshot: ID_A },
  receipt: {
    v: 1,
    offerId: ID_A,
    orderId: ID_B,
    counterparty: ID_A,
    outcome: 'released',
    receipt: ID_B,
    counterSignature: 'ab'.repeat(64),
  },
} as const;

const refused = (kind: EnvelopeKind, text: string) =>
  assert.throws(
    () => decodeBody(kind, Buffer.from(text, 'utf8')),
    (error: unknown) => error instanceof EnvelopeError && error.code === EnvelopeErrorCode.Body,
    text.slice(0, 80),
  );

test('every kind of body comes back as it went', () => {
  assert.deepEqual(decodeBody('claim', encodeBody('claim', good.claim)), good.claim);
  assert.deepEqual(decodeBody('listing', encodeBody('listing', good.listing)), good.listing);
  assert.deepEqual(
    decodeBody('listing-update', encodeBody('listing-update', good['listing-update'])),
    good['listing-update'],
  );
  assert.deepEqual(decodeBody('registry', encodeBody('registry', good.registry)), good.registry);
  assert.deepEqual(decodeBody('receipt', encodeBody('receipt', good.receipt)), good.receipt);
});

test('one spelling: blanks, key order, repeated keys, escapes and floats are refused', () => {
  const canonical = Buffer.from(encodeBody('claim', good.claim)).toString('utf8');
  decodeBody('claim', Buffer.from(canonical));
  refused('claim', ` ${canonical}`);
  refused('claim', JSON.stringify({ offerId: ID_A, orderId: ID_B, counterparty: ID_A }));
  refused('claim', canonical.replace('{', `{"counterparty":"${ID_B}",`));
  refused('claim', canonical.replace('offerId', '\\u006ffferId'));
  refused('listing-update', `{"offerId":"${ID_A}","sequence":1.0,"status":"open","v":1}`);
  refused('listing-update', `{"offerId":"${ID_A}","sequence":1e0,"status":"open","v":1}`);
  decodeBody('listing-update', Buffer.from(`{"offerId":"${ID_A}","sequence":1,"status":"open","v":1}`));
});

test('no JSON, no UTF-8, not an object, nested too deep', () => {
  for (const text of ['', '{', 'null', '[]', '"a"', '7', '[['.repeat(900)]) refused('claim', text);
  assert.throws(() => decodeBody('claim', Uint8Array.of(0x22, 0xff, 0x22)), EnvelopeError);
  assert.throws(() => decodeBody('claim', new Uint8Array(2049)), EnvelopeError);
});

test('fields are strict', () => {
  const text = (body: object) => JSON.stringify(Object.fromEntries(Object.entries(body).sort()));
  refused('claim', text({ ...good.claim, extra: 1 }));
  refused('claim', text({ ...good.claim, offerId: ID_A.toUpperCase() }));
  refused('claim', text({ ...good.claim, offerId: ID_A.slice(1) }));
  refused('listing', text({ ...good.listing, units: 0 }));
  refused('listing', text({ ...good.listing, title: '' }));
  refused('listing', text({ ...good.listing, title: 'a\u202eb' }));
  refused('listing', text({ ...good.listing, title: 'a\u001b[2Jb' }));
  refused('listing', text({ ...good.listing, v: 2 }));
  refused('registry', text({ ...good.registry, root: '012' }));
  refused('registry', text({ ...good.registry, sequence: 0 }));
  refused('registry', `{"issuedAt":1,"lists":{"__proto__":"1"},"root":"1","sequence":1,"snapshot":"${ID_A}","v":1}`);
  refused('receipt', text({ ...good.receipt, outcome: 'maybe' }));
});

test('amounts are positive and below 2^128', () => {
  const at = (amount: string) => encodeBody('listing', { ...listingBody, price: { asset: 'EUR', amount } });
  at('1');
  at((2n ** 128n - 1n).toString());
  for (const amount of ['0', '-1', '01', '1.5', (2n ** 128n).toString()]) {
    assert.throws(() => at(amount), EnvelopeError, amount);
  }
});

test('a body above 2 KiB says so', () => {
  const description = 'ü'.repeat(1000);
  assert.throws(
    () => encodeBody('listing', { ...listingBody, description }),
    (error: unknown) => error instanceof EnvelopeError && /at most 2048/.test(error.message),
  );
});
