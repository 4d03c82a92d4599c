import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Accounts, TransactionSummary } from '../../src/ledger/ordering/interface.ts';
import { Mempool } from '../../src/ledger/ordering/mempool.ts';
import { PoolModel } from '../unit/ledger/ordering/pool-model.ts';

/** A state that moves as blocks are executed: some transactions are barred, which keeps their number unused. */
class State implements Accounts {
  readonly nonces = new Map<string, bigint>();
  readonly balances = new Map<string, bigint>();
  readonly tags = new Set<string>();

  account(signer: string) {
    return { balance: this.balances.get(signer) ?? 3_000n, nonce: this.nonces.get(signer) ?? 0n };
  }

  tagSpent(signer: string, tag: bigint): boolean {
    return this.tags.has(`${signer} ${tag}`);
  }

  execute({ signer, sequence, tagged, gasPrice, gasLimit }: TransactionSummary, barred: boolean): void {
    const { balance, nonce } = this.account(signer);
    if (barred || (!tagged && sequence !== nonce)) return;
    this.balances.set(signer, balance > gasPrice * BigInt(gasLimit) ? balance - gasPrice * BigInt(gasLimit) : 0n);
    if (tagged) this.tags.add(`${signer} ${sequence}`);
    else this.nonces.set(signer, nonce + 1n);
  }
}

const signer = fc.constantFrom('a', 'b', 'c', 'd');
const submission = fc.record({
  kind: fc.constant('submit' as const),
  signer,
  ahead: fc.integer({ min: -1, max: 6 }),
  tagged: fc.boolean(),
  gasPrice: fc.bigInt({ min: 0n, max: 30n }),
  gasLimit: fc.integer({ min: 1, max: 45 }),
  from: fc.integer({ min: -2, max: 7 }),
  window: fc.integer({ min: 0, max: 6 }),
  byteLength: fc.integer({ min: 1, max: 6 }).map((n) => n * 8),
  writeKeys: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }),
  again: fc.integer({ min: 0, max: 19 }),
});
const take = fc.record({
  kind: fc.constant('take' as const),
  transactions: fc.integer({ min: 1, max: 12 }),
  gas: fc.integer({ min: 40, max: 200 }),
  bytes: fc.integer({ min: 6, max: 40 }).map((n) => n * 8),
});
const settle = fc.record({ kind: fc.constant('settle' as const), barred: fc.integer({ min: 0, max: 5 }) });
const income = fc.record({ kind: fc.constant('income' as const), signer, amount: fc.bigInt({ min: 0n, max: 3_000n }) });
const steps = fc.array(
  fc.oneof(
    { arbitrary: submission, weight: 12 },
    { arbitrary: take, weight: 2 },
    { arbitrary: settle, weight: 2 },
    { arbitrary: income, weight: 1 },
  ),
  { minLength: 1, maxLength: 120, size: 'max' },
);

const RUNS = Number(process.env['ZKBAZAAR_TEST_POOL_RUNS'] ?? 400);

test('the pool does what the naive model does: admissions, refusals, evictions, blocks, expiry, settlement', () => {
  const options = { perAccount: 6, gap: 5, transactions: 14, bytes: 320, blockGas: 40, blockBytes: 40 };
  fc.assert(
    fc.property(steps, (actions) => {
      const state = new State();
      const pool = new Mempool(state, options);
      const model = new PoolModel(state, options);
      let height = 1n;
      let ids = 0;
      for (const action of actions) {
        if (action.kind === 'submit') {
          const id = new Uint8Array(32);
          // Now and then an id comes twice.
          new DataView(id.buffer).setUint32(0, action.again === 0 ? Math.max(0, ids - 1) : ids++, true);
          const first = height + BigInt(action.from);
          const validFrom = first < 0n ? 0n : first;
          const ahead = BigInt(action.ahead);
          const next = action.tagged ? 1n : model.next(action.signer);
          const summary: TransactionSummary = {
            id,
            signer: action.signer,
            sequence: next + ahead < 0n ? 0n : next + ahead,
            tagged: action.tagged,
            gasPrice: action.gasPrice,
            gasLimit: action.gasLimit,
            validFrom,
            validUntil: validFrom + BigInt(action.window),
            byteLength: action.byteLength,
            keys: 2,
            writeKeys: action.writeKeys,
          };
          assert.equal(admitted(pool, summary, height), model.admit(summary, height));
        } else if (action.kind === 'take') {
          const limits = { height, transactions: action.transactions, gas: action.gas, bytes: action.bytes };
          const taken = Buffer.from(pool.idsOf(pool.takeBlock(limits)));
          const ids = Array.from({ length: taken.length / 32 }, (_, i) => taken.readUInt32LE(i * 32));
          const expected = model.takeBlock(limits).map(({ id }) => Buffer.from(id).readUInt32LE());
          assert.deepEqual(ids, expected);
          height++;
        } else if (action.kind === 'income') {
          const { balance } = state.account(action.signer);
          state.balances.set(action.signer, balance + action.amount);
        } else {
          const [oldest] = model.flights.keys();
          if (oldest === undefined) continue;
          for (const [i, t] of (model.flights.get(oldest) ?? []).entries()) state.execute(t, i % 6 === action.barred);
          pool.settle(oldest);
          model.settle(oldest);
        }
        assert.equal(pool.size, model.waiting.length);
        assert.equal(pool.bytes, model.bytes);
        for (const { id } of model.waiting) assert.ok(pool.has(id));
      }
    }),
    { numRuns: RUNS },
  );
});

function admitted(pool: Mempool, summary: TransactionSummary, height: bigint): string {
  try {
    pool.admit(summary, new Uint8Array(summary.byteLength), height);
    return 'ok';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
