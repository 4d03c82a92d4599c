import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FeeSum } from '../../../../src/ledger/ordering/fee-sum.ts';

const MOST = 2 ** 52 - 1;

test('the sum of fees is exact, wherever it comes to', () => {
  const fee = fc.oneof(fc.integer({ min: 0, max: MOST }), fc.constantFrom(0, 1, 2 ** 26 - 1, 2 ** 26, MOST));
  const near = fc.bigInt({ min: -2n, max: 2n });
  fc.assert(
    fc.property(fc.array(fee, { maxLength: 60 }), fee, near, (fees, more, by) => {
      const sum = new FeeSum();
      for (const one of fees) sum.add(one);
      // Some are taken back.
      const left = fees.filter((one, i) => {
        if (i % 3 !== 0) return true;
        sum.take(one);
        return false;
      });
      const total = left.reduce((all, one) => all + BigInt(one), 0n);
      const balance = (of: bigint) => (of + by < 0n ? 0n : of + by);
      assert.equal(sum.exceeds(balance(total)), total > balance(total));
      const [less = 0] = left;
      const changed = total + BigInt(more) - BigInt(less);
      assert.equal(sum.exceeds(balance(changed), more, less), changed > balance(changed));
    }),
  );
});
