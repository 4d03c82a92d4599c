/** The parts of the prover and verifier suites that could make a wrong figure; no figure is judged. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROVER_SECTIONS, parseBenchArgs, SUBJECT_NAMES, UsageError, VERIFIER_SECTIONS } from '../../bench/args.ts';
import { waitQuantile, watchLoop } from '../../bench/loop-delay.ts';
import { mappedOf } from '../../bench/memory.ts';
import { type Report, type Row, toMarkdown } from '../../bench/report.ts';
import { judge, targetOf } from '../../bench/targets.ts';

const row = (id: string, median: number, ratio?: number): Row => ({
  id,
  what: 'x',
  unit: 'ms',
  median,
  min: median,
  max: median,
  n: 1,
  ...(ratio === undefined ? {} : { ratio: { against: 'snarkjs', median: ratio, min: ratio, max: ratio, n: 1 } }),
});

describe('bench: arguments of the engine suites', () => {
  it('takes every section and circuit by default, and parts in the order in which they run', () => {
    const prover = parseBenchArgs(['prover', '--json']);
    assert.ok(prover.command === 'prover');
    assert.deepEqual([prover.only, prover.circuits, prover.json], [PROVER_SECTIONS, SUBJECT_NAMES, true]);
    const verifier = parseBenchArgs(['verifier', '--only', 'cold,single', '--circuits', 'balance,reference-5k']);
    assert.ok(verifier.command === 'verifier');
    assert.deepEqual(verifier.only, ['single', 'cold']);
    assert.deepEqual(verifier.circuits, ['reference-5k', 'balance']);
    assert.deepEqual(verifier.only.length < VERIFIER_SECTIONS.length, true);
    assert.equal(parseBenchArgs(['all', '--quick']).command, 'all');
  });

  it('refuses sections of another suite, and parts of all', () => {
    for (const argv of [
      ['prover', '--only', 'gossip'],
      ['verifier', '--only', 'memory'],
      ['all', '--only', 'prove'],
      ['core', '--circuits', 'reference-5k'],
    ]) {
      assert.throws(() => parseBenchArgs(argv), UsageError, argv.join(' '));
    }
  });
});

describe('bench: bounds', () => {
  it('holds a ratio against its floor and its aim, both inclusive', () => {
    const id = 'prover.reference-5k.prove.native';
    assert.deepEqual(targetOf(id), { of: 'ratio', floor: 6, aim: 12 });
    const results = [5.99, 6, 11.99, 12].map((ratio) => judge(row(id, 1, ratio))?.result);
    assert.deepEqual(results, ['missed', 'floor', 'floor', 'aim']);
  });

  it('holds a value against its bounds the other way round', () => {
    const id = 'prover.reference-30k.memory.native';
    assert.deepEqual(
      [201, 200, 60.1, 60].map((value) => judge(row(id, value))?.result),
      ['missed', 'floor', 'floor', 'aim'],
    );
  });

  it('has every bound of the issue, and none for other rows', () => {
    const bounds = (id: string) => {
      const target = targetOf(id);
      return [target?.floor, target?.aim];
    };
    assert.deepEqual(bounds('prover.reference-30k.prove.native'), [6, 17]);
    assert.deepEqual(bounds('prover.qualification.full.native'), [6, 10]);
    assert.deepEqual(bounds('prover.reference-5k.cold-fullprove'), [3, 4.7]);
    assert.deepEqual(bounds('verifier.balance.single.native'), [6, 12]);
    assert.deepEqual(bounds('verifier.balance.batch-64.native'), [25, 40]);
    assert.deepEqual(bounds('verifier.balance.batch-64.wasm'), [8, 15]);
    assert.deepEqual(bounds('verifier.reference-5k.cold-verify'), [3, 4]);
    assert.deepEqual(bounds('prover.loop.p99'), [20, 20]);
    for (const id of ['prover.reference-5k.prove.wasm', 'prover.reference-5k.prove.snarkjs', 'prove.balance.warm']) {
      assert.equal(targetOf(id), undefined, id);
    }
  });

  it('gives no verdict without the figure that the bound is about', () => {
    assert.equal(judge(row('verifier.balance.single.native', 1)), undefined);
  });

  it('prints bounds beside the figures, and what was not measured as that', () => {
    const id = 'verifier.balance.single.native';
    const good = row(id, 1, 13);
    const target = judge(good);
    assert.ok(target !== undefined);
    const header = {
      ...{ zkbazaar: '0', commit: null, dirty: null, date: 'd', node: '24', packages: {}, cpu: 'c', cores: 2 },
      ...{ memoryGiB: 1, os: 'o', loadAtStart: [0, 0, 0] },
    };
    const report: Report = {
      ...{ v: 1, suite: 'verifier', quick: false, header, warnings: [], failures: [], seconds: 1 },
      rows: [{ ...good, target }, row('other', 1)],
      absent: [{ id: 'verifier.*.native', why: 'it was not built' }],
    };
    const text = toMarkdown(report);
    assert.match(text, /aim met \(>= 6x, aim 12x\)/);
    assert.match(text, /NOT MEASURED `verifier\.\*\.native`: it was not built/);
    // Every line of the table has as many cells.
    const cells = text.split('\n').flatMap((line) => (line.startsWith('|') ? [line.split('|').length] : []));
    assert.equal(new Set(cells).size, 1);
  });
});

describe('bench: memory', () => {
  it('counts what is resident of the mapped files, and no other mapping', () => {
    const smaps = [
      '7f0000000000-7f0000100000 r--s 00000000 fe:00 12 /cache/tables/a.table',
      'Size:               1024 kB',
      'Rss:                 512 kB',
      'Pss:                 512 kB',
      '7f0000200000-7f0000300000 rw-p 00000000 00:00 0 ',
      'Rss:                 100 kB',
      '7f0000400000-7f0000500000 r--s 00000000 fe:00 13 /keys/proving-key.zkey',
      'Rss:                   8 kB',
      '7f0000600000-7f0000700000 r--s 00000000 fe:00 14 /keys/proving-key.zkey.old',
      'Rss:                  16 kB',
      '',
    ].join('\n');
    assert.equal(mappedOf(smaps, ['/keys/proving-key.zkey', '/cache/tables']), 520 * 1024);
    assert.equal(mappedOf(smaps, []), 0);
  });
});

describe('bench: event loop', () => {
  it('weighs a block by its length', () => {
    assert.equal(waitQuantile([], 1000, 0.99), 0);
    // 100 ms in 1000: somebody who comes in it waits 0 to 100, so 1 % of all wait longer than 90.
    assert.ok(Math.abs(waitQuantile([100], 1000, 0.99) - 90) < 1e-6);
    // The same time in a hundred blocks: nobody waits longer than 1, and 1 % of all longer than 0.9.
    const blocks = Array.from({ length: 100 }, () => 1);
    assert.ok(Math.abs(waitQuantile(blocks, 1000, 0.99) - 0.9) < 1e-6);
    assert.equal(waitQuantile([5], 1000, 0.99), 0);
  });

  it('sees a block', async () => {
    const watch = watchLoop();
    await sleep(20);
    const end = performance.now() + 60;
    while (performance.now() < end);
    await sleep(5);
    const delay = watch.stop();
    assert.ok(delay.max >= 55, String(delay.max));
    assert.ok(delay.ownMax > 0 && delay.ownMax <= delay.max + 2, String(delay.ownMax));
    assert.ok(delay.randomP99 > 0 && delay.randomP99 <= delay.max);
    assert.ok(delay.p99 >= 0 && delay.seconds >= 0.08);
  });
});
