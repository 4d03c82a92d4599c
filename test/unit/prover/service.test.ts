import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '../../../src/base/clock.ts';
import {
  type JobEvent,
  type JobState,
  ProverError,
  ProverErrorCode,
  type ProverService,
  type ProverServiceInit,
  QueuedProverService,
} from '../../../src/prover/index.ts';
import { FakeProver, PROOF } from './fake-prover.ts';

const request = { circuit: 'power', inputs: { a: '424242' } };

let prover: FakeProver;
let clock: ManualClock;
const service = (init: ProverServiceInit = {}): ProverService =>
  new QueuedProverService(init, { prover, circuits: ['power'], clock });

beforeEach(() => {
  prover = new FakeProver();
  clock = new ManualClock(1_000_000);
});

async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function reaches(jobs: ProverService, id: string, state: JobState): Promise<void> {
  for (let i = 0; i < 1000 && jobs.get(id)?.state !== state; i++) await turn();
  assert.equal(jobs.get(id)?.state, state);
}

describe('a job', () => {
  it('goes from queued through running to succeeded, with the proof', async () => {
    const jobs = service();
    const job = jobs.submit(request);
    assert.match(job.id, /^[0-9a-f]{32}$/);
    assert.equal(job.state, 'queued');
    assert.equal(job.createdAtMs, 1_000_000);
    await reaches(jobs, job.id, 'running');
    clock.advance(250);
    prover.finish();
    assert.deepEqual(await jobs.wait(job.id), PROOF);
    const ended = jobs.get(job.id);
    assert.deepEqual(
      { state: ended?.state, result: ended?.result, failure: ended?.failure, fraction: ended?.fraction },
      { state: 'succeeded', result: PROOF, failure: null, fraction: 1 },
    );
    assert.equal(ended?.finishedAtMs, 1_000_250);
  });

  it('fails with the code of what failed, and with nothing of an error that is not ours', async () => {
    const jobs = service();
    const first = jobs.submit(request);
    await reaches(jobs, first.id, 'running');
    prover.finish(new ProverError(ProverErrorCode.Unsatisfied, 'the inputs do not satisfy A', { where: 'A line 3' }));
    await assert.rejects(jobs.wait(first.id), { code: 'PROVER_UNSATISFIED', where: 'A line 3' });
    const second = jobs.submit(request);
    await reaches(jobs, second.id, 'running');
    prover.finish(new TypeError('cannot read 424242 of a'));
    await assert.rejects(jobs.wait(second.id), (error: ProverError) => {
      assert.equal(error.code, 'PROVER_CRASHED');
      return !error.message.includes('424242');
    });
    assert.equal(JSON.stringify(jobs.list()).includes('424242'), false);
  });

  it('runs after those before it, one at a time', async () => {
    const jobs = service();
    const ids = [1, 2, 3].map(() => jobs.submit(request).id);
    await reaches(jobs, ids[0] ?? '', 'running');
    assert.equal(prover.calls.length, 1);
    assert.deepEqual(
      ids.map((id) => jobs.get(id)?.position),
      [0, 1, 2],
    );
    assert.deepEqual(jobs.stats(), { queued: 2, running: 1, finished: 0, capacity: 16 });
    prover.finish();
    await reaches(jobs, ids[1] ?? '', 'running');
    assert.equal(prover.calls.length, 2);
    assert.deepEqual(
      jobs.list().map(({ id }) => id),
      ids.toReversed(),
    );
  });

  it('is refused where the circuit or the inputs are no good, before it is queued', () => {
    const jobs = service();
    const code = (expected: string) => ({ code: expected });
    assert.throws(() => jobs.submit({ ...request, circuit: 'other' }), code('PROVER_UNKNOWN_CIRCUIT'));
    for (const a of ['0x1', '-1', '01', ' 1', '', '1e3', null, 5, { a: '1' }, [['1', ['x']]]]) {
      assert.throws(() => jobs.submit({ circuit: 'power', inputs: { a } as never }), code('PROVER_INPUT_INVALID'));
    }
    assert.equal(jobs.list().length, 0);
  });
});

describe('a full queue', () => {
  it('refuses with a time to come back, and takes work again later', async () => {
    const jobs = service({ maxQueued: 2 });
    const running = jobs.submit(request);
    await reaches(jobs, running.id, 'running');
    const waiting = [jobs.submit(request), jobs.submit(request)];
    assert.equal(jobs.canAcceptWork(), false);
    assert.throws(
      () => jobs.submit(request),
      (error: ProverError) => error.code === 'PROVER_QUEUE_FULL' && (error.retryAfterMs ?? 0) > 0,
    );
    jobs.cancel(waiting[1]?.id ?? '');
    assert.equal(jobs.canAcceptWork(), true);
    jobs.submit(request);
    assert.equal(jobs.stats().queued, 2);
  });
});

describe('cancelling', () => {
  it('a queued job keeps it from ever running', async () => {
    const jobs = service();
    const first = jobs.submit(request);
    const second = jobs.submit(request);
    await reaches(jobs, first.id, 'running');
    assert.equal(jobs.cancel(second.id)?.state, 'cancelled');
    prover.finish();
    await jobs.wait(first.id);
    await turn();
    assert.equal(prover.calls.length, 1);
    await assert.rejects(jobs.wait(second.id), { code: 'PROVER_CANCELLED' });
  });

  it('a running job aborts the proof and lets the next one run', async () => {
    const jobs = service();
    const first = jobs.submit(request);
    const second = jobs.submit(request);
    await reaches(jobs, first.id, 'running');
    assert.equal(jobs.cancel(first.id)?.state, 'cancelled');
    assert.equal(prover.aborted, 1);
    await reaches(jobs, second.id, 'running');
    prover.finish();
    assert.deepEqual(await jobs.wait(second.id), PROOF);
  });

  it('a finished or unknown job changes nothing', async () => {
    const jobs = service();
    const job = jobs.submit(request);
    await reaches(jobs, job.id, 'running');
    prover.finish();
    await jobs.wait(job.id);
    assert.equal(jobs.cancel(job.id)?.state, 'succeeded');
    assert.equal(jobs.cancel('00'), undefined);
  });
});

describe('a timeout', () => {
  it('expires a running job and aborts its proof', async () => {
    const jobs = service();
    const job = jobs.submit(request, { timeoutMs: 5 });
    await assert.rejects(jobs.wait(job.id), { code: 'PROVER_TIMEOUT' });
    assert.equal(jobs.get(job.id)?.state, 'expired');
    assert.equal(prover.aborted, prover.calls.length);
  });

  it('expires a waiting job, and no job may ask for more than the service allows', async () => {
    const jobs = service({ timeoutMs: 20 });
    const first = jobs.submit(request, { timeoutMs: 1_000_000 });
    const second = jobs.submit(request, { timeoutMs: 1 });
    await assert.rejects(jobs.wait(second.id), { code: 'PROVER_TIMEOUT' });
    await assert.rejects(jobs.wait(first.id), { code: 'PROVER_TIMEOUT' });
    assert.equal(jobs.stats().queued, 0);
  });
});

describe('events', () => {
  it('are numbered from 1 without a gap, end with the job, and can be resumed after any of them', async () => {
    const jobs = service();
    const job = jobs.submit(request);
    const live = collect(jobs.events(job.id));
    await reaches(jobs, job.id, 'running');
    const progress = prover.calls[0]?.options.onProgress;
    progress?.('loading', 0);
    progress?.('witness', 0.1);
    progress?.('multiexp', 0.5);
    progress?.('multiexp', 0.501);
    progress?.('multiexp', 0.3);
    await turn();
    prover.finish();
    const all = await live;
    assert.deepEqual(
      all.map(({ id }) => id),
      all.map((_, index) => index + 1),
    );
    assert.deepEqual(
      all.map(({ type, state, stage, fraction }) => [type, state, stage, fraction]),
      [
        ['state', 'queued', null, 0],
        ['state', 'running', null, 0],
        ['progress', 'running', 'loading', 0],
        ['progress', 'running', 'witness', 0.1],
        ['progress', 'running', 'multiexp', 0.5],
        ['state', 'succeeded', 'multiexp', 1],
      ],
    );
    for (const after of all.map(({ id }) => id)) {
      assert.deepEqual(await collect(jobs.events(job.id, after)), all.slice(after));
    }
    assert.deepEqual(await collect(jobs.events(job.id, 99)), []);
  });

  it('say why a job failed', async () => {
    const jobs = service();
    const job = jobs.submit(request);
    jobs.cancel(job.id);
    assert.equal((await collect(jobs.events(job.id))).at(-1)?.failure?.code, 'PROVER_CANCELLED');
  });

  it('stop when the listener goes, and leave the job alone', async () => {
    const jobs = service();
    const job = jobs.submit(request);
    const listener = new AbortController();
    const seen = collect(jobs.events(job.id, 0, listener.signal));
    await reaches(jobs, job.id, 'running');
    listener.abort();
    assert.equal((await seen).length, 2);
    assert.equal(jobs.get(job.id)?.state, 'running');
    const waiting = jobs.wait(job.id, listener.signal);
    await assert.rejects(waiting, { code: 'PROVER_CANCELLED' });
    prover.finish();
    assert.deepEqual(await jobs.wait(job.id), PROOF);
  });

  it('of an unknown job are refused', () => {
    assert.throws(() => service().events('00'), { code: 'PROVER_UNKNOWN_JOB' });
  });
});

describe('finished jobs', () => {
  const finishOne = async (jobs: ProverService) => {
    const { id } = jobs.submit(request);
    await reaches(jobs, id, 'running');
    prover.finish();
    await jobs.wait(id);
    await turn();
    return id;
  };
  it('are kept up to a number', async () => {
    const jobs = service({ maxFinished: 2 });
    const ids = [await finishOne(jobs), await finishOne(jobs), await finishOne(jobs)];
    assert.deepEqual(
      ids.map((id) => jobs.get(id)?.state),
      [undefined, 'succeeded', 'succeeded'],
    );
  });
  it('are kept for a time', async () => {
    const jobs = service({ retentionMs: 1000 });
    const id = await finishOne(jobs);
    clock.advance(1000);
    assert.equal(jobs.get(id)?.state, 'succeeded');
    clock.advance(1);
    assert.equal(jobs.get(id), undefined);
    assert.deepEqual(jobs.list(), []);
  });
});

describe('closing', () => {
  it('takes no more work, cancels what waits, ends what runs, and closes the prover', async () => {
    const jobs = service();
    const first = jobs.submit(request);
    const second = jobs.submit(request);
    await reaches(jobs, first.id, 'running');
    await jobs.close();
    assert.throws(() => jobs.submit(request), { code: 'PROVER_CLOSED' });
    for (const { id } of [first, second]) await assert.rejects(jobs.wait(id), { code: 'PROVER_CLOSED' });
    assert.equal(prover.closed, 1);
  });
  it('lets the running job finish when there is time', async () => {
    const jobs = service();
    const job = jobs.submit(request);
    await reaches(jobs, job.id, 'running');
    const closing = jobs.close(10_000);
    prover.finish();
    await closing;
    assert.equal(jobs.get(job.id)?.state, 'succeeded');
  });
});
