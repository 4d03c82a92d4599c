import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, STATUS, U64_MAX } from '../../src/ledger/constants.ts';
import type { Call } from '../../src/ledger/programs/call.ts';
import * as lending from '../../src/ledger/programs/lending/build.ts';
import { LIQUIDATED } from '../../src/ledger/programs/lending/liquidation.ts';
import { MAX_RATE, SCALE } from '../../src/ledger/programs/lending/records.ts';
import { assetId, person, TestLedger } from '../unit/ledger/programs/ledger.ts';
import { sumsOf } from './ledger-sums.ts';
import { Random } from './random.ts';

/** Pools with terms, prices, amounts and idle times of every size. ZKBAZAAR_LENDING=20000 for a long run. */
const POOLS = Number(process.env['ZKBAZAAR_LENDING'] ?? 150);
const SEED = Number(process.env['ZKBAZAAR_SEED'] ?? 20_261_123);
const STEPS = 40;

const [lent, collateral] = [assetId(1), assetId(2)];
const people = [1, 2, 3, 4].map(person);
const [oracle, uncle] = [person(9), person(10)];
const pool = { id: new Uint8Array(10).fill(1), lent, collateral, feed: { name: new Uint8Array(10).fill(2), oracle } };

function sized(random: Random, bits: number): bigint {
  return 1n + random.bits(1 + random.below(bits));
}

function open(random: Random): TestLedger {
  const ledger = new TestLedger();
  for (const owner of people) {
    ledger.give(owner, sized(random, 60), lent);
    ledger.give(owner, random.below(2) === 0 ? BigInt(1 + random.below(3)) : sized(random, 60), collateral);
  }
  const bonus = random.pick([0, 500, 500, 1 + random.below(9_999)]);
  const threshold = Math.max(2, Math.floor(1e8 / (10_000 + bonus)) - random.pick([0, 2_000, 4_000]));
  const borrowLimit = Math.max(1, threshold - 1 - random.pick([0, random.below(threshold - 1)]));
  const rate = random.pick([0, 1, 3_170, MAX_RATE]);
  ledger.ok(oracle, lending.createPool(pool, { rate, borrowLimit, threshold, bonus, maxAge: 1_000_000 }));
  ledger.ok(oracle, lending.postPrice(pool.feed, sized(random, random.pick([44, 63])), ledger.time));
  for (const [i, owner] of people.entries()) {
    if (i !== 3) ledger.ok(owner, lending.supply(owner, pool, (ledger.holds(owner, lent) + 1n) / 2n));
    if (i !== 0) ledger.ok(owner, lending.depositCollateral(owner, pool, ledger.holds(owner, collateral)));
  }
  return ledger;
}

/** What is somewhere near the numbers that are there, or of any size. */
class Trader {
  readonly #random: Random;
  readonly #ledger: TestLedger;
  /** Whose loan the price was made for. */
  #prey: Uint8Array | undefined;

  constructor(random: Random, ledger: TestLedger) {
    this.#random = random;
    this.#ledger = ledger;
  }

  step(): { signer: Uint8Array; call: Call } {
    const random = this.#random;
    const ledger = this.#ledger;
    const signer = random.pick(people);
    const debtors = people.filter((owner) => field(ledger, owner, 'scaledDebt') > 0n);
    const other = random.pick(debtors.length > 0 && random.below(8) > 0 ? debtors : people);
    const debt = debtOf(ledger, other);
    const prey = this.#prey;
    this.#prey = undefined;
    if (prey !== undefined && random.below(3) > 0) {
      const most = random.pick([MAX_AMOUNT, MAX_AMOUNT, this.#near(debtOf(ledger, prey))]);
      return { signer, call: lending.liquidate(signer, pool, prey, most) };
    }
    const of = (name: string) => this.#near(field(ledger, signer, name));
    const calls: readonly (() => Call)[] = [
      () => lending.supply(signer, pool, this.#near(ledger.holds(signer, lent))),
      () => lending.withdraw(signer, pool, of('shares')),
      () => lending.depositCollateral(signer, pool, this.#near(ledger.holds(signer, collateral))),
      () => lending.withdrawCollateral(signer, pool, of('collateral')),
      () => lending.borrow(signer, pool, this.#near(this.#loan(signer))),
      () => lending.borrow(signer, pool, this.#near(this.#loan(signer))),
      () => lending.repay(signer, pool, other, this.#near(debt)),
      () => lending.liquidate(signer, pool, other, MAX_AMOUNT),
      () => lending.liquidate(signer, pool, other, this.#near(debt)),
    ];
    if (random.below(5) > 0) return { signer, call: random.pick(calls)() };
    this.#prey = other;
    return { signer: oracle, call: lending.postPrice(pool.feed, this.#price(other), ledger.time) };
  }

  /** What the pool has, or less where the collateral carries less. */
  #loan(owner: Uint8Array): bigint {
    const ledger = this.#ledger;
    const worth = (field(ledger, owner, 'collateral') * priceOf(ledger)) / SCALE;
    const carried = (worth * total(ledger, 'borrowLimit')) / 10_000n - debtOf(ledger, owner);
    const cash = total(ledger, 'cash');
    return carried < cash ? carried : cash;
  }

  /** 1 to 2^63 - 1. */
  #near(amount: bigint): bigint {
    const random = this.#random;
    const about = amount >> BigInt(random.pick([0, 0, 1, 1, 2, 8, 30]));
    const value = random.below(6) === 0 ? sized(random, 62) : about + BigInt(random.below(3)) - 1n;
    return value < 1n ? 1n : value > MAX_AMOUNT ? MAX_AMOUNT : value;
  }

  /** About where somebody's loan is worth its collateral, or anything. */
  #price(owner: Uint8Array): bigint {
    const random = this.#random;
    const [debt, held] = [debtOf(this.#ledger, owner), field(this.#ledger, owner, 'collateral')];
    if (debt === 0n || held === 0n || random.below(3) === 0) return sized(random, 63);
    const price = (debt * SCALE * BigInt(90 + random.below(120))) / (held * 100n) + 1n;
    return price > U64_MAX ? U64_MAX : price;
  }
}

const number = (value: unknown) => BigInt((value ?? 0) as string | number);
const priceOf = (ledger: TestLedger) => number(ledger.shown(lending.feedKey(pool.feed))?.['price']);
const total = (ledger: TestLedger, name: string) => number(ledger.shown(lending.poolKey(pool.id))?.[name]);
const field = (ledger: TestLedger, owner: Uint8Array, name: string) =>
  number(ledger.shown(lending.positionKey(pool.id, owner))?.[name]);
const debtOf = (ledger: TestLedger, owner: Uint8Array) =>
  (field(ledger, owner, 'scaledDebt') * total(ledger, 'index') + SCALE - 1n) / SCALE;
/** Of all shares, times 10^12, exact. */
const value = (ledger: TestLedger) =>
  total(ledger, 'cash') * SCALE + total(ledger, 'scaledDebt') * total(ledger, 'index');

describe('lending over terms, prices, amounts and times of every size', () => {
  it(`${POOLS} pools: no share loses but by a write-off, no debt is without collateral, everybody can leave`, (t) => {
    const random = new Random(SEED);
    const outcomes = new Map<string, number>();
    for (let world = 0; world < POOLS; world += 1) {
      const ledger = open(random);
      const before = sumsOf(ledger.state).sums;
      const trader = new Trader(random, ledger);
      for (let step = 0; step < STEPS; step += 1) {
        if (random.below(4) === 0) {
          ledger.time += random.bits(random.pick([1, 10, 20, 34, 44]));
          const again = lending.postPrice(pool.feed, priceOf(ledger), ledger.time);
          if (random.below(4) > 0) ledger.ok(oracle, again);
        }
        const where = `seed ${SEED}, pool ${world}, step ${step}`;
        const { signer, call } = trader.step();
        const [shares, worth] = [total(ledger, 'shares'), value(ledger)];
        const receipt = ledger.run(signer, call);
        assert.notEqual(receipt.status, STATUS.programCrashed, where);
        assert.notEqual(receipt.status, STATUS.overflow, where);
        const event = receipt.events.find(({ topic }) => topic === LIQUIDATED)?.data ?? new Uint8Array(32);
        const numbers = new DataView(event.buffer, event.byteOffset);
        const [writtenOff, returned] = [numbers.getBigUint64(16, true), numbers.getBigUint64(24, true)];
        const ending = writtenOff > 0n ? ' written off' : returned > 0n ? ' returned' : '';
        const outcome = `${call.operation}:${receipt.status}${ending}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (writtenOff === 0n)
          assert.ok(value(ledger) * shares >= worth * total(ledger, 'shares'), `a share lost; ${where}`);
        requireSound(ledger, before, where);
      }
      leave(ledger);
    }
    t.diagnostic(
      [...outcomes]
        .sort()
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    );
    for (const name of ['8:0', '8:0 written off', '8:0 returned'])
      assert.ok(outcomes.has(name), `no liquidation ${name}`);
  });
});

function requireSound(ledger: TestLedger, before: ReadonlyMap<string, bigint>, where: string): void {
  assert.deepEqual(sumsOf(ledger.state).sums, before, where);
  for (const owner of people) {
    if (field(ledger, owner, 'scaledDebt') > 0n) assert.ok(field(ledger, owner, 'collateral') > 0n, where);
  }
  if (total(ledger, 'shares') === 0n) assert.equal(value(ledger), 0n, `money that nobody has a share in; ${where}`);
}

/** The lowest price there is makes the largest debt payable; then everybody takes what there is. */
function leave(ledger: TestLedger): void {
  ledger.ok(oracle, lending.postPrice(pool.feed, 1n, ledger.time));
  ledger.give(uncle, 2n ** 61n, lent);
  for (const owner of people) {
    if (field(ledger, owner, 'scaledDebt') > 0n) {
      // Very much collateral carries a little debt even then.
      ledger.run(uncle, lending.liquidate(uncle, pool, owner, 2n ** 61n));
      if (field(ledger, owner, 'scaledDebt') > 0n) ledger.ok(uncle, lending.repay(uncle, pool, owner, 2n ** 61n));
    }
    const held = field(ledger, owner, 'collateral');
    if (held > 0n) ledger.ok(owner, lending.withdrawCollateral(owner, pool, held));
  }
  for (const owner of people) {
    const shares = field(ledger, owner, 'shares');
    if (shares > 0n) ledger.ok(owner, lending.withdraw(owner, pool, shares));
    assert.equal(ledger.record(lending.positionKey(pool.id, owner)), undefined);
  }
  assert.deepEqual(
    ['cash', 'shares', 'scaledDebt'].map((name) => total(ledger, name)),
    [0n, 0n, 0n],
  );
}
