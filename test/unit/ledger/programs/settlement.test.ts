import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import {
  cancelOffer,
  expireOffer,
  fillOffer,
  makeOffer,
  type NewOffer,
  offerKey,
} from '../../../../src/ledger/programs/settlement/build.ts';
import { MAX_OFFER_TERM, SETTLEMENT_REFUSED } from '../../../../src/ledger/programs/settlement/program.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { assetId, person, TestLedger, tampered } from './ledger.ts';

const [maker, taker, house, eve] = [person(1), person(2), person(3), person(4)];
const gold = assetId(1);

function offered(change: Partial<NewOffer> = {}): { ledger: TestLedger; terms: NewOffer } {
  const ledger = new TestLedger();
  ledger.give(maker, 100n, gold);
  ledger.give(taker, 10_000n);
  const expiry = ledger.time + 1000n;
  const terms = {
    maker,
    tag: 1n,
    goodsAsset: gold,
    feeAccount: house,
    goods: 100n,
    price: 333n,
    fee: 250,
    expiry,
    ...change,
  };
  ledger.ok(maker, makeOffer(terms));
  return { ledger, terms };
}

describe('settlement', () => {
  it('swaps all of it at once: goods, payment, fee', () => {
    const { ledger, terms } = offered();
    assert.equal(ledger.holds(maker, gold), 0n);
    assert.equal(ledger.shown(offerKey(maker, 1n))?.['goods'], '100');
    const receipt = ledger.ok(taker, fillOffer(taker, terms, 100n, 333n));
    assert.equal(receipt.events.length, 1);
    // 2.5 % of 333 = 8.325
    assert.deepEqual([ledger.holds(taker, gold), ledger.holds(maker), ledger.holds(house)], [100n, 325n, 8n]);
    assert.equal(ledger.holds(taker), 10_000n - 333n);
    assert.equal(ledger.record(offerKey(maker, 1n)), undefined);
    ledger.refused(REFUSED.missing, taker, fillOffer(taker, terms, 1n, 333n));
  });

  it('in parts, each rounded up in the maker’s favour', () => {
    const { ledger, terms } = offered({ fee: 0 });
    ledger.ok(taker, fillOffer(taker, terms, 1n, 4n));
    assert.equal(ledger.holds(maker), 4n);
    ledger.refused(SETTLEMENT_REFUSED.overfill, taker, fillOffer(taker, terms, 100n, 1000n));
    ledger.ok(taker, fillOffer(taker, terms, 99n, 330n));
    assert.equal(ledger.holds(maker), 334n);
    assert.equal(ledger.record(offerKey(maker, 1n)), undefined);
  });

  it('never costs more than the taker agreed to', () => {
    const { ledger, terms } = offered();
    ledger.refused(REFUSED.price, taker, fillOffer(taker, terms, 100n, 332n));
    const underWay = fillOffer(taker, terms, 100n, 333n);
    ledger.ok(maker, cancelOffer(terms));
    ledger.ok(maker, makeOffer({ ...terms, price: 10_000n }));
    ledger.refused(REFUSED.price, taker, underWay);
  });

  it('as a whole only, or for one taker only, where the maker says so', () => {
    const whole = offered({ whole: true });
    whole.ledger.refused(SETTLEMENT_REFUSED.whole, taker, fillOffer(taker, whole.terms, 99n, 333n));
    whole.ledger.ok(taker, fillOffer(taker, whole.terms, 100n, 333n));
    const closed = offered({ taker });
    closed.ledger.give(eve, 1000n);
    closed.ledger.refused(REFUSED.party, eve, fillOffer(eve, closed.terms, 1n, 333n));
    closed.ledger.ok(taker, fillOffer(taker, closed.terms, 1n, 333n));
  });

  it('is taken back by the maker at any time, sent back by anybody after its expiry, filled only before', () => {
    const first = offered();
    for (const other of [taker, house]) first.ledger.refused(REFUSED.party, other, cancelOffer(first.terms));
    first.ledger.ok(taker, fillOffer(taker, first.terms, 40n, 333n));
    first.ledger.ok(maker, cancelOffer(first.terms));
    assert.equal(first.ledger.holds(maker, gold), 60n);
    first.ledger.refused(REFUSED.missing, maker, cancelOffer(first.terms));
    const { ledger, terms } = offered();
    ledger.refused(REFUSED.tooEarly, eve, expireOffer(terms));
    ledger.time = terms.expiry;
    ledger.refused(REFUSED.tooLate, taker, fillOffer(taker, terms, 1n, 333n));
    ledger.ok(eve, expireOffer(terms));
    assert.equal(ledger.holds(maker, gold), 100n);
  });

  it('pays maker, house and taker and nobody in their place', () => {
    const { ledger, terms } = offered();
    ledger.give(taker, 1000n, gold);
    const fill = fillOffer(taker, terms, 10n, 333n);
    for (let place = 18; place <= 20; place += 1) {
      for (const key of [accountKey(eve), balanceKey(eve, gold), balanceKey(taker, assetId(2)), accountKey(taker)]) {
        const raw = tampered(taker, fill, (change) => {
          change.credits[(change.args[place] ?? 0) - 1 - change.writes.length] = key;
        });
        ledger.refusedRaw(REFUSED.recipient, taker, raw);
      }
    }
    const inGold = tampered(taker, fill, (raw) => {
      raw.writes = [balanceKey(taker, gold), offerKey(maker, 1n)];
      raw.args.set([2, 1], 16);
    });
    ledger.refusedRaw(REFUSED.asset, taker, inGold);
    const back = tampered(maker, cancelOffer(terms), (raw) => {
      raw.credits = [accountKey(maker)];
    });
    ledger.refusedRaw(REFUSED.recipient, maker, back);
  });

  it('refuses edges of goods, price, expiry and fee, and goods for goods', () => {
    const { ledger, terms } = offered();
    ledger.give(maker, MAX_AMOUNT, gold);
    const again = (change: Partial<NewOffer>) => makeOffer({ ...terms, tag: 7n, ...change });
    ledger.refused(REFUSED.exists, maker, makeOffer(terms));
    for (const edge of [0n, MAX_AMOUNT + 1n, U64_MAX]) {
      ledger.refused(REFUSED.amount, maker, again({ goods: edge }));
      ledger.refused(REFUSED.amount, maker, again({ price: edge }));
      ledger.refused(REFUSED.amount, taker, fillOffer(taker, terms, edge, U64_MAX));
    }
    ledger.refused(REFUSED.tooEarly, maker, again({ expiry: ledger.time }));
    ledger.refused(REFUSED.tooLate, maker, again({ expiry: ledger.time + MAX_OFFER_TERM + 1n }));
    ledger.refused(REFUSED.malformed, maker, again({ fee: 1001 }));
    ledger.refused(REFUSED.asset, maker, again({ paymentAsset: gold }));
    ledger.ok(maker, again({ goods: MAX_AMOUNT, price: MAX_AMOUNT, fee: 1000 }));
    const dear = { ...terms, tag: 7n };
    ledger.refused(REFUSED.funds, taker, fillOffer(taker, dear, MAX_AMOUNT, MAX_AMOUNT));
    ledger.give(taker, MAX_AMOUNT);
    ledger.ok(taker, fillOffer(taker, dear, MAX_AMOUNT, MAX_AMOUNT));
    assert.equal(ledger.holds(maker) + ledger.holds(house), MAX_AMOUNT);
    assert.equal(ledger.holds(house), MAX_AMOUNT / 10n);
  });
});
