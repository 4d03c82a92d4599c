import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, U64_MAX } from '../../../../src/ledger/constants.ts';
import { transfer } from '../../../../src/ledger/programs/assets/build.ts';
import {
  accrue,
  borrow,
  createPool,
  depositCollateral,
  liquidate,
  type PoolTerms,
  poolKey,
  positionKey,
  postPrice,
  repay,
  supply,
  withdraw,
  withdrawCollateral,
} from '../../../../src/ledger/programs/lending/build.ts';
import { LENDING_REFUSED, MAX_AHEAD, SCALE } from '../../../../src/ledger/programs/lending/records.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { TestLedger, tampered } from './ledger.ts';
import {
  bob,
  borrowed,
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

const number = (value: unknown) => BigInt(value as string);
const positionOf = (ledger: TestLedger, owner: Uint8Array, field: string) =>
  number(ledger.shown(positionKey(pool.id, owner))?.[field] ?? '0');

/** Eve alone: one share, and as much gold and euros as she wants to throw at the pool. */
function evesPool(change: Partial<PoolTerms> = {}): TestLedger {
  const ledger = new TestLedger();
  ledger.give(eve, 10n ** 12n, euro);
  ledger.give(eve, 10n ** 12n, gold);
  ledger.give(liz, 10n ** 12n, euro);
  ledger.ok(eve, createPool(pool, { ...terms, ...change }), supply(eve, pool, 1n));
  post(ledger, 10n * SCALE);
  ledger.ok(eve, depositCollateral(eve, pool, 10n ** 9n));
  return ledger;
}

describe('lending, attacked by suppliers', () => {
  it('a share made dear before a victim’s supply: at most three units of it are lost, none won', () => {
    for (const rounds of [0, 1, 7, 40]) {
      const ledger = evesPool({ rate: 100_000 });
      for (let i = 0; i < rounds; i += 1) {
        // Debts are rounded up, so each loan of all there is leaves a unit or more in the pool.
        ledger.time += YEAR / 4n;
        post(ledger, 10n * SCALE);
        ledger.ok(eve, borrow(eve, pool, number(shown(ledger, 'cash'))));
        ledger.time += 1n;
        ledger.ok(eve, repay(eve, pool, eve, MAX_AMOUNT));
      }
      // The only share there is.
      const share = () => number(shown(ledger, 'cash'));
      assert.equal(share() > 1n, rounds > 0);
      const [evil, victim] = [ledger.holds(eve, euro) + share(), ledger.holds(liz, euro)];
      if (rounds > 0) ledger.refused(LENDING_REFUSED.dust, liz, supply(liz, pool, share() - 1n));
      for (const [shares, more] of [
        [1n, 0n],
        [1n, 1n],
        [2n, -1n],
        [2n, 0n],
        [1000n, 7n],
      ] as const) {
        ledger.ok(liz, supply(liz, pool, share() * shares + more));
        ledger.ok(liz, withdraw(liz, pool, positionOf(ledger, liz, 'shares')));
      }
      assert.ok(victim - ledger.holds(liz, euro) <= 3n * 5n, `${victim - ledger.holds(liz, euro)} lost`);
      ledger.ok(eve, withdraw(eve, pool, 1n));
      assert.ok(ledger.holds(eve, euro) - evil <= 3n * 5n);
    }
  });

  it('a donation is not possible: no key of the pool takes a credit', () => {
    const ledger = pooled();
    for (const key of [poolKey(pool.id), positionKey(pool.id, lena)]) {
      const gift = tampered(liz, transfer(liz, eve, 5n, euro), (raw) => {
        raw.credits = [key];
      });
      ledger.refusedRaw(REFUSED.asset, liz, gift);
    }
    ledger.refused(LENDING_REFUSED.noDebt, liz, repay(liz, pool, lena, 5n));
  });

  it('no interest is had for the time before a supply', () => {
    const ledger = borrowed(750n);
    ledger.give(bob, 10_000n, euro);
    ledger.time += YEAR;
    ledger.ok(liz, supply(liz, pool, 10_000n));
    ledger.ok(bob, repay(bob, pool, bob, MAX_AMOUNT));
    assert.equal(ledger.holds(bob, euro), 10_000n - 825n);
    ledger.ok(liz, withdraw(liz, pool, positionOf(ledger, liz, 'shares')));
    assert.ok(ledger.holds(liz, euro) <= 10_000n);
    ledger.ok(lena, withdraw(lena, pool, 10_000n));
    assert.ok(ledger.holds(lena, euro) >= 10_075n);
  });

  it('all lent out: withdrawing and borrowing are illiquid, supplying is not, and lets the first leave', () => {
    const ledger = pooled();
    post(ledger, 1000n * SCALE);
    ledger.ok(bob, depositCollateral(bob, pool, 100n), borrow(bob, pool, 10_000n));
    ledger.refused(LENDING_REFUSED.illiquid, lena, withdraw(lena, pool, 1n));
    ledger.refused(LENDING_REFUSED.illiquid, bob, borrow(bob, pool, 1n));
    ledger.time += YEAR;
    ledger.refused(LENDING_REFUSED.illiquid, lena, withdraw(lena, pool, 1n));
    ledger.ok(liz, supply(liz, pool, 5_000n));
    ledger.ok(lena, withdraw(lena, pool, 4_000n));
    assert.equal(ledger.holds(lena, euro), 4_399n);
  });

  it('shares carry no loan: neither as what is deposited nor in a pool that lends what it takes', () => {
    const ledger = pooled();
    const own = tampered(lena, depositCollateral(lena, pool, 10n), (raw) => {
      // "from" names the position that holds the shares.
      raw.args[10] = raw.args[9] ?? 0;
    });
    ledger.refusedRaw(REFUSED.asset, lena, own);
    ledger.refused(LENDING_REFUSED.unhealthy, lena, borrow(lena, pool, 1n));
    ledger.refused(REFUSED.asset, eve, createPool({ ...pool, id: name(8), collateral: euro }, terms));
  });

  it('a loop through two pools borrows no more than limit / (1 - limit) of the stake', () => {
    const ledger = pooled();
    const back = { id: name(3), lent: gold, collateral: euro, feed: { name: name(4), oracle } };
    ledger.give(liz, 1_000_000n, gold);
    ledger.give(lena, 1_000_000n, euro);
    ledger.ok(lena, supply(lena, pool, 1_000_000n));
    ledger.ok(liz, createPool(back, terms), supply(liz, back, 1_000_000n));
    ledger.ok(oracle, postPrice(back.feed, SCALE / 10n, ledger.time));
    // 100 gold are 1000 euros; each round pledges what the one before has borrowed.
    let euros = 0n;
    for (let round = 0; round < 30 && ledger.holds(bob, gold) > 0n; round += 1) {
      const stake = ledger.holds(bob, gold);
      const loan = (stake * 10n * 3n) / 4n;
      ledger.ok(bob, depositCollateral(bob, pool, stake), borrow(bob, pool, loan));
      ledger.refused(LENDING_REFUSED.unhealthy, bob, borrow(bob, pool, 5n));
      euros += loan;
      const gain = ((loan / 10n) * 3n) / 4n;
      if (gain === 0n) break;
      ledger.ok(bob, depositCollateral(bob, back, loan), borrow(bob, back, gain));
    }
    assert.ok(euros <= 3_000n, `${euros} borrowed`);
  });
});

describe('lending, attacked by time', () => {
  it('a pool without interest takes none, however often it is touched', () => {
    const ledger = borrowed(500n, { rate: 0 });
    for (let i = 0; i < 20; i += 1) {
      ledger.time += 1n;
      ledger.ok(eve, accrue(pool));
    }
    assert.equal(shown(ledger, 'index'), String(SCALE));
  });

  it('touching it each millisecond costs borrowers one unit of the index each time, no more', () => {
    const ledger = borrowed(500n, { rate: 1 });
    for (let i = 0; i < 200; i += 1) {
      ledger.time += 1n;
      ledger.ok(eve, accrue(pool));
    }
    assert.equal(shown(ledger, 'index'), String(SCALE + 200n));
  });

  it('one unit lent for a moment owes two, and the pool has the second', () => {
    const ledger = evesPool();
    ledger.ok(eve, borrow(eve, pool, 1n));
    ledger.time += 1n;
    ledger.ok(liz, repay(liz, pool, eve, MAX_AMOUNT));
    assert.deepEqual([shown(ledger, 'cash'), shown(ledger, 'scaledDebt')], ['2', '0']);
  });

  it('a debt of the largest amount left for ages: nothing overflows, and every way out stays open', () => {
    const ledger = new TestLedger();
    ledger.give(lena, MAX_AMOUNT, euro);
    ledger.give(bob, MAX_AMOUNT, gold);
    ledger.ok(lena, createPool(pool, { ...terms, rate: 100_000 }), supply(lena, pool, MAX_AMOUNT));
    post(ledger, U64_MAX);
    ledger.ok(bob, depositCollateral(bob, pool, MAX_AMOUNT), borrow(bob, pool, MAX_AMOUNT - 1n));
    ledger.time += 2n ** 60n;
    ledger.ok(eve, accrue(pool));
    assert.equal(shown(ledger, 'index'), String(MAX_AMOUNT));
    ledger.refused(LENDING_REFUSED.illiquid, lena, withdraw(lena, pool, MAX_AMOUNT));
    post(ledger, U64_MAX);
    // The debt is above 64 bits and the gold carries it; a part can be repaid, and is lent on.
    ledger.ok(bob, repay(bob, pool, bob, MAX_AMOUNT - 1n));
    ledger.ok(lena, withdraw(lena, pool, 10n ** 11n));
    post(ledger, 1n);
    ledger.ok(lena, liquidate(lena, pool, bob, MAX_AMOUNT));
    assert.deepEqual([ledger.holds(lena, gold), shown(ledger, 'scaledDebt')], [MAX_AMOUNT, '0']);
    ledger.ok(lena, withdraw(lena, pool, positionOf(ledger, lena, 'shares')));
    assert.deepEqual([shown(ledger, 'cash'), shown(ledger, 'shares')], ['0', '0']);
  });

  it('dust of a debt at the highest index: less than a scaled unit is refused, one pays it', () => {
    const ledger = evesPool({ rate: 100_000 });
    ledger.ok(liz, supply(liz, pool, 10n ** 9n));
    ledger.time += 10_000_000n * YEAR;
    post(ledger, 10n * SCALE);
    ledger.ok(eve, borrow(eve, pool, 1n));
    const unit = (MAX_AMOUNT + SCALE - 1n) / SCALE;
    ledger.refused(LENDING_REFUSED.dust, liz, repay(liz, pool, eve, unit - 1n));
    const before = ledger.holds(liz, euro);
    ledger.ok(liz, repay(liz, pool, eve, 2n * unit));
    assert.deepEqual([before - ledger.holds(liz, euro), shown(ledger, 'scaledDebt')], [unit, '0']);
  });

  it('a part repaid takes no more than the debt falls by, however coarse it has become', () => {
    const ledger = borrowed(500n, { rate: 100_000 });
    ledger.time += YEAR;
    ledger.ok(eve, accrue(pool));
    const index = number(shown(ledger, 'index'));
    // A scaled unit is 4.15 euros: 9 of them pay off two.
    assert.equal(index, SCALE + 100_000n * 31_536_000n);
    ledger.ok(liz, repay(liz, pool, bob, 9n));
    assert.deepEqual([ledger.holds(liz, euro), positionOf(ledger, bob, 'scaledDebt')], [10_000n - 9n, 498n]);
    ledger.ok(liz, repay(liz, pool, bob, 8n));
    assert.deepEqual([ledger.holds(liz, euro), positionOf(ledger, bob, 'scaledDebt')], [10_000n - 9n - 5n, 497n]);
  });
});

describe('lending, attacked through the price', () => {
  it('amount: a price of 0', () => {
    const ledger = pooled();
    ledger.refused(REFUSED.amount, oracle, postPrice(pool.feed, 0n, ledger.time));
  });

  it('tooLate: a price that was kept back and comes behind one that was seen later', () => {
    const ledger = pooled();
    const kept = postPrice(pool.feed, 99n * SCALE, ledger.time);
    ledger.time += 1000n;
    post(ledger, 9n * SCALE);
    ledger.refused(REFUSED.tooLate, oracle, kept);
    post(ledger, 8n * SCALE);
  });

  it('stalePrice: one that was kept back does not look fresh', () => {
    const ledger = borrowed(100n);
    const kept = postPrice(pool.feed, 99n * SCALE, ledger.time + 1n);
    ledger.time += BigInt(terms.maxAge) + 2n;
    ledger.ok(oracle, kept);
    ledger.refused(LENDING_REFUSED.stalePrice, bob, borrow(bob, pool, 1n));
    post(ledger, 10n * SCALE);
    ledger.time += BigInt(terms.maxAge);
    ledger.ok(bob, borrow(bob, pool, 1n));
  });

  it('tooEarly: a price from a clock that is more than a minute ahead, which would not grow old', () => {
    const ledger = pooled();
    ledger.refused(REFUSED.tooEarly, oracle, postPrice(pool.feed, SCALE, ledger.time + MAX_AHEAD + 1n));
    ledger.refused(REFUSED.tooEarly, oracle, postPrice(pool.feed, SCALE, U64_MAX));
    ledger.ok(oracle, postPrice(pool.feed, SCALE, ledger.time + MAX_AHEAD));
  });

  it('key: the same name from another oracle, for every operation that asks for a price', () => {
    const ledger = borrowed(750n);
    const forged = { ...pool, feed: { ...pool.feed, oracle: eve } };
    ledger.ok(eve, postPrice(forged.feed, 1000n * SCALE, ledger.time));
    ledger.refused(REFUSED.key, bob, borrow(bob, forged, 1n));
    ledger.refused(REFUSED.key, bob, withdrawCollateral(bob, forged, 1n));
    ledger.refused(REFUSED.key, liz, liquidate(liz, forged, bob, 100n));
    ledger.refused(REFUSED.exists, oracle, createPool(forged, terms));
  });

  it('who liquidates the own loan wins nothing while the collateral covers it, and less than any other way pays', () => {
    for (const price of [937n, 900n, 800n, 788n, 787n, 770n, 751n, 750n]) {
      const ledger = borrowed(750n);
      ledger.give(bob, 10_000n, euro);
      post(ledger, (SCALE * price) / 100n);
      while (positionOf(ledger, bob, 'scaledDebt') > 0n) {
        const call = liquidate(bob, pool, bob, MAX_AMOUNT);
        if (ledger.run(bob, call).status !== 0) ledger.ok(bob, repay(bob, pool, bob, MAX_AMOUNT));
      }
      const left = positionOf(ledger, bob, 'collateral');
      if (left > 0n) ledger.ok(bob, withdrawCollateral(bob, pool, left));
      assert.deepEqual([ledger.holds(bob, gold), ledger.holds(bob, euro)], [100n, 9_250n], `price ${price}`);
      assert.equal(shown(ledger, 'cash'), '10000');
    }
  });

  it('under water the own collateral costs its owner what it costs anybody', () => {
    const costs = [bob, liz].map((liquidator) => {
      const ledger = borrowed(750n);
      ledger.give(bob, 10_000n, euro);
      post(ledger, 7n * SCALE);
      ledger.ok(liquidator, liquidate(liquidator, pool, bob, MAX_AMOUNT));
      return 10_000n - ledger.holds(liquidator, euro);
    });
    assert.deepEqual(costs, [667n, 667n]);
  });
});
