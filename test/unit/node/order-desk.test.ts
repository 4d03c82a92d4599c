import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/base/bytes.ts';
import {
  checkReceipt,
  describeOrder,
  encodeOrderMessage,
  MarketErrorCode,
  type Order,
  orderMessageBytes,
} from '../../../src/market/index.ts';
import { codeOf } from '../../support/codes.ts';
import { party, START, signMessage } from '../market/fixtures.ts';
import { MAKER_PEER, Market, type Side, TAKER_PEER } from './desk-harness.ts';

const stateOf = async (side: Side, id: string) => (await side.desk.show(id)).state;

async function qualified(change = {}): Promise<{ market: Market; taker: Side; order: Order }> {
  const market = new Market(change);
  const taker = market.join(TAKER_PEER);
  const order = await market.take(taker);
  await market.settle();
  return { market, taker, order };
}

test('from proposal to a receipt with both signatures', async () => {
  const { market, taker, order } = await qualified();
  assert.equal(await stateOf(market.maker, order.id), 'qualified');
  assert.equal(await stateOf(taker, order.id), 'qualified');
  const accepted = await market.maker.desk.accept(order.id);
  assert.deepEqual([accepted.state, accepted.nextActor, accepted.final], ['accepted', 'taker', false]);
  await market.settle();
  for (const side of [market.maker, taker]) {
    const view = await side.desk.show(order.id);
    assert.deepEqual([view.state, view.confirmed, view.final, view.deadline], ['accepted', true, true, null]);
    assert.ok(view.receipt?.takerSignature);
    checkReceipt(view.receipt, view.terms);
  }
  assert.deepEqual(market.soldOut, [market.offer.id]);
  assert.deepEqual(
    taker.views.map(({ state }) => state),
    ['proposed', 'qualified', 'accepted', 'accepted'],
  );
});

test('once all is settled, nobody talks any more', async () => {
  const { market, order } = await qualified();
  await market.maker.desk.accept(order.id);
  await market.settle();
  const { sent } = market.wire;
  await market.pass(600);
  assert.equal(market.wire.sent, sent);
});

test('a maker that is offline gets the proposal when it is back', async () => {
  const market = new Market();
  const taker = market.join(TAKER_PEER);
  market.wire.offline.add(MAKER_PEER);
  const order = await market.take(taker);
  await market.settle();
  assert.equal(await stateOf(taker, order.id), 'proposed');
  market.wire.offline.clear();
  await market.settle();
  assert.equal(await stateOf(taker, order.id), 'qualified');
});

test('lost answers: the same proposal again is verified once and changes nothing', async () => {
  const market = new Market();
  const taker = market.join(TAKER_PEER);
  market.wire.loseAnswers = true;
  const order = await market.take(taker);
  await market.settle();
  assert.ok(market.wire.sent >= 2);
  assert.equal(market.judged, 1);
  assert.equal((await market.maker.desk.list({})).length, 1);
  market.wire.loseAnswers = false;
  await market.settle();
  assert.equal(await stateOf(taker, order.id), 'qualified');
});

test('both sides go on after a restart, in every state', async () => {
  const market = new Market();
  const taker = market.join(TAKER_PEER);
  market.wire.offline.add(MAKER_PEER);
  const order = await market.take(taker);
  await taker.restart();
  market.wire.offline.clear();
  await market.settle();
  await Promise.all([taker.restart(), market.maker.restart()]);
  assert.equal(await stateOf(market.maker, order.id), 'qualified');
  market.wire.offline.add(TAKER_PEER);
  await market.maker.desk.accept(order.id);
  await market.maker.restart();
  market.wire.offline.clear();
  await market.settle();
  assert.equal((await taker.desk.show(order.id)).confirmed, true);
  assert.equal((await market.maker.desk.show(order.id)).confirmed, true);
});

test('a taker that never confirms does not block the offer', async () => {
  const { market, order } = await qualified();
  const second = market.join('12D3KooWSecondTakerxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'.slice(0, 52));
  const other = await market.take(second);
  await market.settle();
  market.wire.offline.add(TAKER_PEER);
  await market.maker.desk.accept(order.id);
  assert.equal(await codeOf(market.maker.desk.accept(other.id)), MarketErrorCode.OfferClosed);
  await market.pass(601);
  const gone = await market.maker.desk.show(order.id);
  assert.deepEqual([gone.state, gone.reason], ['expired', 'NEVER_CONFIRMED']);
  await market.maker.desk.accept(other.id);
  await market.settle();
  assert.equal((await second.desk.show(other.id)).confirmed, true);
  // The first comes back: no deal for it, and it learns so.
  market.wire.offline.clear();
  await market.settle(20);
  assert.equal(await stateOf(market.sides.get(TAKER_PEER) ?? second, order.id), 'expired');
});

test('units are never oversold, also when two are accepted at once', async () => {
  const market = new Market({ units: 2 });
  const takers = ['a', 'b', 'c'].map((name) => market.join(`12D3KooWTaker${name}`.padEnd(52, 'x')));
  const orders = await Promise.all(takers.map((taker) => market.take(taker)));
  await market.settle();
  const outcomes = await Promise.all(orders.map(({ id }) => codeOf(market.maker.desk.accept(id))));
  assert.equal(outcomes.filter((code) => code === 'nothing').length, 2);
  // The third finds every unit held, or is declined already since the other two have confirmed.
  const refusals: string[] = [MarketErrorCode.OfferClosed, MarketErrorCode.IllegalTransition];
  assert.equal(outcomes.filter((code) => refusals.includes(code)).length, 1);
  await market.settle();
  const left = orders.filter((_, i) => outcomes[i] !== 'nothing');
  for (const { id } of left) assert.deepEqual((await market.maker.desk.show(id)).reason, 'OFFER_FILLED');
});

test('a refused claim ends the order with the code; nothing is kept at the maker', async () => {
  const market = new Market();
  const taker = market.join(TAKER_PEER);
  market.verdict = { outcome: 'bad', code: 'GOSSIP_INVALID_PROOF' };
  const order = await market.take(taker);
  await market.settle();
  const view = await taker.desk.show(order.id);
  assert.deepEqual([view.state, view.reason], ['declined', 'NOT_QUALIFIED']);
  assert.match(view.note, /GOSSIP_INVALID_PROOF/);
  assert.equal(market.maker.orders.texts.size, 0);
});

test('what may be judged later is tried again', async () => {
  const market = new Market();
  const taker = market.join(TAKER_PEER);
  market.verdict = { outcome: 'later', code: 'GOSSIP_UNKNOWN_ROOT' };
  const order = await market.take(taker);
  await market.settle();
  assert.equal(await stateOf(taker, order.id), 'proposed');
  market.verdict = { outcome: 'good' };
  await market.settle();
  assert.equal(await stateOf(taker, order.id), 'qualified');
});

test('more orders than an offer bears wait, and are taken when one is decided', async () => {
  const market = new Market({ units: 5 });
  const taker = market.join(TAKER_PEER);
  const orders: Order[] = [];
  for (let i = 0; i < 4; i++) orders.push(await market.take(taker));
  await market.settle();
  const states = await Promise.all(orders.map(({ id }) => stateOf(taker, id)));
  assert.deepEqual(states.filter((state) => state === 'qualified').length, 3);
  const waiting = orders.find((_, i) => states[i] === 'proposed');
  const taken = orders.find((_, i) => states[i] === 'qualified');
  assert.ok(waiting && taken);
  await market.maker.desk.decline(taken.id, 'not you');
  await market.settle();
  assert.equal(await stateOf(taker, waiting.id), 'qualified');
  assert.equal((await taker.desk.show(taken.id)).note, 'not you');
});

test('the taker leaves, the maker hears of it; and cannot accept any more', async () => {
  const { market, taker, order } = await qualified();
  await taker.desk.cancel(order.id, 'changed my mind');
  await market.settle();
  const view = await market.maker.desk.show(order.id);
  assert.deepEqual([view.state, view.reason, view.note], ['cancelled', 'TAKER_CANCELLED', 'changed my mind']);
  assert.equal(await codeOf(market.maker.desk.accept(order.id)), MarketErrorCode.IllegalTransition);
});

test('acceptance and cancellation cross on the wire: nobody is bound, and both know', async () => {
  const { market, taker, order } = await qualified();
  market.wire.offline.add(TAKER_PEER);
  await market.maker.desk.accept(order.id);
  await taker.desk.cancel(order.id, '');
  market.wire.offline.clear();
  await market.settle();
  assert.equal(await stateOf(market.maker, order.id), 'cancelled');
  assert.equal(await stateOf(taker, order.id), 'cancelled');
});

test('deadlines expire on both sides without a word from the other', async () => {
  const { market, taker, order } = await qualified();
  market.wire.offline.add(TAKER_PEER);
  await market.pass(5000);
  assert.equal(await stateOf(market.maker, order.id), 'expired');
  await market.pass(700);
  assert.equal(await stateOf(taker, order.id), 'expired');
  assert.equal(await codeOf(market.maker.desk.accept(order.id)), MarketErrorCode.IllegalTransition);
});

test('cancelling an offer declines what is undecided', async () => {
  const { market, taker, order } = await qualified();
  await market.maker.desk.declineAll(market.offer.id, 'OFFER_CANCELLED');
  await market.settle();
  assert.equal((await taker.desk.show(order.id)).reason, 'OFFER_CANCELLED');
});

for (const [field, change] of [
  ['policy', { policy: '{"v":1}' }],
  ['offerId', { offerId: 'aa'.repeat(32) }],
  ['orderId', { orderId: 'aa'.repeat(32) }],
  ['counterparty', { counterparty: 'aa'.repeat(32) }],
  ['pseudonym', { pseudonym: 'aa'.repeat(32) }],
  ['expiresAt', { expiresAt: START }],
] as const) {
  test(`a claim bound to another ${field} never reaches the verifier`, async () => {
    const market = new Market();
    const taker = market.join(TAKER_PEER);
    market.facts = change;
    const order = await market.take(taker);
    await market.settle();
    assert.equal(market.judged, 0);
    assert.equal(await stateOf(taker, order.id), 'declined');
  });
}

for (const [age, state] of [
  [3600, 'qualified'],
  [3601, 'declined'],
] as const) {
  test(`a claim proved ${age} seconds ago is ${state}: nobody dates a proof back to before an expiry`, async () => {
    const market = new Market();
    const taker = market.join(TAKER_PEER);
    market.facts = { provedAt: START - age };
    const order = await market.take(taker);
    await market.settle();
    assert.equal(await stateOf(taker, order.id), state);
  });
}

test('a stranger who knows an order can neither end it nor ask about it', async () => {
  const { market, order } = await qualified();
  const forged = signMessage({ ...order, state: 'cancelled', reason: 'TAKER_CANCELLED' }, party(), START);
  const code = await codeOf(market.maker.desk.handle(encodeOrderMessage(forged), TAKER_PEER));
  assert.equal(code, MarketErrorCode.BadSignature);
  assert.equal(await stateOf(market.maker, order.id), 'qualified');
});

test('a proposal must come from the node that it names as contact', async () => {
  const market = new Market();
  const taker = market.join(TAKER_PEER);
  market.wire.offline.add(MAKER_PEER);
  const order = await market.take(taker);
  const key = market.keys.get(order.terms.taker);
  assert.ok(key);
  const proposal = { terms: order.terms, claim: '', contact: { peerId: TAKER_PEER, addresses: [] } };
  const message = describeOrder(order, START, proposal);
  const signed = { ...message, signature: toHex(key.signer.sign(orderMessageBytes(message))) };
  const code = await codeOf(market.maker.desk.handle(encodeOrderMessage(signed), MAKER_PEER));
  assert.equal(code, MarketErrorCode.BadMessage);
});

test('no bytes make the desk fail other than with a code', async () => {
  const { market, order } = await qualified();
  const good = new TextDecoder().decode(encodeOrderMessage(signMessage(order, party(), START)));
  const mutated = fc
    .tuple(fc.nat(good.length), fc.nat(30), fc.string({ maxLength: 30 }))
    .map(([at, cut, text]) => Buffer.from(good.slice(0, at) + text + good.slice(at + cut)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), async (bytes) => {
      const code = await codeOf(market.maker.desk.handle(bytes, TAKER_PEER));
      assert.match(code, /^MARKET_/);
    }),
    { numRuns: 2000 },
  );
  assert.equal(await stateOf(market.maker, order.id), 'qualified');
});
