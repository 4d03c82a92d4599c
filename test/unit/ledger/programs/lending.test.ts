import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import {
  accrue,
  borrow,
  createPool,
  depositCollateral,
  feedKey,
  liquidate,
  poolKey,
  positionKey,
  postPrice,
  repay,
  supply,
  withdraw,
  withdrawCollateral,
} from '../../../../src/ledger/programs/lending/build.ts';
import { LENDING_REFUSED, SCALE } from '../../../../src/ledger/programs/lending/records.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { tampered } from './ledger.ts';
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

describe('lending: loans', () => {
  it('lends up to the limit, not a unit more', () => {
    const ledger = pooled();
    ledger.ok(bob, depositCollateral(bob, pool, 100n));
    ledger.refused(LENDING_REFUSED.unhealthy, bob, borrow(bob, pool, 751n));
    ledger.ok(bob, borrow(bob, pool, 750n));
    assert.equal(ledger.holds(bob, euro), 750n);
    ledger.refused(LENDING_REFUSED.unhealthy, bob, borrow(bob, pool, 1n));
    ledger.refused(LENDING_REFUSED.unhealthy, bob, withdrawCollateral(bob, pool, 1n));
  });

  it('interest grows by the index, against the borrower and for the suppliers', () => {
    const ledger = borrowed(500n);
    ledger.time += YEAR;
    ledger.ok(liz, accrue(pool));
    // 3170e-12 a second over a year of 31,536,000 seconds
    assert.equal(shown(ledger, 'index'), String(SCALE + 3170n * 31_536_000n));
    ledger.give(bob, 1000n, euro);
    ledger.ok(bob, repay(bob, pool, bob, MAX_AMOUNT));
    assert.equal(ledger.holds(bob, euro), 1000n - 550n);
    ledger.ok(bob, withdrawCollateral(bob, pool, 100n));
    assert.equal(ledger.holds(bob, gold), 100n);
    ledger.ok(lena, withdraw(lena, pool, 10_000n));
    assert.equal(ledger.holds(lena, euro), 10_050n);
    assert.deepEqual([shown(ledger, 'cash'), shown(ledger, 'shares'), shown(ledger, 'scaledDebt')], ['0', '0', '0']);
    assert.equal(ledger.record(positionKey(pool.id, bob)), undefined);
    assert.equal(ledger.record(positionKey(pool.id, lena)), undefined);
  });

  it('many small steps never come to less than one large one', () => {
    const steps = borrowed(500n);
    const once = borrowed(500n);
    for (let i = 0; i < 50; i += 1) {
      steps.time += 997n;
      steps.ok(liz, accrue(pool));
    }
    once.time += 50n * 997n;
    once.ok(liz, accrue(pool));
    const [many, one] = [BigInt(shown(steps, 'index') as string), BigInt(shown(once, 'index') as string)];
    assert.ok(many >= one && many - one <= 51n, `${many} against ${one}`);
  });

  it('stands still at the highest index rather than fail', () => {
    const ledger = borrowed(500n, { rate: 100_000 });
    ledger.time += 10_000_000n * YEAR;
    ledger.ok(liz, accrue(pool));
    assert.equal(shown(ledger, 'index'), String(MAX_AMOUNT));
    ledger.time += YEAR;
    ledger.ok(liz, accrue(pool));
    ledger.give(bob, MAX_AMOUNT, euro);
    ledger.ok(bob, repay(bob, pool, bob, MAX_AMOUNT));
    assert.equal(ledger.shown(positionKey(pool.id, bob))?.['scaledDebt'], '0');
  });

  it('a part is repaid, by anybody; no more than is owed is taken', () => {
    const ledger = borrowed(500n);
    ledger.ok(liz, repay(liz, pool, bob, 200n));
    assert.deepEqual([ledger.holds(liz, euro), debtField(ledger)], [9800n, '300']);
    ledger.ok(liz, repay(liz, pool, bob, 5000n));
    assert.deepEqual([ledger.holds(liz, euro), debtField(ledger)], [9500n, '0']);
    ledger.refused(LENDING_REFUSED.noDebt, liz, repay(liz, pool, bob, 1n));
    ledger.refused(REFUSED.missing, liz, repay(liz, pool, eve, 1n));
  });

  it('a payment that would lower no debt is refused', () => {
    const ledger = borrowed(500n);
    ledger.time += YEAR;
    ledger.refused(LENDING_REFUSED.dust, liz, repay(liz, pool, bob, 1n));
  });
});

describe('lending: suppliers', () => {
  it('shares are exact: what does not buy a whole one is not taken', () => {
    const ledger = borrowed(500n);
    ledger.time += YEAR;
    // A share is now worth 1.005.
    ledger.ok(liz, supply(liz, pool, 100n));
    assert.deepEqual([ledger.holds(liz, euro), ledger.shown(positionKey(pool.id, liz))?.['shares']], [9900n, '99']);
    ledger.refused(LENDING_REFUSED.dust, liz, supply(liz, pool, 1n));
    ledger.ok(liz, withdraw(liz, pool, 99n));
    assert.ok(ledger.holds(liz, euro) >= 9999n && ledger.holds(liz, euro) <= 10_000n);
  });

  it('a dear share takes nobody’s deposit: the first supplier gains nothing from a second', () => {
    const ledger = pooled();
    ledger.ok(bob, depositCollateral(bob, pool, 100n), borrow(bob, pool, 750n));
    ledger.time += 20n * YEAR;
    ledger.ok(liz, repay(liz, pool, bob, MAX_AMOUNT));
    ledger.ok(lena, withdraw(lena, pool, 9_999n));
    const before = ledger.holds(lena, euro);
    ledger.ok(liz, supply(liz, pool, 1000n));
    const shares = BigInt(ledger.shown(positionKey(pool.id, liz))?.['shares'] as string);
    ledger.ok(liz, withdraw(liz, pool, shares));
    ledger.ok(lena, withdraw(lena, pool, 1n));
    assert.ok(ledger.holds(lena, euro) - before <= 4n, 'the last share is worth what it was, and a rounding');
    assert.equal(shown(ledger, 'cash'), '0');
  });

  it('what is lent out cannot be withdrawn', () => {
    const ledger = borrowed(500n);
    ledger.refused(LENDING_REFUSED.illiquid, lena, withdraw(lena, pool, 9_501n));
    ledger.ok(lena, withdraw(lena, pool, 9_500n));
    ledger.refused(LENDING_REFUSED.illiquid, bob, borrow(bob, pool, 1n));
    ledger.refused(REFUSED.funds, lena, withdraw(lena, pool, 501n));
    ledger.refused(REFUSED.missing, eve, withdraw(eve, pool, 1n));
  });
});

describe('lending: refusals', () => {
  it('pools whose terms could not be kept, or that are there', () => {
    const ledger = pooled();
    const other = { ...pool, id: name(7) };
    ledger.refused(REFUSED.exists, eve, createPool(pool, terms));
    for (const bad of [
      { rate: 100_001 },
      { borrowLimit: 0 },
      { borrowLimit: 8000 },
      { bonus: 2501 },
      { threshold: 10_000 },
    ]) {
      ledger.refused(REFUSED.malformed, eve, createPool(other, { ...terms, ...bad }));
    }
    ledger.refused(REFUSED.asset, eve, createPool({ ...other, lent: gold }, terms));
    ledger.ok(eve, createPool(other, { ...terms, bonus: 2500 }));
  });

  it('prices by others than the oracle, and a price of 0', () => {
    const ledger = pooled();
    const forged = tampered(eve, postPrice(pool.feed, 1n, ledger.time), () => undefined);
    ledger.refusedRaw(REFUSED.party, eve, forged);
    ledger.refused(REFUSED.amount, oracle, postPrice(pool.feed, 0n, ledger.time));
    post(ledger, U64_MAX);
    ledger.ok(bob, depositCollateral(bob, pool, 1n), borrow(bob, pool, 10_000n));
  });

  it('another’s position, another pool’s, and keys that are none', () => {
    const ledger = borrowed(100n);
    ledger.give(eve, 100n, euro);
    const elses = (call: Parameters<typeof tampered>[1], own: Uint8Array, wanted: Uint8Array) =>
      tampered(eve, call, (raw) => {
        raw.writes = raw.writes.map((key) => (Buffer.compare(key, own) === 0 ? wanted : key));
      });
    const [mine, bobs] = [positionKey(pool.id, eve), positionKey(pool.id, bob)];
    ledger.refusedRaw(REFUSED.party, eve, elses(withdrawCollateral(eve, pool, 1n), mine, bobs));
    ledger.refusedRaw(REFUSED.party, eve, elses(borrow(eve, pool, 1n), mine, bobs));
    ledger.refusedRaw(REFUSED.party, eve, elses(withdraw(eve, pool, 1n), mine, positionKey(pool.id, lena)));
    ledger.refusedRaw(REFUSED.party, eve, elses(supply(eve, pool, 10n), mine, bobs));
    ledger.refusedRaw(REFUSED.key, eve, elses(supply(eve, pool, 10n), mine, positionKey(name(3), eve)));
    ledger.refusedRaw(REFUSED.key, eve, elses(supply(eve, pool, 10n), mine, feedKey({ name: name(1), oracle: eve })));
    ledger.refusedRaw(REFUSED.key, eve, elses(supply(eve, pool, 10n), poolKey(pool.id), mine));
    ledger.refused(REFUSED.missing, eve, supply(eve, { ...pool, id: name(5) }, 10n));
    ledger.refusedRaw(REFUSED.notOwn, eve, elses(supply(eve, pool, 10n), balanceKey(eve, euro), balanceKey(liz, euro)));
    ledger.refusedRaw(REFUSED.asset, eve, elses(supply(eve, pool, 10n), balanceKey(eve, euro), balanceKey(eve, gold)));
  });

  it('payouts to others or in another asset', () => {
    const ledger = borrowed(100n);
    for (const call of [borrow(bob, pool, 1n), withdrawCollateral(bob, pool, 1n)]) {
      for (const key of [balanceKey(eve, euro), balanceKey(eve, gold), accountKey(bob)]) {
        const raw = tampered(bob, call, (change) => {
          change.credits = [key];
        });
        ledger.refusedRaw(REFUSED.recipient, bob, raw);
      }
    }
  });

  it('edges of every amount', () => {
    const ledger = borrowed(100n);
    const calls = [supply, withdraw, depositCollateral, withdrawCollateral, borrow];
    for (const amount of [0n, MAX_AMOUNT + 1n, U64_MAX]) {
      for (const call of calls) ledger.refused(REFUSED.amount, bob, call(bob, pool, amount));
      ledger.refused(REFUSED.amount, bob, repay(bob, pool, bob, amount));
      ledger.refused(REFUSED.amount, liz, liquidate(liz, pool, bob, amount));
    }
    ledger.refused(REFUSED.funds, bob, supply(bob, pool, MAX_AMOUNT));
    ledger.refused(REFUSED.funds, bob, withdraw(bob, pool, MAX_AMOUNT));
    ledger.refused(REFUSED.funds, bob, depositCollateral(bob, pool, MAX_AMOUNT));
    ledger.refused(REFUSED.funds, bob, withdrawCollateral(bob, pool, MAX_AMOUNT));
    ledger.refused(LENDING_REFUSED.illiquid, bob, borrow(bob, pool, MAX_AMOUNT));
    ledger.give(liz, MAX_AMOUNT, euro);
    ledger.refused(LENDING_REFUSED.poolFull, liz, supply(liz, pool, MAX_AMOUNT));
  });
});
