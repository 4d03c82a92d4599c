import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../../src/base/bytes.ts';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { BaselineExecutor } from '../../../../src/ledger/execute/baseline.ts';
import { FeeHolds } from '../../../../src/ledger/execute/fee-holds.ts';
import { accountKey } from '../../../../src/ledger/keys.ts';
import * as assets from '../../../../src/ledger/programs/assets/build.ts';
import { assembleCalls } from '../../../../src/ledger/programs/call.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import type { TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { AT, FLAGS } from '../../../../src/ledger/transaction/layout.ts';
import { judgeBlock, transactionOf } from '../../../property/ledger-judge.ts';
import { CAPACITY, Rig } from '../../../property/ledger-rig.ts';
import { dear } from '../../../property/ledger-schedules.ts';
import { PROGRAMS } from '../../../property/ledger-script.ts';
import { FEE_ACCOUNT, NETWORK, person } from '../../../property/ledger-worlds.ts';

const LIMIT = 10_000;
const [ann, ben] = [person(0), person(2)];

/** A transfer by Ann. */
function bodyOfSends(sequence: bigint, amount: bigint): TransactionBody {
  return {
    ...{ algorithm: 1, network: NETWORK, signer: ann, sequence, tagged: false, proof: undefined },
    ...{ validFrom: 0n, validUntil: 100n, gasLimit: LIMIT, gasPrice: 1n },
    ...assembleCalls(ann, [assets.transfer(ann, ben, amount)]),
  };
}

function sends(sequence: bigint, amount: bigint) {
  return transactionOf(bodyOfSends(sequence, amount));
}

/** What became of a block that Ann's transactions fill, after the executor was held against the baseline. */
async function run(balance: bigint, transactions: readonly ReturnType<typeof sends>[], nonce = 0n) {
  const record = new Uint8Array(16);
  new DataView(record.buffer).setBigUint64(0, balance, true);
  new DataView(record.buffer).setBigUint64(8, nonce, true);
  const genesis = new Map([[toHex(accountKey(ann)), record]]);
  const executor = new BaselineExecutor(new Map(genesis), PROGRAMS, NETWORK, FEE_ACCOUNT);
  const block = judgeBlock(executor, transactions, 1n);
  const rig = await Rig.start(0);
  try {
    await rig.check({ genesis, blocks: [block] }, dear(CAPACITY), 'no');
  } finally {
    await rig.close();
  }
  return block.receipts.map(({ status, fee }) => [status, fee > 0n]);
}

describe('fees of later transactions', () => {
  const limit = BigInt(LIMIT);

  it('cannot be spent by earlier ones of the block: all of them pay', async () => {
    const all = [sends(0n, 10n ** 6n), ...[1n, 2n, 3n].map((sequence) => sends(sequence, 1n))];
    const balance = 10n ** 6n + 3n * limit;
    const ended = await run(balance, all);
    // The first would leave too little for the others; what it does not take is theirs.
    assert.deepEqual(ended, [[REFUSED.funds, true], ...[1, 2, 3].map(() => [STATUS.ok, true])]);
  });

  it('are free again for the last one', async () => {
    const rest = 10n ** 6n - 2n * limit;
    assert.deepEqual(await run(10n ** 6n, [sends(0n, 1n), sends(1n, rest)]), [
      [STATUS.ok, true],
      [STATUS.ok, true],
    ]);
  });

  it('are held as far as the account has them', async () => {
    const ended = await run(limit + 5n, [sends(0n, 1n), sends(1n, 1n), sends(2n, 1n)]);
    assert.deepEqual(ended[0], [REFUSED.funds, true]);
  });

  it('are not held for what was executed long ago, is out of its window, or stands there twice', async () => {
    const rest = 10n ** 6n - 1_000n - limit;
    const old = { ...bodyOfSends(0n, 5n) };
    const past = [
      sends(1n, rest),
      transactionOf(old),
      transactionOf({ ...bodyOfSends(7n, 5n), validUntil: 0n }),
      transactionOf({ ...bodyOfSends(7n, 5n), validFrom: 2n }),
    ];
    assert.deepEqual((await run(10n ** 6n, past, 1n))[0], [STATUS.ok, true]);
    const tagged = transactionOf({ ...bodyOfSends(3n, 500_000n), tagged: true });
    assert.deepEqual(await run(500_000n + limit, [tagged, tagged]), [
      [STATUS.ok, true],
      [STATUS.replayed, false],
    ]);
  });

  it('are summed without loss, and stay at the highest number when the sum is higher', () => {
    const sent = fc.record({
      account: fc.nat(3),
      gas: fc.oneof(fc.constantFrom(0, 1, 2 ** 32 - 1), fc.nat(2 ** 32 - 1)),
      price: fc.oneof(
        fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, U64_MAX),
        fc.bigInt({ min: 0n, max: U64_MAX }),
      ),
      sequence: fc.oneof(fc.bigInt({ min: 0n, max: 4n }), fc.constantFrom(2n ** 32n - 1n, 2n ** 32n, U64_MAX)),
      tagged: fc.boolean(),
      validFrom: fc.constantFrom(0n, 5n, 6n),
      validUntil: fc.constantFrom(4n, 5n, U64_MAX),
    });
    const holds = new FeeHolds();
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), (all) => {
        const batch = batchOf(all.map(() => new Uint8Array(AT.keys)));
        const view = new DataView(batch.buffer);
        all.forEach(({ gas, price, sequence, tagged, validFrom, validUntil }, i) => {
          const at = i * AT.keys;
          view.setUint8(at + AT.flags, tagged ? FLAGS.tag : 0);
          view.setUint32(at + AT.gasLimit, gas, true);
          const fields = { gasPrice: price, sequence, validFrom, validUntil };
          for (const name of ['gasPrice', 'sequence', 'validFrom', 'validUntil'] as const) {
            view.setBigUint64(at + AT[name], fields[name], true);
          }
        });
        const starts = Uint32Array.from([...all.keys(), all.length]);
        const found = holds.of(
          batch,
          Int32Array.from(all, ({ account }) => account * 1_000_003),
          starts,
          5n,
        );
        const open = all.map(({ validFrom, validUntil }) => validFrom <= 5n && validUntil >= 5n);
        const live = all.map(({ account, tagged, sequence }, i) => {
          const before = all
            .slice(0, i)
            .filter((one, k) => open[k] && one.account === account && one.tagged === tagged);
          return open[i] && before.every((one) => (tagged ? one.sequence !== sequence : one.sequence < sequence));
        });
        const expected = all.map(({ account }, i) => {
          const later = all.filter((other, k) => k > i && live[k] && other.account === account);
          const sum = later.reduce((total, { gas, price }) => total + BigInt(gas) * price, 0n);
          if (sum > U64_MAX) return U64_MAX;
          return sum;
        });
        assert.deepEqual([...found], expected);
      }),
      { numRuns: 1000 },
    );
  });
});
