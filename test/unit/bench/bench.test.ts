/** The benchmarks' own parts, and one row made for real; no figure is judged. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { closeCurve } from '../../../src/artifacts/index.ts';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { createVerifier } from '../../../src/verifier/index.ts';
import { parseBenchArgs, SECTIONS, UsageError } from '../../bench/args.ts';
import { type Bench, openBench } from '../../bench/bench.ts';
import { listingRow } from '../../bench/gossip.ts';
import { headerWarnings, readHeader } from '../../bench/header.ts';
import { residentOf } from '../../bench/memory.ts';
import { type Report, toMarkdown } from '../../bench/report.ts';
import { rerandomise } from '../../bench/rerandomise.ts';
import { QUICK } from '../../bench/sizes.ts';
import { quantile, ratioOf, rounded, summarise } from '../../bench/stats.ts';
import { at, productKey, products } from '../verifier/vectors.ts';

describe('bench: arguments', () => {
  it('takes everything by default', () => {
    const options = parseBenchArgs(['core', '--json']);
    assert.ok(options.command === 'core');
    assert.deepEqual([options.json, options.quick, options.only], [true, false, SECTIONS]);
    assert.deepEqual(options.circuits, ['balance', 'credential', 'qualification']);
  });

  it('takes parts, in the order in which they run', () => {
    const options = parseBenchArgs(['core', '--only', 'gossip,prove', '--circuits', 'credential', '--quick']);
    assert.ok(options.command === 'core');
    assert.deepEqual([options.only, options.circuits, options.quick], [['prove', 'gossip'], ['credential'], true]);
  });

  it('refuses what it does not know', () => {
    for (const argv of [[], ['orders'], ['core', 'x'], ['core', '--fast'], ['core', '--only', 'prove,x'], ['show']]) {
      assert.throws(() => parseBenchArgs(argv), UsageError, argv.join(' '));
    }
  });
});

describe('bench: statistics', () => {
  it('gives median, least, most, and the nearest rank at 95 %', () => {
    assert.deepEqual(summarise([5, 1, 3]), { median: 3, min: 1, max: 5, n: 3 });
    assert.equal(summarise([4, 1, 2, 3]).median, 2.5);
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.equal(summarise(hundred, { p95: true }).p95, 95);
    assert.equal(summarise([7], { p95: true }).p95, 7);
    assert.throws(() => quantile([], 0.5), RangeError);
    assert.equal(rounded(1234.567), 1235);
  });

  it('divides pair by pair', () => {
    assert.deepEqual(ratioOf('x', [20, 30, 80], [10, 10, 20]), { against: 'x', median: 3, min: 2, max: 4, n: 3 });
    assert.throws(() => ratioOf('x', [1], [1, 2]), RangeError);
  });

  it('reads the memory of a node from its metrics', () => {
    assert.equal(residentOf('# HELP x\nzkbazaar_resident_bytes 104857600\nother 1\n'), 100);
    assert.equal(residentOf('other 1\n'), undefined);
  });
});

describe('bench: proofs', () => {
  after(closeCurve);

  it('re-randomises a proof: every point is another, and it still verifies', async () => {
    const { proof, ...request } = at(products, 0);
    const key = JSON.parse(Buffer.from(productKey).toString('utf8'));
    const other = await rerandomise(proof, key);
    for (const part of ['pi_a', 'pi_b', 'pi_c'] as const) assert.notDeepEqual(other[part], proof[part]);
    const verifier = await createVerifier({ keys: [productKey] });
    assert.equal((await verifier.verify({ ...request, proof: other })).code, 'VERIFIER_VALID');
    await verifier.close();
  });
});

describe('bench: a run', () => {
  let bench: Bench;
  let report: Report;
  const steps: string[] = [];
  before(async () => {
    bench = await openBench({ ...QUICK, gossipListings: 3 }, ['credential'], (text) => steps.push(text));
    const header = await readHeader();
    report = { v: 1, suite: 'core', quick: true, header, warnings: [], rows: bench.rows, failures: [], seconds: 1 };
  });
  after(() => bench.close());

  it('makes a row from messages that were all accepted', async () => {
    await listingRow(bench);
    const [row] = bench.rows;
    assert.deepEqual([row?.id, row?.unit, row?.n], ['gossip.listings', 'msg/s', QUICK.gossipRounds]);
    assert.ok((row?.min ?? 0) > 0 && (row?.max ?? 0) >= (row?.median ?? 0));
    assert.ok(steps.length >= 2);
  });

  it('makes claims that differ in everything but their holder', () => {
    const [one, two] = [bench.world.prepare('balance').claim, bench.world.prepare('balance').claim];
    assert.equal(one.circuit, 'balance');
    assert.notDeepEqual(one.expected, two.expected);
    assert.notDeepEqual(one.inputs, two.inputs);
  });

  it('says on what it ran, and warns of a busy machine', () => {
    const { header } = report;
    assert.deepEqual(Object.keys(header.packages).slice(0, 3), ['snarkjs', 'mcl-wasm', 'circom2']);
    assert.ok(header.cores > 0 && header.memoryGiB > 0 && header.loadAtStart.length === 3);
    const idle = { ...header, dirty: false, cores: 2, loadAtStart: [0.1, 3, 3] };
    assert.deepEqual(headerWarnings(idle), []);
    assert.match(headerWarnings({ ...idle, loadAtStart: [2, 0, 0] })[0] ?? '', /not idle/);
  });

  it('prints the same table from a file as from a run; says how to use it otherwise', async () => {
    const run = promisify(execFile);
    const script = join(PACKAGE_ROOT, 'test', 'bench', 'run.ts');
    const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-bench-test-'));
    try {
      const file = join(dir, 'results.json');
      await writeFile(file, JSON.stringify(report));
      const { stdout } = await run(process.execPath, [script, 'show', file]);
      assert.equal(stdout, toMarkdown(report));
      assert.match(stdout, /\| `gossip\.listings` \|/);
      const failed = await run(process.execPath, [script, 'no-such-suite']).catch((error: unknown) => error);
      const { code, stderr } = failed as { code: number; stderr: string };
      assert.equal(code, 2);
      assert.match(stderr, /unknown suite: no-such-suite\nusage: /);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
