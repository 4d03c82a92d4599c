import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { balanceKey } from '../../../../src/ledger/keys.ts';
import {
  borrow,
  depositCollateral,
  liquidate,
  positionKey,
  postPrice,
  withdraw,
  withdrawCollateral,
} from '../../../../src/ledger/programs/lending/build.ts';
import { LENDING_REFUSED, SCALE } from '../../../../src/ledger/programs/lending/records.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { type TestLedger, tampered } from './ledger.ts';
import {
  bob,
  borrowed,
  debtField,
  euro,
  eve,
  gold,
  lena,
  liz,
  name,
  oracle,
  pool,
  pooled,
  post,
  shown,
  terms,
  YEAR,
} from './lending-pool.ts';

const held = (ledger: TestLedger) => ledger.shown(positionKey(pool.id, bob))?.['collateral'];

describe('lending: liquidation', () => {
  it('not while the collateral carries the loan', () => {
    const ledger = borrowed(750n);
    ledger.refused(LENDING_REFUSED.healthy, liz, liquidate(liz, pool, bob, 100n));
    post(ledger, (SCALE * 938n) / 100n);
    ledger.refused(LENDING_REFUSED.healthy, liz, liquidate(liz, pool, bob, 100n));
    // 937.5 euros are 937 here: worth is rounded down, against the borrower.
    post(ledger, (SCALE * 9375n) / 1000n);
    ledger.ok(liz, liquidate(liz, pool, bob, 100n));
  });

  it('half at a time, up to a whole unit of collateral, for what that costs less the bonus', () => {
    const ledger = borrowed(750n);
    post(ledger, 9n * SCALE);
    ledger.ok(liz, liquidate(liz, pool, bob, 750n));
    // 375 * 1.05 / 9 = 43.75; 44 * 9 / 1.05 = 377.1
    assert.deepEqual([ledger.holds(liz, euro), ledger.holds(liz, gold)], [9622n, 44n]);
    assert.deepEqual([debtField(ledger), held(ledger)], ['372', '56']);
  });

  it('as much as the liquidator pays for, in whole units of collateral; nothing for less than one', () => {
    const ledger = borrowed(750n);
    post(ledger, 9n * SCALE);
    // 8.57 each
    ledger.refused(LENDING_REFUSED.dust, liz, liquidate(liz, pool, bob, 8n));
    ledger.ok(liz, liquidate(liz, pool, bob, 20n));
    assert.deepEqual([ledger.holds(liz, euro), ledger.holds(liz, gold)], [9982n, 2n]);
    assert.deepEqual([debtField(ledger), held(ledger)], ['732', '98']);
  });

  it('collateral that is worth the debt pays the debt: the bonus is what is left of it', () => {
    const ledger = borrowed(750n);
    // 770 are no 750 * 1.05.
    post(ledger, (SCALE * 77n) / 10n);
    ledger.ok(liz, liquidate(liz, pool, bob, 10_000n));
    assert.deepEqual([ledger.holds(liz, euro), ledger.holds(liz, gold)], [9250n, 100n]);
    assert.deepEqual([shown(ledger, 'cash'), ledger.record(positionKey(pool.id, bob))], ['10000', undefined]);
  });

  it('a part of such collateral costs its part of the debt, rounded up', () => {
    const ledger = borrowed(750n);
    post(ledger, (SCALE * 77n) / 10n);
    ledger.ok(liz, liquidate(liz, pool, bob, 23n));
    assert.deepEqual([ledger.holds(liz, euro), ledger.holds(liz, gold)], [9977n, 3n]);
    assert.deepEqual([debtField(ledger), held(ledger)], ['727', '97']);
  });

  it('a unit that is worth more than the debt is taken whole; what it costs beyond the debt is the borrower’s', () => {
    const ledger = pooled();
    ledger.ok(bob, depositCollateral(bob, pool, 1n));
    post(ledger, 1300n * SCALE);
    ledger.ok(bob, borrow(bob, pool, 900n));
    post(ledger, 1100n * SCALE);
    // 1100 / 1.05 = 1047.6
    ledger.refused(LENDING_REFUSED.dust, liz, liquidate(liz, pool, bob, 1047n));
    const receipt = ledger.ok(liz, liquidate(liz, pool, bob, 1048n));
    assert.deepEqual([ledger.holds(liz, euro), ledger.holds(liz, gold)], [10_000n - 1048n, 1n]);
    assert.deepEqual([ledger.holds(bob, euro), shown(ledger, 'cash')], [900n + 148n, '10000']);
    assert.equal(ledger.record(positionKey(pool.id, bob)), undefined);
    const event = receipt.events[0]?.data ?? new Uint8Array(32);
    const numbers = new DataView(event.buffer, event.byteOffset);
    assert.deepEqual(
      [0, 8, 16, 24].map((at) => numbers.getBigUint64(at, true)),
      [900n, 1n, 0n, 148n],
    );
  });

  it('what is the borrower’s goes to nobody else', () => {
    const ledger = borrowed(750n);
    post(ledger, 9n * SCALE);
    const call = liquidate(liz, pool, bob, 100n);
    for (const [own, wanted] of [
      [balanceKey(bob, euro), balanceKey(eve, euro)],
      [balanceKey(bob, euro), balanceKey(bob, gold)],
      [balanceKey(liz, gold), balanceKey(liz, euro)],
    ] as const) {
      const raw = tampered(liz, call, (change) => {
        change.credits = change.credits.map((key) => (Buffer.compare(key, own) === 0 ? wanted : key));
      });
      ledger.refusedRaw(REFUSED.recipient, liz, raw);
    }
    const short = tampered(liz, call, (change) => {
      change.args = change.args.slice(0, 13);
    });
    ledger.refusedRaw(REFUSED.malformed, liz, short);
  });

  it('when the collateral no longer covers the debt: all of it, and the rest is written off', () => {
    const ledger = borrowed(750n);
    post(ledger, 5n * SCALE);
    const receipt = ledger.ok(liz, liquidate(liz, pool, bob, 10_000n));
    // 100 gold at 5, less the bonus: ceil(500 / 1.05)
    assert.deepEqual([ledger.holds(liz, euro), ledger.holds(liz, gold)], [10_000n - 477n, 100n]);
    assert.equal(receipt.events.length, 1);
    assert.equal(ledger.record(positionKey(pool.id, bob)), undefined);
    assert.equal(shown(ledger, 'scaledDebt'), '0');
    ledger.ok(lena, withdraw(lena, pool, 10_000n));
    assert.equal(ledger.holds(lena, euro), 9_250n + 477n);
  });

  it('neither a stale price nor another feed will do', () => {
    const ledger = borrowed(750n);
    ledger.time += BigInt(terms.maxAge) + 1n;
    ledger.refused(LENDING_REFUSED.stalePrice, liz, liquidate(liz, pool, bob, 100n));
    ledger.refused(LENDING_REFUSED.stalePrice, bob, withdrawCollateral(bob, pool, 1n));
    const own = { name: name(2), oracle: eve };
    ledger.ok(eve, postPrice(own, 1n, ledger.time));
    ledger.give(eve, 1000n, euro);
    ledger.refused(REFUSED.key, eve, liquidate(eve, { ...pool, feed: own }, bob, 100n));
    ledger.refused(REFUSED.missing, eve, liquidate(eve, { ...pool, feed: { name: name(9), oracle } }, bob, 100n));
  });

  it('without a debt collateral goes home whatever the oracle does', () => {
    const ledger = pooled();
    ledger.ok(bob, depositCollateral(bob, pool, 100n));
    ledger.time += YEAR;
    ledger.ok(bob, withdrawCollateral(bob, pool, 100n));
    assert.equal(ledger.holds(bob, gold), 100n);
  });
});
