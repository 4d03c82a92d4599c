import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createVerifierPool,
  isDecided,
  VerdictCode,
  type VerifierPoolInit,
  type VerifyRequest,
} from '../../../src/verifier/index.ts';
import { release } from './release.ts';
import { at, productKey, products, squareKey, squares } from './vectors.ts';

const workerModule = new URL('./odd-worker.ts', import.meta.url);
const DIE = '1';
const THROW = '2';
const WAIT = '3';
const NONSENSE = '4';
const FAIL = '5';
const PLAIN = '7';

const request = (signal: string): VerifyRequest => ({ ...at(squares, 0), publicSignals: [signal] });
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const odd = (init: Omit<VerifierPoolInit, 'keys'> = {}) =>
  createVerifierPool({ keys: [squareKey], workerModule, workers: 1, ...init });
/** The odd worker says which were alone in their batch. */
const ALONE = VerdictCode.Valid;
const GATHERED = VerdictCode.PointNotInSubgroup;

describe('verifier pool', () => {
  for (const [what, signal] of [
    ['dies', DIE],
    ['throws', THROW],
    ['answers nonsense', NONSENSE],
    ['fails', FAIL],
  ] as const) {
    it(`answers INTERNAL where a worker ${what}, never "invalid", and goes on`, async () => {
      const pool = odd();
      for (let round = 0; round < 2; round++) {
        const verdict = await pool.verify(request(signal));
        assert.equal(verdict.code, VerdictCode.Internal);
        assert.equal(isDecided(verdict), false);
        assert.equal((await pool.verify(request(PLAIN))).code, ALONE);
      }
      await pool.close();
    });
  }

  it('answers INTERNAL where a worker hangs, and goes on', async () => {
    // Time enough for a worker to start on a busy machine.
    const pool = odd({ timeoutMs: 3000 });
    assert.equal((await pool.verify(request(WAIT))).code, VerdictCode.Internal);
    assert.equal((await pool.verify(request(PLAIN))).code, ALONE);
    await pool.close();
  });

  it('answers INTERNAL where a worker cannot start', async () => {
    const pool = odd({ workerModule: new URL('./no-such-worker.ts', import.meta.url) });
    for (let i = 0; i < 3; i++) assert.equal((await pool.verify(request(PLAIN))).code, VerdictCode.Internal);
    await pool.close();
  });

  it('loses only the batch of the worker that died', async () => {
    const pool = odd({ workers: 2, batchItems: 2 });
    const [dead, alive] = [times(2, request(DIE)), times(2, request(PLAIN))];
    const verdicts = await Promise.all([...dead, ...alive].map((item) => pool.verify(item)));
    assert.deepEqual(
      verdicts.map(({ code }) => code),
      [...times(2, VerdictCode.Internal), ...times(2, GATHERED)],
    );
    await pool.close();
  });

  it('checks what arrives together together, without waiting for more', async () => {
    const pool = odd({ batchDelayMs: 60_000 });
    const verdicts = await Promise.all(times(5, request(PLAIN)).map((item) => pool.verify(item)));
    assert.ok(verdicts.every(({ code }) => code === GATHERED));
    assert.equal((await pool.verify(request(PLAIN))).code, ALONE);
    await pool.close();
  });

  it('sends a batch off as soon as it is full, and the rest when the worker is free', async () => {
    const pool = odd({ batchItems: 16, batchDelayMs: 60_000 });
    const verdicts = await Promise.all(times(17, request(PLAIN)).map((item) => pool.verify(item)));
    assert.deepEqual(
      verdicts.map(({ code }) => code),
      [...times(16, GATHERED), ALONE],
    );
    await pool.close();
  });

  it('sends a batch off after its time, though other workers are busy', async () => {
    const pool = odd({ workers: 2, batchDelayMs: 10 });
    const hanging = pool.verify(request(WAIT));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const verdicts = await Promise.all(times(3, request(PLAIN)).map((item) => pool.verify(item)));
    assert.ok(verdicts.every(({ code }) => code === GATHERED));
    assert.equal(await Promise.race([hanging, 'still hanging']), 'still hanging');
    assert.equal((await release(hanging)).code, ALONE);
    await pool.close();
  });

  it('refuses more items than its limit, and says so beforehand', async () => {
    const pool = odd({ maxQueueItems: 4 });
    const waiting: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      assert.equal(pool.canAcceptWork(), true);
      waiting.push(pool.verify(request(WAIT)));
    }
    assert.equal(pool.canAcceptWork(), false);
    const verdict = await pool.verify(request(PLAIN));
    assert.equal(verdict.code, VerdictCode.Busy);
    assert.equal(isDecided(verdict), false);
    assert.equal((await pool.verify({ ...request(PLAIN), publicSignals: ['x'] })).code, VerdictCode.SignalNotCanonical);
    await release(Promise.all(waiting));
    assert.equal(pool.canAcceptWork(), true);
    assert.equal((await pool.verify(request(PLAIN))).code, ALONE);
    await pool.close();
  });

  it('refuses more bytes than its limit, counted with the largest of its keys', async () => {
    // 256 + 4 * 32 bytes for a product, 256 + 32 for a square.
    const pool = odd({ keys: [squareKey, productKey], maxQueueBytes: 800 } as VerifierPoolInit);
    const waiting = [pool.verify(request(WAIT))];
    assert.equal(pool.canAcceptWork(), true);
    waiting.push(pool.verify(at(products, 0)));
    assert.equal(pool.canAcceptWork(), false);
    assert.equal((await pool.verify(at(products, 1))).code, VerdictCode.Busy);
    await release(Promise.all(waiting));
    assert.equal(pool.canAcceptWork(), true);
    await pool.close();
  });

  it('takes of a batch what fits, in order, and answers BUSY for the rest', async () => {
    const pool = odd({ maxQueueItems: 3 });
    const verdicts = await pool.verifyBatch(times(5, request(PLAIN)));
    assert.deepEqual(
      verdicts.map(({ code }) => code),
      [...times(3, GATHERED), ...times(2, VerdictCode.Busy)],
    );
    await pool.close();
  });

  it('answers all that it has accepted before it closes', async () => {
    const pool = createVerifierPool({ keys: [productKey], workers: 1 });
    const waiting = [...products, ...products].map((item) => pool.verify(item));
    await pool.close();
    assert.ok((await Promise.all(waiting)).every(({ valid }) => valid));
  });

  it('closes though a worker dies at it', async () => {
    const pool = odd();
    const waiting = pool.verify(request(DIE));
    await pool.close();
    assert.equal((await waiting).code, VerdictCode.Internal);
  });

  it('refuses limits that make no sense', () => {
    for (const init of [{ workers: 0 }, { maxQueueItems: -1 }, { batchItems: 1.5 }, { timeoutMs: Number.NaN }]) {
      assert.throws(() => odd(init), { code: 'VERIFIER_BAD_OPTION' });
    }
  });

  it('does not keep the process alive once all is answered', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { createVerifierPool } from ${JSON.stringify(new URL('../../../src/verifier/index.ts', import.meta.url).href)};
      const [key, worker, request] = process.argv.slice(1);
      const pool = createVerifierPool({ keys: [readFileSync(key)], workerModule: new URL(worker) });
      console.log((await pool.verify(JSON.parse(request))).code);`;
    const key = fileURLToPath(new URL('../../vectors/verifier/square-key.json', import.meta.url));
    const args = ['--input-type=module', '-e', script, key, workerModule.href, JSON.stringify(request(PLAIN))];
    const out = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(out.trim(), ALONE);
  });
});
