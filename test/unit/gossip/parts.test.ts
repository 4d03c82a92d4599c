import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { EnvelopeError } from '../../../src/envelope/index.ts';
import { Admission } from '../../../src/gossip/admission.ts';
import { verdictOf } from '../../../src/gossip/errors.ts';
import { Guards } from '../../../src/gossip/guards.ts';
import { createRegistryWindow, GossipError, networkTopics, topicOfKind } from '../../../src/gossip/index.ts';
import { PolicyBook } from '../../../src/gossip/policy-book.ts';
import { TokenBuckets } from '../../../src/gossip/token-buckets.ts';
import { StoreError } from '../../../src/store/index.ts';

const NOW = 1_795_000_000;
const view = (sequence: number, root: bigint) => ({ sequence, root, listRoots: {} });

test('an error carries its verdict; what is not foreseen is ignored', () => {
  assert.equal(verdictOf(new GossipError('GOSSIP_INVALID_PROOF', 'x')).action, 'reject');
  assert.equal(verdictOf(new GossipError('GOSSIP_QUEUE_FULL', 'x')).action, 'ignore');
  assert.equal(verdictOf(new EnvelopeError('ENVELOPE_BODY', 'x')).action, 'reject');
  assert.deepEqual(verdictOf(new StoreError('STORE_FULL', 'x')), {
    action: 'ignore',
    code: 'GOSSIP_STORE_FAILED',
    reason: 'x',
  });
  for (const thrown of [new TypeError('bug'), 'text', undefined, null, 7]) {
    assert.equal(verdictOf(thrown).action, 'ignore');
    assert.equal(verdictOf(thrown).code, 'GOSSIP_INTERNAL');
  }
});

test('topics', () => {
  assert.deepEqual(networkTopics('local'), [
    '/zkbazaar/local/1/listing',
    '/zkbazaar/local/1/listing-update',
    '/zkbazaar/local/1/registry',
    '/zkbazaar/local/1/receipt',
  ]);
  assert.equal(topicOfKind('local', 'claim'), '/zkbazaar/local/1/listing-update');
});

test('registry window: what is current, superseded, expired, unknown', () => {
  const clock = new ManualClock(NOW * 1000);
  const window = createRegistryWindow({ graceSeconds: 100 }, { clock });
  assert.equal(window.current(), undefined);
  assert.deepEqual(window.lookup(1n), { state: 'unknown' });
  assert.equal(window.advance(view(1, 1n)), 'advanced');
  clock.advance(1_000_000);
  assert.equal(window.lookup(1n).state, 'current', 'however old it is');
  assert.equal(window.advance(view(3, 3n)), 'advanced');
  assert.equal(window.advance(view(2, 2n)), 'stale');
  assert.equal(window.advance(view(3, 3n)), 'known');
  assert.equal(window.advance(view(3, 4n)), 'conflict');
  assert.deepEqual(window.lookup(1n), { state: 'superseded', view: view(1, 1n) });
  clock.advance(99_999);
  assert.equal(window.lookup(1n).state, 'superseded');
  clock.advance(1);
  assert.equal(window.lookup(1n).state, 'expired');
  assert.equal(window.lookup(2n).state, 'unknown');
});

test('registry window: the same root under a higher number, and back again', () => {
  const clock = new ManualClock(NOW * 1000);
  const window = createRegistryWindow({ graceSeconds: 100 }, { clock });
  window.advance(view(1, 1n));
  window.advance(view(2, 1n));
  assert.deepEqual(window.lookup(1n), { state: 'current', view: view(2, 1n) });
  window.advance(view(3, 9n));
  clock.advance(200_000);
  window.advance(view(4, 1n));
  assert.equal(window.lookup(1n).state, 'current', 'a root that came back is good again');
});

test('registry window: restored from the store, and bounded', () => {
  const clock = new ManualClock(NOW * 1000);
  const window = createRegistryWindow({ graceSeconds: 100 }, { clock });
  const record = (sequence: number, supersededAt?: number) => ({
    sequence,
    root: String(sequence * 10),
    issuedAt: NOW,
    lists: { sanctions: '7' },
    snapshotHash: '',
    supersededAt,
  });
  window.restore([record(3), record(2, NOW - 50), record(1, NOW - 150)]);
  assert.deepEqual(window.current(), { sequence: 3, root: 30n, listRoots: { sanctions: 7n } });
  assert.equal(window.lookup(20n).state, 'superseded');
  assert.equal(window.lookup(10n).state, 'expired');
  clock.advance(50_000);
  assert.equal(window.lookup(20n).state, 'expired', 'a restart gives no second grace period');
  for (let n = 4; n < 1000; n++) window.advance(view(n, BigInt(n)));
  assert.equal(window.lookup(5n).state, 'unknown');
  assert.equal(window.lookup(998n).state, 'superseded');
});

test('token buckets: burst, refill, bounded, and a clock that goes back gives nothing', () => {
  const clock = new ManualClock(NOW * 1000);
  const buckets = new TokenBuckets(10, 3, clock);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => buckets.take('a')),
    [true, true, true, false],
  );
  clock.advance(100);
  assert.deepEqual([buckets.take('a'), buckets.take('a')], [true, false]);
  clock.advance(-100_000);
  assert.equal(buckets.take('a'), false);
  clock.advance(1_000_000);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => buckets.take('a')),
    [true, true, true, false],
  );
  for (let n = 0; n < 3000; n++) buckets.take(`peer ${n}`);
  assert.equal(buckets.take('a'), true, 'forgotten meanwhile');
});

test('admission: items, bytes and shares, each given back once', () => {
  const admission = new Admission(8, 1000);
  const first = admission.enter('a', 100, true);
  assert.ok(first && admission.enter('a', 100, true));
  assert.equal(admission.enter('a', 1, true), undefined, 'a quarter of the items');
  assert.equal(admission.enter('b', 251, true), undefined, 'a quarter of the bytes');
  const own = admission.enter('me', 700, false);
  assert.ok(own, 'no share bounds ourselves');
  assert.equal(admission.enter('c', 101, true), undefined, 'all bytes');
  first.leave();
  first.leave();
  assert.deepEqual([admission.items, admission.bytes], [2, 800]);
  assert.ok(admission.enter('a', 100, true));
  assert.equal(admission.full, false);
});

test('guards: outcome, failure, deadline, end; nothing is kept afterwards', async () => {
  const guards = new Guards();
  const never = new Promise<never>(() => {});
  assert.equal(await guards.wait(Promise.resolve(7), 1000), 7);
  await assert.rejects(guards.wait(Promise.reject(new Error('its own')), 1000), /its own/);
  await assert.rejects(guards.wait(never, 5), { code: 'GOSSIP_TIMEOUT' });
  await assert.rejects(guards.wait(never, -5), { code: 'GOSSIP_TIMEOUT' });
  const waiting = assert.rejects(guards.wait(never, 1000), { code: 'GOSSIP_STOPPED' });
  guards.stop();
  await waiting;
  await assert.rejects(guards.wait(Promise.resolve(7), 1000), { code: 'GOSSIP_STOPPED' });
});

test('policy book: a known policy is not rationed, a refused one is not kept', () => {
  const book = new PolicyBook();
  const text = (n: number) => `{"balance":{"asset":"EUR","atLeast":"${n}","freshSeconds":60},"unique":false,"v":1}`;
  let asked = 0;
  const ration = () => {
    asked++;
  };
  const first = book.read(text(1), ration);
  assert.equal(book.read(text(1), ration), first);
  assert.equal(asked, 1);
  assert.throws(() => book.read('{}', ration), { code: 'GOSSIP_BAD_POLICY' });
  assert.throws(() => book.read('{}', ration), { code: 'GOSSIP_BAD_POLICY' });
  assert.equal(asked, 3);
  assert.throws(
    () =>
      book.read(text(2), () => {
        throw new GossipError('GOSSIP_RATE_LIMITED', 'x');
      }),
    { code: 'GOSSIP_RATE_LIMITED' },
  );
  for (let n = 10; n < 1100; n++) book.read(text(n), ration);
  asked = 0;
  book.read(text(1), ration);
  assert.equal(asked, 1, 'forgotten: the book is bounded');
});

test('policy book: a hash is known per day and root', () => {
  const book = new PolicyBook();
  const aged =
    '{"credential":{"compare":[{"attr":"age","op":">=","value":"18"}],"schema":"identity"},"unique":false,"v":1}';
  const policy = book.read(aged, () => {});
  assert.equal(book.isHashed(policy, 1n, NOW), false);
  book.setHashed(policy, 1n, NOW);
  assert.equal(book.isHashed(policy, 1n, NOW), true);
  assert.equal(book.isHashed(policy, 2n, NOW), false);
  assert.equal(book.isHashed(policy, 1n, NOW + 86_400), false);
});
