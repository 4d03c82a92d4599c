import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { newCounters } from '../../../src/overlay/counters.ts';
import { deadline, pause } from '../../../src/overlay/deadline.ts';
import { decodeAnswer, encodeAnswer, encodeRefusal } from '../../../src/overlay/frames.ts';
import { Gater } from '../../../src/overlay/gater.ts';
import type { MessageVerdict } from '../../../src/overlay/index.ts';
import { Intake } from '../../../src/overlay/intake.ts';
import { TokenBuckets } from '../../../src/overlay/token-bucket.ts';

const message = (from: string, bytes = 10) => ({ topic: '/t', data: new Uint8Array(bytes), from });

function intake(validate: () => Promise<MessageVerdict> | MessageVerdict, maxPending = 8) {
  const clock = new ManualClock(1_000_000);
  const counters = newCounters();
  const made = new Intake(
    { self: 'self', maxPending },
    { validator: { validate }, clock, counters, log: () => undefined },
  );
  return { clock, counters, made };
}

describe('token buckets', () => {
  test('give the burst, refill by time, and forget whoever is full again', () => {
    const clock = new ManualClock(0);
    const buckets = new TokenBuckets(clock, { burst: 3, perSecond: 2, maxKeys: 10 });
    assert.deepEqual(
      [1, 2, 3, 4].map(() => buckets.take('a')),
      [true, true, true, false],
    );
    assert.equal(buckets.take('b'), true);
    clock.advance(500);
    assert.deepEqual([buckets.take('a'), buckets.take('a')], [true, false]);
    clock.advance(-10_000);
    assert.equal(buckets.take('a'), false);
    clock.advance(60_000);
    assert.equal(buckets.take('a'), true);
  });

  test('keep no more keys than allowed, the longest unused goes first', () => {
    const buckets = new TokenBuckets(new ManualClock(0), { burst: 1, perSecond: 1, maxKeys: 2 });
    for (const key of ['a', 'b', 'c']) assert.equal(buckets.take(key), true);
    assert.equal(buckets.size, 2);
    assert.equal(buckets.take('c'), false);
    assert.equal(buckets.take('a'), true);
  });
});

describe('the intake', () => {
  test('lets one peer hold a quarter of the room, ourselves all of it, and counts back', async () => {
    const { promise, resolve } = Promise.withResolvers<MessageVerdict>();
    const { counters, made } = intake(() => promise);
    const held = [1, 2].map(() => made.validate(message('a')));
    assert.equal((await made.validate(message('a'))).code, 'OVERLAY_BUSY');
    held.push(made.validate(message('b')));
    held.push(...[1, 2, 3, 4, 5].map(() => made.validate(message('self'))));
    assert.equal((await made.validate(message('c'))).code, 'OVERLAY_BUSY');
    assert.equal(counters.pendingValidations, 8);
    resolve({ action: 'accept', code: 'OK' });
    await Promise.all(held);
    assert.equal(counters.pendingValidations, 0);
    assert.equal((await made.validate(message('a'))).action, 'accept');
    assert.deepEqual([counters.received, counters.accepted, counters.droppedBusy], [11, 9, 2]);
  });

  test('rejects what is too large without asking, ignores a throw, accepts nothing after close', async () => {
    let asked = 0;
    const { made } = intake(() => {
      asked += 1;
      throw new Error('a bug');
    });
    assert.deepEqual(await made.validate(message('a', 4_097)), { action: 'reject', code: 'OVERLAY_MESSAGE_TOO_LARGE' });
    assert.equal(asked, 0);
    assert.equal((await made.validate(message('a', 4_096))).action, 'ignore');
    const late = Promise.withResolvers<MessageVerdict>();
    const slow = intake(() => late.promise);
    const verdict = slow.made.validate(message('a'));
    slow.made.close();
    late.resolve({ action: 'accept', code: 'OK' });
    assert.equal((await verdict).action, 'ignore');
    assert.equal((await slow.made.validate(message('a'))).code, 'OVERLAY_NOT_RUNNING');
  });

  test('is deaf to a flood until it is quiet; rejects are not floods, nor are we', async () => {
    let action: 'ignore' | 'reject' = 'reject';
    const { clock, made } = intake(() => ({ action, code: 'TEST' }));
    for (let i = 0; i < 1_500; i++) await made.validate(message('a'));
    assert.equal(made.floods('a'), false);
    action = 'ignore';
    for (let i = 0; i < 1_500; i++) await made.validate(message('self'));
    assert.equal(made.floods('self'), false);
    for (let i = 0; i < 1_000; i++) await made.validate(message('a'));
    assert.equal(made.floods('a'), false);
    await made.validate(message('a'));
    assert.equal(made.floods('a'), true);
    assert.equal(made.floods('b'), false);
    clock.advance(9_999);
    assert.equal(made.floods('a'), true);
    clock.advance(1);
    assert.equal(made.floods('a'), false);
  });
});

describe('the gater', () => {
  test('bans end, the list is bounded, an empty allowlist lets everyone in', () => {
    const clock = new ManualClock(0);
    const gater = new Gater(clock, []);
    gater.ban('a', 'test', 1_000);
    assert.deepEqual([gater.refuses('a'), gater.refuses('b')], [true, false]);
    assert.deepEqual(gater.bans(), [{ peerId: 'a', reason: 'test', until: 1_000 }]);
    clock.advance(1_000);
    assert.deepEqual([gater.refuses('a'), gater.bans().length], [false, 0]);
    for (let i = 0; i < 2_000; i++) gater.ban(`p${i}`, 'test', 1_000);
    assert.equal(gater.bans().length, 1_024);
    assert.deepEqual([gater.refuses('p0'), gater.refuses('p1999')], [false, true]);
    assert.deepEqual(
      ['a', 'b'].map((peer) => new Gater(clock, ['a']).refuses(peer)),
      [false, true],
    );
  });
});

describe('answers', () => {
  test('carry data or a coded refusal whose text is safe to print', () => {
    assert.deepEqual(decodeAnswer(encodeAnswer(Uint8Array.of(1, 2))), Uint8Array.of(1, 2));
    assert.throws(() => decodeAnswer(encodeRefusal('MARKET_CLOSED', 'no\u001b[31m red\n')), {
      code: 'OVERLAY_REMOTE_REFUSED',
      remoteCode: 'MARKET_CLOSED',
      message: 'the peer refused: MARKET_CLOSED: no [31m red',
    });
    assert.throws(() => decodeAnswer(encodeRefusal('no code', 'x')), { remoteCode: 'OVERLAY_HANDLER_FAILED' });
    assert.throws(() => decodeAnswer(encodeRefusal('LONG', 'x'.repeat(10_000))), { remoteCode: 'LONG' });
  });
});

describe('deadlines', () => {
  test('end by time, by parent or by hand, and say which; a pause ends with its signal', async () => {
    const timed = deadline(1);
    await pause(60_000, timed.signal);
    assert.deepEqual([timed.signal.aborted, timed.timedOut()], [true, true]);
    const parent = new AbortController();
    const child = deadline(60_000, parent.signal, undefined);
    parent.abort();
    assert.deepEqual([child.signal.aborted, child.timedOut()], [true, false]);
    child.clear();
    assert.equal(deadlineOfAborted().signal.aborted, true);
    const cleared = deadline(1);
    cleared.clear();
    await pause(20, new AbortController().signal);
    assert.equal(cleared.signal.aborted, false);
  });
});

function deadlineOfAborted() {
  const made = deadline(60_000, AbortSignal.abort());
  made.clear();
  return made;
}
