/** What is the addon's own: its threads, its errors, and what becomes of it when a process or a thread ends. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { readProofPoints } from '../../../src/claims/proof-codec.ts';
import { G1_GENERATOR } from '../../../src/crypto/bn254.ts';
import { Outcome, type PairingJob } from '../../../src/verifier/engine.ts';
import { createVerifierPool, isDecided, VerdictCode } from '../../../src/verifier/index.ts';
import { packJobs, packKey } from '../../../src/verifier/native-codec.ts';
import { createNativeVerifier, NativeEngine } from '../../../src/verifier/native-engine.ts';
import { NativeLane } from '../../../src/verifier/native-lane.ts';
import { parseVerifyingKey } from '../../../src/verifier/verifying-key.ts';
import { nativeAddon } from './engines.ts';
import { at, offSubgroup, productKey, products, readVector } from './vectors.ts';

const key = parseVerifyingKey(readVector('product-key'));
const job = (index: number): PairingJob => {
  const { proof, publicSignals } = at(products, index);
  return { points: readProofPoints(proof), signals: publicSignals.map(BigInt), key: 0 };
};
const jobs = (count: number) => Array.from({ length: count }, (_, i) => job(i));
const index = new URL('../../../src/verifier/index.ts', import.meta.url).href;
/** A program that starts a pool, judges as many proofs as it is told, and does `rest`. */
const program = (count: number, rest: string) => `
  import { createVerifierPool } from ${JSON.stringify(index)};
  const { key, request } = JSON.parse(${JSON.stringify(
    JSON.stringify({ key: Buffer.from(productKey).toString('utf8'), request: at(products, 0) }),
  )});
  const pool = createVerifierPool({ keys: [Buffer.from(key)], engine: 'native' });
  const verdicts = pool.verifyBatch(Array.from({ length: ${count} }, () => request));
  ${rest}`;
const run = (script: string) =>
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 60_000 }).trim();

/** Threads of this process that verify; undefined where the system does not tell. */
function verifying(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const names = readdirSync('/proc/self/task').map((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
    } catch {
      return '';
    }
  });
  return names.filter((name) => 'zkbazaar-verify'.startsWith(name) && name !== '').length;
}

if (nativeAddon !== undefined) {
  const addon = nativeAddon;
  const verifier = createNativeVerifier(addon, [key]);

  describe('native verifier', () => {
    it('refuses keys that src/verifier would not have let through', () => {
      const good = packKey(key);
      const outside = packKey({ ...key, delta: offSubgroup() });
      for (const bad of [new Uint8Array(), good.subarray(1), new Uint8Array(good.length), outside]) {
        assert.throws(() => addon.createVerifier([good, bad]), /^Error: NATIVE_BAD_KEY: /);
      }
    });

    it('refuses packed jobs that are cut off', async () => {
      const packed = packJobs(jobs(2));
      await assert.rejects(verifier.run(packed.subarray(0, -1), true, 1), /^Error: NATIVE_BAD_JOBS: /);
      assert.throws(() => verifier.runSync(packed.subarray(0, -1), true), /^Error: NATIVE_BAD_JOBS: /);
    });

    it('has no outcome of ours for a point off its curve, so that the verdict is INTERNAL', async () => {
      const engine = new NativeEngine(addon, [key]);
      const off = { ...job(0), points: { ...job(0).points, a: { x: G1_GENERATOR.x, y: 3n } } };
      const [outcome, other] = engine.run([off, job(1)]);
      assert.ok(!Object.values(Outcome).includes(outcome as Outcome));
      assert.equal(other, Outcome.Passed);
    });

    it('gives the same on any number of threads', async () => {
      const bad = { ...job(7), signals: job(8).signals };
      const packed = packJobs([...jobs(7), bad, ...jobs(20)]);
      const expected = verifier.runSync(packed, true);
      assert.deepEqual(
        [...expected],
        [...jobs(28).keys()].map((i) => (i === 7 ? Outcome.Failed : Outcome.Passed)),
      );
      for (const threads of [0, 1, 2, 3, 64, 1000]) {
        assert.deepEqual(await verifier.run(packed, true, threads), expected);
      }
    });

    it('reads the jobs before the call returns', async () => {
      const packed = packJobs(jobs(30));
      const outcomes = verifier.run(packed, true, 1);
      packed.fill(0xff);
      assert.ok((await outcomes).every((outcome) => outcome === Outcome.Passed));
    });

    it('cancels what is under way, in this fork alone', async () => {
      const other = verifier.fork();
      const packed = packJobs(jobs(200));
      const [mine, theirs] = [verifier.run(packed, true, 1), other.run(packed, true, 1)];
      verifier.cancel();
      await assert.rejects(mine, /^Error: NATIVE_CANCELLED: /);
      assert.ok((await theirs).every((outcome) => outcome === Outcome.Passed));
      assert.equal((await verifier.run(packJobs(jobs(1)), true, 1))[0], Outcome.Passed);
    });

    it('answers INTERNAL for a batch that takes too long, and goes on', async () => {
      const lane = new NativeLane(verifier.fork(), 1);
      assert.equal(await lane.run(jobs(2000), true), undefined);
      assert.equal(lane.busy, false);
      const pool = createVerifierPool({ keys: [productKey], engine: 'native', workers: 1, timeoutMs: 1 });
      const verdicts = await pool.verifyBatch(Array.from({ length: 640 }, () => at(products, 0)));
      assert.ok(verdicts.some((verdict) => verdict.code === VerdictCode.Internal && !isDecided(verdict)));
      assert.ok(verdicts.every(({ code }) => code === VerdictCode.Internal || code === VerdictCode.Valid));
      await pool.close();
    });

    it('takes an answer that came while this thread was held up for longer than the time limit', async () => {
      const lane = new NativeLane(verifier.fork(), 100);
      const outcomes = lane.run(jobs(1), true);
      for (const until = performance.now() + 1500; performance.now() < until; );
      assert.deepEqual(await outcomes, [Outcome.Passed]);
    });

    it('leaves no thread behind', async () => {
      await Promise.all([verifier.run(packJobs(jobs(40)), true, 3), verifier.run(packJobs(jobs(40)), true, 2)]);
      const pool = createVerifierPool({ keys: [productKey], engine: 'native', workers: 2 });
      await pool.verifyBatch(products);
      await pool.close();
      // A thread has settled its promise a moment before it is gone.
      for (let i = 0; i < 500 && (verifying() ?? 0) > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(verifying() ?? 0, 0);
    });

    it('does not keep the process alive once all is answered, though it is not closed', () => {
      assert.equal(run(program(3, 'console.log((await verdicts).length);')), '3');
    });

    it('keeps the process alive until all is answered', () => {
      assert.equal(run(program(50, 'verdicts.then(({ length }) => console.log(length));')), '50');
    });

    it('lets the process exit while it works', () => {
      assert.equal(run(program(600, "setTimeout(() => { console.log('gone'); process.exit(0); }, 5);")), 'gone');
    });

    it('lets a worker thread be terminated while it works', async () => {
      for (let i = 0; i < 3; i++) {
        const script = program(600, "(await import('node:worker_threads')).parentPort.postMessage('works');");
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { execArgv: [] });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
      }
      assert.equal((await verifier.run(packJobs(jobs(1)), true, 1))[0], Outcome.Passed);
    });
  });
}
