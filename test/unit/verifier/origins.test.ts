/** A bad proof costs its sender time, and nobody else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createVerifierPool,
  VerdictCode,
  type VerifierPoolInit,
  type VerifyRequest,
} from '../../../src/verifier/index.ts';
import { isSearchedAtOnce, Suspects, Suspicion, type Waiting } from '../../../src/verifier/suspects.ts';
import { ENGINES } from './engines.ts';
import { release } from './release.ts';
import { at, productKey, products, squareKey, squares } from './vectors.ts';

const workerModule = new URL('./odd-worker.ts', import.meta.url);
const WAIT = '3';
const BAD = '6';
const PLAIN = '7';
const request = (signal: string, origin?: string): VerifyRequest => ({
  ...at(squares, 0),
  publicSignals: [signal],
  origin,
});
const odd = (init: Omit<VerifierPoolInit, 'keys'> = {}) =>
  createVerifierPool({ keys: [squareKey], workerModule, workers: 1, ...init });
const ALONE = VerdictCode.Valid;
const GATHERED = VerdictCode.PointNotInSubgroup;
const code = async (verdict: Promise<{ code: VerdictCode }>) => (await verdict).code;

for (const engine of ENGINES) {
  describe(`origins, ${engine}`, () => {
    it('answers everybody else before the bad proofs of one are searched', async () => {
      const pool = createVerifierPool({ keys: [productKey, squareKey], engine, workers: 1 });
      const origins = ['a', 'bad', undefined, 'c', 'bad', 'worse'];
      const isBad = (i: number) => i === 7 || i === 11 || i === 17;
      const requests = Array.from({ length: 40 }, (_, i) => {
        const origin = origins[i % origins.length];
        const from = i % 4 === 0 ? squares : products;
        return { ...at(from, i), origin, publicSignals: at(from, isBad(i) ? i + 1 : i).publicSignals };
      });
      const order: number[] = [];
      const verdicts = await pool.verifyBatch(requests, (index) => order.push(index));
      assert.deepEqual(
        verdicts.map((verdict) => verdict.code),
        requests.map((_, i) => (isBad(i) ? VerdictCode.InvalidProof : VerdictCode.Valid)),
      );
      assert.deepEqual(
        [...order].sort((one, other) => one - other),
        [...requests.keys()],
      );
      const suspects = order.map((i) => requests[i]?.origin === 'bad' || requests[i]?.origin === 'worse');
      assert.equal(suspects.lastIndexOf(false), suspects.filter((suspect) => !suspect).length - 1);
      await pool.close();
    });

    it('finds the bad proofs of one origin, many or all', async () => {
      const pool = createVerifierPool({ keys: [productKey], engine, workers: 2 });
      for (const every of [1, 3, 50]) {
        const requests = Array.from({ length: 64 }, (_, i) => ({
          ...at(products, i),
          origin: 'one',
          publicSignals: at(products, i % every === 0 ? i + 1 : i).publicSignals,
        }));
        const verdicts = await pool.verifyBatch(requests);
        assert.deepEqual(
          verdicts.map((verdict) => verdict.code),
          requests.map((_, i) => (i % every === 0 ? VerdictCode.InvalidProof : VerdictCode.Valid)),
        );
      }
      await pool.close();
    });
  });
}

describe('origins', () => {
  it('keeps who sent a bad proof apart from then on', async () => {
    const pool = odd({ batchDelayMs: 60_000 });
    const together = async (...from: (string | undefined)[]) =>
      (await Promise.all(from.map((origin) => pool.verify(request(PLAIN, origin))))).map((verdict) => verdict.code);
    assert.deepEqual(await together('a', 'b'), [GATHERED, GATHERED]);
    assert.equal(await code(pool.verify(request(BAD, 'b'))), VerdictCode.InvalidProof);
    assert.deepEqual(await together('a', 'b'), [ALONE, ALONE]);
    assert.deepEqual(await together('a', undefined, 'b'), [GATHERED, GATHERED, ALONE]);
    assert.equal(await code(pool.verify(request(BAD))), VerdictCode.InvalidProof);
    assert.deepEqual(await together('a', undefined), [GATHERED, GATHERED]);
    await pool.close();
  });

  it('gives suspects a quarter of the queue, and others all the rest', async () => {
    const pool = odd({ maxQueueItems: 16 });
    await pool.verify(request(BAD, 'b'));
    const hanging = [pool.verify(request(WAIT, 'a'))];
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    for (let i = 0; i < 4; i++) hanging.push(pool.verify(request(PLAIN, 'b')));
    assert.equal(await code(pool.verify(request(PLAIN, 'b'))), VerdictCode.Busy);
    assert.equal(pool.canAcceptWork(), true);
    hanging.push(pool.verify(request(PLAIN, 'a')));
    const verdicts = await release(Promise.all(hanging));
    assert.deepEqual(
      verdicts.map((verdict) => verdict.code),
      [ALONE, GATHERED, GATHERED, GATHERED, GATHERED, ALONE],
    );
    await pool.close();
  });

  it('searches with one thread, so that another is left for the rest', async () => {
    const pool = odd({ workers: 2 });
    await Promise.all([pool.verify(request(BAD, 'b')), pool.verify(request(BAD, 'c'))]);
    const hanging = pool.verify(request(WAIT, 'b'));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const next = pool.verify(request(PLAIN, 'c'));
    for (let i = 0; i < 3; i++) assert.equal(await code(pool.verify(request(PLAIN, 'a'))), ALONE);
    assert.equal(await Promise.race([hanging, next, 'both wait']), 'both wait');
    assert.deepEqual(
      (await release(Promise.all([hanging, next]))).map((verdict) => verdict.code),
      [ALONE, ALONE],
    );
    await pool.close();
  });

  it('answers suspects, too, before it closes', async () => {
    const pool = odd();
    await pool.verify(request(BAD, 'b'));
    const waiting = Array.from({ length: 40 }, (_, i) => pool.verify(request(i % 20 === 0 ? BAD : PLAIN, 'b')));
    await pool.close();
    const bad = (await Promise.all(waiting)).flatMap((verdict, i) =>
      verdict.code === VerdictCode.InvalidProof && i % 20 === 0 ? [i] : [],
    );
    assert.deepEqual(bad, [0, 20]);
  });

  it('refuses an origin that is no text', async () => {
    const pool = odd();
    const wrong = { ...request(PLAIN), origin: 7 } as unknown as VerifyRequest;
    assert.equal(await code(pool.verify(wrong)), VerdictCode.BadShape);
    await pool.close();
  });
});

const waiting = (origin: string | undefined): Waiting => ({
  request: { origin } as Waiting['request'],
  origin,
  bytes: 10,
  answer: () => {},
});

describe('suspects', () => {
  it('are taken in turn, some of one origin at a time', () => {
    const suspects = new Suspects(() => 0);
    for (let i = 0; i < 40; i++) suspects.add(waiting('flood'));
    suspects.add(waiting('other'));
    suspects.add(waiting(undefined));
    assert.deepEqual([suspects.items, suspects.bytes], [42, 420]);
    const taken: [string | undefined, number][] = [];
    for (let batch = suspects.take(); batch.length > 0; batch = suspects.take()) {
      assert.ok(isSearchedAtOnce(batch));
      taken.push([batch[0]?.origin, batch.length]);
    }
    assert.deepEqual(taken, [
      ['flood', 16],
      ['other', 1],
      [undefined, 1],
      ['flood', 16],
      ['flood', 8],
    ]);
    assert.deepEqual([suspects.items, suspects.bytes], [0, 0]);
  });

  it('are overdue when none was taken for a quarter of a second', () => {
    let now = 1000;
    const suspects = new Suspects(() => now);
    assert.equal(suspects.overdue, false);
    now += 10_000;
    suspects.add(waiting('a'));
    assert.equal(suspects.overdue, false);
    now += 251;
    suspects.add(waiting('a'));
    assert.equal(suspects.overdue, true);
    suspects.take();
    assert.equal(suspects.overdue, false);
  });

  it('are searched at once only where nobody else waits and they are few', () => {
    assert.equal(isSearchedAtOnce([waiting('a'), waiting('a')]), true);
    assert.equal(isSearchedAtOnce([waiting('a'), waiting(undefined)]), false);
    assert.equal(isSearchedAtOnce(Array.from({ length: 17 }, () => waiting('a'))), false);
  });
});

describe('suspicion', () => {
  it('holds for a minute, and for the last thousand origins', () => {
    let now = 0;
    const suspicion = new Suspicion(() => now);
    suspicion.raise(undefined);
    suspicion.raise('a');
    assert.deepEqual([suspicion.holds('a'), suspicion.holds('b'), suspicion.holds(undefined)], [true, false, false]);
    now = 59_000;
    assert.equal(suspicion.holds('a'), true);
    suspicion.raise('a');
    now = 61_000;
    assert.equal(suspicion.holds('a'), true);
    for (let i = 0; i < 1023; i++) suspicion.raise(`peer ${i}`);
    assert.equal(suspicion.holds('a'), true);
    suspicion.raise('one more');
    assert.equal(suspicion.holds('a'), false);
    now = 200_000;
    assert.equal(suspicion.holds('one more'), false);
  });
});
