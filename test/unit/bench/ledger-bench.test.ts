/** What the ledger's benchmark is made of: its loads, its blocks and its signatures. No figure is judged. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSignatureChecker } from '../../../src/crypto/signatures/index.ts';
import { checkBatch } from '../../../src/ledger/admission/check-batch.ts';
import { SIGNATURE_ALGORITHMS } from '../../../src/ledger/constants.ts';
import { LEDGER_SECTIONS, parseBenchArgs, UsageError } from '../../bench/args.ts';
import { openExecution, operationsOf } from '../../bench/ledger-execute.ts';
import { makeKeys, signBlocks } from '../../bench/ledger-keys.ts';
import { picker, randomFrom, SHAPES } from '../../bench/ledger-random.ts';
import { rateRow, speedUpRow } from '../../bench/ledger-rows.ts';
import { giveGoods, WORKLOADS, workloadBlock } from '../../bench/ledger-workloads.ts';
import { makeWorld, NETWORK, transferBlock } from '../../bench/ledger-world.ts';
import { judge } from '../../bench/targets.ts';

describe('bench: the ledger’s loads', () => {
  it('are skewed as they are called, and the same in every run', () => {
    const shares = SHAPES.map((shape) => {
      const pick = picker(shape, 1_000, randomFrom(1));
      const counts = new Map<number, number>();
      for (let i = 0; i < 10_000; i += 1) {
        const picked = pick();
        assert.ok(picked >= 0 && picked < 1_000);
        counts.set(picked, (counts.get(picked) ?? 0) + 1);
      }
      return Math.max(...counts.values()) / 10_000;
    });
    const [uniform = 1, mild = 1, steep = 0, hot = 0] = shares;
    assert.ok(
      uniform < 0.005 && mild > 0.03 && mild < 0.12 && steep > 0.15 && steep < 0.35 && hot > 0.27 && hot < 0.33,
    );
    const [one, other] = [picker('zipf-0.8', 50, randomFrom(3)), picker('zipf-0.8', 50, randomFrom(3))];
    for (let i = 0; i < 20; i += 1) assert.equal(one(), other());
  });

  it('takes sections and no circuits', () => {
    const options = parseBenchArgs(['ledger', '--only', 'live,execution']);
    assert.deepEqual(options.command === 'ledger' && options.only, ['execution', 'live']);
    const whole = parseBenchArgs(['ledger']);
    assert.deepEqual(whole.command === 'ledger' && whole.only, LEDGER_SECTIONS);
    assert.throws(() => parseBenchArgs(['ledger', '--circuits', 'balance']), UsageError);
  });
});

describe('bench: rows of the ledger', () => {
  const figures = (ms: number) => ({ samples: [{ transactions: 100, operations: 1_600, ms }], unit: 500, cpu: 3 });

  it('give transactions and operations a second, and how many units that is', () => {
    const row = rateRow('ledger.pipeline.all-maker', 'x', figures(10));
    assert.deepEqual([row.median, row.operations?.median, row.ratio?.median], [10_000, 160_000, 20]);
    assert.equal(judge(row)?.result, 'floor');
    assert.equal(judge(rateRow('ledger.pipeline.all', 'x', figures(1)))?.result, 'aim');
    assert.equal(judge({ id: 'ledger.recovery.open', median: 11 })?.result, 'missed');
  });

  it('compare pair by pair', () => {
    assert.equal(speedUpRow('x', 'x', figures(10), figures(18)).median, 1.8);
  });
});

describe('bench: blocks of the ledger', () => {
  const cache = mkdtempSync(join(tmpdir(), 'zkbazaar-bench-cache-'));
  const given = process.env['ZKBAZAAR_CACHE_DIR'];
  before(() => {
    process.env['ZKBAZAAR_CACHE_DIR'] = cache;
  });
  after(() => {
    if (given === undefined) delete process.env['ZKBAZAAR_CACHE_DIR'];
    else process.env['ZKBAZAAR_CACHE_DIR'] = given;
    rmSync(cache, { recursive: true });
  });

  it('are signed and valid; a second making finds the signatures of the first', async () => {
    for (const algorithm of [SIGNATURE_ALGORITHMS.ed25519, SIGNATURE_ALGORITHMS.mlDsa44]) {
      const keys = await makeKeys(algorithm, 3);
      const make = async () => {
        const world = makeWorld(10, keys.addresses);
        let turn = 0;
        const block = transferBlock(
          world,
          6,
          () => turn++ % 3,
          () => 7,
          algorithm,
        );
        await signBlocks(keys, [block]);
        return block;
      };
      const block = await make();
      const signatures = createSignatureChecker();
      const { refusals } = await checkBatch(block, { network: NETWORK, signatures, proofs: undefined });
      assert.deepEqual(
        refusals,
        Array.from({ length: 6 }, () => undefined),
      );
      // ML-DSA signs with fresh randomness, so equal bytes were not made twice.
      assert.deepEqual((await make()).bytes, block.bytes);
    }
  });

  it('execute without a failure, every program, here and on lanes', async () => {
    for (const workload of WORKLOADS) {
      const world = makeWorld(100);
      giveGoods(world, 60);
      const ways = [await openExecution(world, 0), await openExecution(world, 2)];
      try {
        for (let round = 0; round < workload.prepare + 4; round += 1) {
          const block = workloadBlock(world, workload, round, 60);
          const [sample] = (await ways[round % 2]?.series([block])) ?? [];
          assert.deepEqual([sample?.transactions, sample?.operations], [60, operationsOf(block)]);
        }
      } finally {
        for (const way of ways) await way.close();
      }
    }
  });
});
