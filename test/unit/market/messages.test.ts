import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodedError } from '../../../src/base/errors.ts';
import {
  applyUpdate,
  checkOpen,
  checkReceipt,
  checkSender,
  checkTerms,
  createTerms,
  decodeOrderMessage,
  encodeOrderMessage,
  listingBody,
  MAX_ORDER_MESSAGE_BYTES,
  MarketErrorCode,
  type OrderTerms,
  offerFrom,
  orderIdOf,
  statusOf,
} from '../../../src/market/index.ts';
import {
  makeOffer,
  makeOrder,
  makeTerms,
  NETWORK,
  PEER_ID,
  party,
  START,
  signMessage,
  signReceipt,
} from './fixtures.ts';

const maker = party();
const taker = party();
const offer = makeOffer(maker);
const terms = makeTerms(offer, taker);

function errorOf(work: () => unknown): { code: string; where: string | undefined } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CodedError, String(error));
    return { code: error.code, where: error.where };
  }
  return { code: 'nothing', where: undefined };
}

test('terms of a fair taker are taken as they are', () => {
  checkTerms(terms, offer, NETWORK, START, 30);
  assert.equal(terms.orderId, orderIdOf(NETWORK, offer.id, taker.key));
});

test('no deadline lies behind the end of the offer', () => {
  const short = makeOffer(maker, { expiresAt: START + 100 });
  const { qualifyBy, decideBy } = makeTerms(short, taker);
  assert.deepEqual([qualifyBy, decideBy], [START + 100, START + 100]);
});

test('no claim outlives the longest life of a proof', () => {
  const long = makeOffer(maker, { expiresAt: START + 1_000_000 });
  const init = { network: NETWORK, offer: long, taker: taker.key, payment: 'none', now: START, confirmSeconds: 600 };
  const made = createTerms({ ...init, qualifySeconds: 900, decideSeconds: 500_000, maxProofSeconds: 86_400 });
  assert.equal(made.decideBy, START + 86_400);
});

const wrongTerms: [keyof OrderTerms, Partial<OrderTerms>][] = [
  ['network', { network: 'other' }],
  ['offerId', { offerId: 'aa'.repeat(32) }],
  ['maker', { maker: 'aa'.repeat(32) }],
  ['taker', { taker: maker.key }],
  ['orderId', { orderId: 'aa'.repeat(32) }],
  ['title', { title: 'a car' }],
  ['title', { side: 'buy' }],
  ['price', { price: { asset: 'EUR', amount: '1' } }],
  ['price', { price: { asset: 'USD', amount: '120000' } }],
  ['createdAt', { createdAt: START + 31 }],
  ['qualifyBy', { qualifyBy: START - 1 }],
  ['qualifyBy', { qualifyBy: START + 80_000 }],
  ['decideBy', { decideBy: offer.expiresAt + 1 }],
  ['confirmSeconds', { confirmSeconds: 9 }],
  ['confirmSeconds', { confirmSeconds: 604_801 }],
];
for (const [field, change] of wrongTerms) {
  test(`terms with another ${field} are refused: ${JSON.stringify(change).slice(0, 40)}`, () => {
    const error = errorOf(() => checkTerms({ ...terms, ...change }, offer, NETWORK, START, 30));
    assert.deepEqual(error, { code: MarketErrorCode.BadTerms, where: `terms.${field}` });
  });
}

test('a receipt is good with both signatures, and with nothing changed', () => {
  const receipt = signReceipt(terms, START + 10, maker, taker);
  checkReceipt(receipt, terms);
  checkReceipt({ ...receipt, takerSignature: null }, terms);
  const bad = [
    { ...receipt, acceptedAt: START + 11 },
    { ...receipt, claimId: 'aa'.repeat(32) },
    { ...receipt, makerSignature: receipt.takerSignature ?? '' },
    { ...receipt, takerSignature: receipt.makerSignature },
    { ...receipt, terms: { ...terms, price: { asset: 'EUR', amount: '1' } } },
    signReceipt(terms, START + 10, taker, taker),
    signReceipt(terms, terms.decideBy + 1, maker, taker),
  ];
  for (const one of bad) assert.equal(errorOf(() => checkReceipt(one, terms)).code, MarketErrorCode.BadReceipt);
});

test('messages come back as they were, and only from their sender', () => {
  const message = signMessage(makeOrder('taker', terms), taker, START);
  const read = decodeOrderMessage(encodeOrderMessage(message), NETWORK);
  assert.deepEqual(read, message);
  checkSender(read, taker.key);
  assert.equal(errorOf(() => checkSender(read, maker.key)).code, MarketErrorCode.BadSignature);
  assert.equal(errorOf(() => checkSender({ ...read, at: START + 1 }, taker.key)).code, MarketErrorCode.BadSignature);
});

test('malformed messages are refused with the field', () => {
  const good = signMessage(makeOrder('taker', terms), taker, START);
  const receipt = signReceipt(terms, START, maker);
  const proposal = { terms, claim: 'AAAA', contact: { peerId: PEER_ID, addresses: [] } };
  const bad: [object, string | undefined][] = [
    [{ ...good, v: 2 }, 'v'],
    [{ ...good, network: 'other' }, 'network'],
    [{ ...good, orderId: 'XY' }, 'orderId'],
    [{ ...good, state: 'paid' }, 'state'],
    [{ ...good, from: 'maker' }, 'state'],
    [{ ...good, note: 'x'.repeat(281) }, 'note'],
    // Would paint over the reader's terminal.
    [{ ...good, note: '\u001b[2J\u001b[Hqualified' }, 'note'],
    [{ ...good, note: 'a\nstate: accepted' }, 'note'],
    [{ ...good, note: '\u202egnip' }, 'note'],
    [{ ...good, at: 1.5 }, 'at'],
    [{ ...good, extra: 1 }, ''],
    [{ ...good, receipt }, 'receipt'],
    [{ ...good, state: 'accepted' }, 'receipt'],
    [{ ...good, state: 'qualified', proposal }, 'proposal'],
    [{ ...good, proposal: { ...proposal, contact: { peerId: 'x', addresses: [] } } }, 'proposal.contact.peerId'],
    [{ ...good, proposal: { ...proposal, claim: '%' } }, 'proposal.claim'],
  ];
  for (const [message, where] of bad) {
    const error = errorOf(() => decodeOrderMessage(Buffer.from(JSON.stringify(message)), NETWORK));
    assert.deepEqual(error, { code: MarketErrorCode.BadMessage, where });
  }
  const large = Buffer.alloc(MAX_ORDER_MESSAGE_BYTES + 1, 32);
  assert.equal(errorOf(() => decodeOrderMessage(large, NETWORK)).code, MarketErrorCode.BadMessage);
  const notUtf8 = Uint8Array.of(0xff, 0xfe);
  assert.equal(errorOf(() => decodeOrderMessage(notUtf8, NETWORK)).code, MarketErrorCode.BadMessage);
});

test('any JSON at all is read or refused with a code', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { code } = errorOf(() => decodeOrderMessage(Buffer.from(JSON.stringify(value)), NETWORK));
      assert.equal(code, MarketErrorCode.BadMessage);
    }),
    { numRuns: 500 },
  );
});

test('a listing and its offer say the same; one without a policy that we read is no offer', () => {
  const { contact, side, title, description, price, policy, units } = offer;
  const body = listingBody({ contact, side, title, description, price, policy, units });
  const facts = {
    id: offer.id,
    maker: maker.key,
    makerPolicy: '',
    expiresAt: offer.expiresAt,
    receivedAt: START,
    mine: true,
  };
  assert.deepEqual(offerFrom(body, facts), offer);
  assert.equal(offerFrom({ ...body, takerPolicy: '' }, facts), undefined);
  assert.equal(offerFrom({ ...body, takerPolicy: '{"v":2}' }, facts), undefined);
});

test('updates count up, cancelled is for good', () => {
  const update = (status: 'open' | 'taken' | 'cancelled', sequence: number) => ({
    v: 1 as const,
    offerId: offer.id,
    status,
    sequence,
  });
  const taken = applyUpdate(offer, update('taken', 2));
  assert.deepEqual([taken.announced, taken.sequence], ['taken', 2]);
  assert.equal(applyUpdate(taken, update('open', 2)), taken);
  assert.equal(applyUpdate(taken, update('open', 1)), taken);
  assert.equal(applyUpdate(taken, { ...update('open', 3), offerId: 'aa'.repeat(32) }), taken);
  const cancelled = applyUpdate(taken, update('cancelled', 3));
  assert.equal(applyUpdate(cancelled, update('open', 4)), cancelled);
  assert.equal(statusOf(cancelled, START), 'cancelled');
  assert.equal(statusOf(offer, offer.expiresAt), 'expired');
  assert.equal(statusOf(offer, offer.expiresAt - 1), 'open');
  assert.equal(errorOf(() => checkOpen(taken, START)).code, MarketErrorCode.OfferClosed);
});
