import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_AMOUNT, U64_MAX } from '../../src/ledger/constants.ts';
import { MAX_INDEX, SCALE } from '../../src/ledger/programs/lending/records.ts';
import { type Loan, type Seizure, seizureOf } from '../../src/ledger/programs/lending/seizure.ts';

/** ZKBAZAAR_LIQUIDATIONS=1000000 for a long run. */
const RUNS = Number(process.env['ZKBAZAAR_LIQUIDATIONS'] ?? 4_000);
const BASIS = 10_000n;
const ENDLESS = 2n ** 200n;

/** 1 to `most`, every size as likely as the others, so that dust meets giants. */
function ofAnySize(most: bigint): fc.Arbitrary<bigint> {
  const bits = most.toString(2).length;
  return fc.nat(bits - 1).chain((size) => fc.bigInt(1n, 2n ** BigInt(size + 1)).map((n) => (n > most ? most : n)));
}

const anyLoan: fc.Arbitrary<Loan> = fc.record({
  scaledDebt: ofAnySize(MAX_AMOUNT),
  index: ofAnySize(MAX_INDEX - SCALE).map((more) => SCALE + more - 1n),
  collateral: fc.oneof(ofAnySize(MAX_AMOUNT), fc.bigInt(1n, 4n)),
  price: ofAnySize(U64_MAX),
  bonus: fc.oneof(fc.constantFrom(0n, 500n, BASIS), fc.bigInt(0n, BASIS)),
});

/** The price moved to where worth / debt is about `percent` / 100, since random loans are nearly never near their edge. */
const edgeLoan: fc.Arbitrary<Loan> = fc
  .tuple(anyLoan, fc.integer({ min: 80, max: 230 }), fc.bigInt(-2n, 2n))
  .map(([loan, percent, off]) => {
    const price = (loan.scaledDebt * loan.index * BigInt(percent)) / (100n * loan.collateral) + off;
    return { ...loan, price: price < 1n ? 1n : price > U64_MAX ? U64_MAX : price };
  });

const loan = fc.oneof({ weight: 1, arbitrary: anyLoan }, { weight: 3, arbitrary: edgeLoan });
const offered = fc.oneof(ofAnySize(MAX_AMOUNT), fc.constant(ENDLESS));
const paidIn = ({ repaid, returned }: Seizure) => repaid + returned;
/** In units of 10^-12 of the lent asset: what the collateral is worth, and the debt. */
const worth = ({ collateral, price }: Loan) => collateral * price;
const owed = ({ scaledDebt, index }: Loan) => scaledDebt * index;
const isCovered = (loan: Loan) => worth(loan) * BASIS >= owed(loan) * (BASIS + loan.bonus);

function check(property: (loan: Loan, most: bigint) => void): void {
  fc.assert(fc.property(loan, offered, property), { numRuns: RUNS });
}

/** As the program leaves it. */
function after(before: Loan, { taken, less }: Seizure): Loan {
  return { ...before, scaledDebt: before.scaledDebt - less, collateral: before.collateral - taken };
}

describe('liquidation, over loans, prices and offers of every size', () => {
  it('a liquidator never takes more than what was paid and the bonus', () => {
    check((loan, most) => {
      const seizure = seizureOf(loan, most);
      assert.ok(seizure.taken * loan.price * BASIS <= paidIn(seizure) * SCALE * (BASIS + loan.bonus));
    });
  });

  it('the pool loses nothing that the collateral could cover, and what it cannot cover no more than by the bonus', () => {
    check((loan, most) => {
      const { repaid, less, writtenOff, taken } = seizureOf(loan, most);
      if (writtenOff === 0n) assert.ok(repaid * SCALE >= less * loan.index, 'the debt fell by more than was repaid');
      else {
        assert.ok(worth(loan) < owed(loan), 'written off although the collateral covers it');
        assert.ok(taken === loan.collateral && less === loan.scaledDebt);
        assert.ok(repaid * SCALE * (BASIS + loan.bonus) >= worth(loan) * BASIS);
        assert.equal(repaid + writtenOff, (owed(loan) + SCALE - 1n) / SCALE);
      }
    });
  });

  it('a borrower loses no more than the bonus and one unit of the lent asset', () => {
    check((loan, most) => {
      const { taken, less, returned } = seizureOf(loan, most);
      const got = less * loan.index + (returned + 1n) * SCALE;
      assert.ok(taken * loan.price * BASIS <= got * (BASIS + loan.bonus));
    });
  });

  it('there is always something to be taken, and the debt falls with it', () => {
    check((loan) => {
      const seizure = seizureOf(loan, ENDLESS);
      assert.ok(seizure.taken >= 1n && seizure.less >= 1n && seizure.repaid >= 1n);
      assert.deepEqual(seizureOf(loan, paidIn(seizure)), seizure);
    });
  });

  it('a liquidator has a reason to come: pays what the collateral is worth at most, and one unit of money and debt', () => {
    check((loan) => {
      const seizure = seizureOf(loan, ENDLESS);
      const [paid, got] = [paidIn(seizure) * SCALE, seizure.taken * loan.price];
      assert.ok(paid < got + loan.index + SCALE);
      // Under water all of it goes at once, for its worth less the bonus.
      if (worth(loan) < owed(loan)) assert.ok((paid - SCALE) * (BASIS + loan.bonus) < got * BASIS);
    });
  });

  it('stays within the loan and the offer; without collateral no debt stays', () => {
    check((loan, most) => {
      const seizure = seizureOf(loan, most);
      const { taken, less, returned, writtenOff, repaid } = seizure;
      assert.ok(taken >= 0n && less >= 0n && returned >= 0n && writtenOff >= 0n);
      assert.ok(paidIn(seizure) <= most && taken <= loan.collateral && less <= loan.scaledDebt);
      assert.equal(taken === 0n, repaid === 0n);
      if (taken === loan.collateral) assert.equal(less, loan.scaledDebt);
      if (returned > 0n) assert.ok(less === loan.scaledDebt && writtenOff === 0n);
    });
  });

  it('no unit beyond the close factor, while collateral covers debt and bonus', () => {
    check((loan, most) => {
      const { taken } = seizureOf(loan, most);
      const half = (loan.scaledDebt + 1n) / 2n;
      if (isCovered(loan) && taken > 0n) {
        assert.ok((taken - 1n) * loan.price * BASIS < half * loan.index * (BASIS + loan.bonus));
      }
    });
  });

  it('however it is cut into parts: ends, is never worse for the pool, and leaves what was covered covered', () => {
    const offers = fc.array(offered, { minLength: 1, maxLength: 12 });
    const ended = fc.property(loan, offers, (first, parts) => {
      let [left, paid, lost, steps] = [first, 0n, 0n, 0];
      for (const most of [...parts, ...new Array<bigint>(140).fill(ENDLESS)]) {
        if (left.scaledDebt === 0n) break;
        const seizure = seizureOf(left, most);
        if (isCovered(left) && seizure.less < left.scaledDebt) assert.ok(isCovered(after(left, seizure)));
        left = after(left, seizure);
        paid += seizure.repaid;
        lost += seizure.writtenOff;
        steps += 1;
      }
      assert.equal(left.scaledDebt, 0n, `a debt is left after ${steps} liquidations`);
      if (worth(first) >= owed(first)) assert.equal(lost, 0n);
      if (lost === 0n) assert.ok(paid * SCALE >= owed(first));
      else assert.ok(paid * SCALE * (BASIS + first.bonus) >= worth(first) * BASIS);
    });
    fc.assert(ended, { numRuns: Math.ceil(RUNS / 4) });
  });
});
