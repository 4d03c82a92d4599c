import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../../../src/base/clock.ts';
import { newCounters } from '../../../src/overlay/counters.ts';
import type { SyncItem, SyncSource } from '../../../src/overlay/index.ts';
import { syncWithPeer } from '../../../src/overlay/sync/client.ts';
import { Declined } from '../../../src/overlay/sync/declined.ts';
import { SnapshotCache, syncHandler } from '../../../src/overlay/sync/server.ts';
import { keyOf, Snapshot, wholeRange } from '../../../src/overlay/sync/snapshot.ts';

const NOW = 1_800_000_000;
const TOPIC = '/zkbazaar/test/1/listing';

function item(i: number): SyncItem {
  const id = createHash('sha256').update(String(i)).digest('hex');
  return { id, expiresAt: NOW + 60 + ((i * 7_919) % 500_000), topic: TOPIC };
}

class MemoryStore implements SyncSource {
  readonly items = new Map<string, SyncItem>();
  reads = 0;

  constructor(numbers: Iterable<number>) {
    for (const i of numbers) this.add(i);
  }

  add(i: number): void {
    const one = item(i);
    this.items.set(one.id, one);
  }

  list(): SyncItem[] {
    this.reads += 1;
    return [...this.items.values()];
  }

  get(id: string): { topic: string; bytes: Uint8Array } | undefined {
    const one = this.items.get(id);
    return one === undefined ? undefined : { topic: one.topic, bytes: Buffer.from(JSON.stringify(one)) };
  }
}

/** One side asks the other over encoded messages, as on the wire. */
async function reconcile(mine: MemoryStore, theirs: MemoryStore) {
  const clock = new ManualClock(NOW * 1000);
  const counters = newCounters();
  const handler = syncHandler(theirs, new SnapshotCache(theirs, clock), counters);
  const result = { fetched: 0, accepted: 0, ignored: 0, rejected: 0 };
  let requests = 0;
  const components = {
    clock,
    counters,
    snapshots: new SnapshotCache(mine, clock),
    topics: [TOPIC],
    declined: new Declined(clock),
    validator: {
      validate: ({ data }: { data: Uint8Array }) => {
        const one: SyncItem = JSON.parse(Buffer.from(data).toString());
        mine.items.set(one.id, one);
        return { action: 'accept', code: 'TEST' } as const;
      },
    },
    request: async (_peer: string, data: Uint8Array) => {
      requests += 1;
      return handler({ peer: 'me', data, signal: new AbortController().signal });
    },
  };
  await syncWithPeer('them', components, result, new AbortController().signal);
  return { ...result, requests };
}

test('after a run we hold the union, and fetched exactly what we lacked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(3_000), { maxLength: 600 }),
      fc.uniqueArray(fc.nat(3_000), { maxLength: 600 }),
      async (mine, theirs) => {
        const [a, b] = [new MemoryStore(mine), new MemoryStore(theirs)];
        const lacking = theirs.filter((i) => !mine.includes(i)).length;
        const { fetched, accepted } = await reconcile(a, b);
        assert.deepEqual([fetched, accepted], [lacking, lacking]);
        for (const id of b.items.keys()) assert.ok(a.items.has(id));
      },
    ),
    { numRuns: 60 },
  );
});

test('20,000 equal sets take one request, one missing item among them a handful', async () => {
  const all = Array.from({ length: 20_000 }, (_, i) => i);
  const theirs = new MemoryStore(all);
  assert.equal((await reconcile(new MemoryStore(all), theirs)).requests, 1);
  const report = await reconcile(new MemoryStore(all.filter((i) => i !== 12_345)), theirs);
  assert.equal(report.fetched, 1);
  assert.ok(report.requests <= 6, `${report.requests} requests`);
});

test('a split covers its range, each part holds its share, and a full page is put off', async () => {
  const snapshot = await Snapshot.of(new MemoryStore(Array.from({ length: 1_000 }, (_, i) => i)), NOW);
  const whole = { ...wholeRange(NOW), fingerprint: '00'.repeat(32) };
  const answer = snapshot.answer(whole, 100);
  assert.ok(answer.kind === 'split');
  assert.equal(answer.parts.length, 10);
  assert.equal(answer.parts.at(-1)?.upper, whole.upper);
  const keys = Array.from({ length: 1_000 }, (_, i) => keyOf(item(i))).sort();
  let lower = whole.lower;
  for (const { upper, fingerprint } of answer.parts) {
    assert.equal(snapshot.fingerprint(lower, upper), fingerprint);
    // What both sides of the protocol must come to.
    const hash = createHash('sha256');
    for (const key of keys) if (key >= lower && key < upper) hash.update(key);
    assert.equal(fingerprint, hash.digest('hex'));
    const part = snapshot.answer({ lower, upper, fingerprint: '00'.repeat(32) }, 100);
    assert.ok(part.kind === 'items');
    assert.equal(part.items.length, 100);
    assert.deepEqual(snapshot.answer({ lower, upper, fingerprint: '00'.repeat(32) }, 99), { kind: 'later' });
    assert.deepEqual(snapshot.answer({ lower, upper, fingerprint }, 0), { kind: 'equal' });
    lower = upper;
  }
});

test('keys sort by bucket of expiry, then id; ids that are none are left out', async () => {
  const id = 'ab'.repeat(32);
  assert.equal(keyOf({ id, expiresAt: 3_600 * 16 + 3_599 }), `00000010${id}`);
  assert.ok(keyOf({ id: 'ff'.repeat(32), expiresAt: 3_599 }) < keyOf({ id: '00'.repeat(32), expiresAt: 3_600 }));
  assert.equal(keyOf({ id, expiresAt: 2 ** 40 }).length, 72);
  const odd = { list: () => [{ id: 'AB', expiresAt: NOW, topic: TOPIC }], get: () => undefined };
  assert.equal((await Snapshot.of(odd, NOW)).size, 0);
});

test('however many peers ask, the store is read once in two seconds', async () => {
  const store = new MemoryStore([1, 2, 3]);
  const clock = new ManualClock(NOW * 1000);
  const cache = new SnapshotCache(store, clock);
  await Promise.all(Array.from({ length: 50 }, () => cache.get(2_000)));
  assert.equal(store.reads, 1);
  clock.advance(2_000);
  await cache.get(2_000);
  await cache.get(0);
  assert.equal(store.reads, 3);
});
