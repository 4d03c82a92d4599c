import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DocumentRecord, openStore, StoreError, StoreErrorCode } from '../../../src/store/index.ts';
import { envelope, held, id, NOW, nullifier, tempStore } from './make.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof StoreError && error.code === code;

const order = (n: number, overrides: Partial<DocumentRecord> = {}): DocumentRecord => ({
  id: id(n, 'b'),
  state: 'proposed',
  parent: id(1, 'f'),
  role: 'maker',
  deadline: NOW + n,
  updatedAt: NOW,
  version: 1,
  data: '{}',
  ...overrides,
});

test('pages neither skip nor repeat, even when rows go in between', async (t) => {
  const { store } = await tempStore(t);
  for (let n = 0; n < 25; n++) await store.accept([{ envelope: envelope(n) }], NOW);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.envelopes.query({ limit: 10, cursor });
    seen.push(...page.items.map((item) => item.id));
    if (cursor === undefined) await store.prune(NOW + 600 + 600 + 6);
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, n) => envelope(n).id),
  );
  assert.equal(await store.envelopes.count(), 19);
});

test('envelopes by topic, kind, offer, author and expiry', async (t) => {
  const { store } = await tempStore(t);
  const listing = envelope(3, { kind: 'listing', topic: '/t/listing', offerId: id(3, 'e'), expiresAt: NOW + 10 });
  await store.accept(
    [{ envelope: envelope(1) }, { envelope: envelope(2, { offerId: '' }) }, { envelope: listing }],
    NOW,
  );
  const ids = async (query: Parameters<typeof store.envelopes.query>[0]) =>
    (await store.envelopes.query(query)).items.map((item) => item.id);
  assert.deepEqual(await ids({ kind: 'listing' }), [listing.id]);
  assert.deepEqual(await ids({ topic: '/t/listing' }), [listing.id]);
  assert.deepEqual(await ids({ offerId: id(1, 'f') }), [envelope(1).id]);
  assert.deepEqual(await ids({ pseudonym: envelope(2).pseudonym }), [envelope(2).id]);
  assert.deepEqual(await ids({ expiresAfter: NOW + 10 }), [envelope(1).id, envelope(2).id]);
  assert.deepEqual(await ids({ kind: 'claim', offerId: id(9, 'f') }), []);
});

test('bad queries are coded errors', async (t) => {
  const { store } = await tempStore(t);
  for (const limit of [0, 101, 1.5, Number.NaN]) {
    await assert.rejects(store.envelopes.query({ limit }), hasCode(StoreErrorCode.BadValue));
  }
  for (const cursor of ['', 'x', 'MTow', `${Buffer.from('1:5').toString('base64url')}=`, 'é'.repeat(500)]) {
    await assert.rejects(store.envelopes.query({ cursor }), hasCode(StoreErrorCode.BadCursor), cursor);
  }
  await assert.rejects(store.envelopes.get("' OR 1=1"), hasCode(StoreErrorCode.BadValue));
  assert.throws(() => store.envelopes.has('AB'), hasCode(StoreErrorCode.BadValue));
});

test('list walks an expiry range in order, over more rows than one step', async (t) => {
  const { store } = await tempStore(t);
  const entries = Array.from({ length: 1203 }, (_, n) => ({
    envelope: envelope(n, { expiresAt: NOW + Math.floor(n / 300) }),
  }));
  await store.accept(entries, NOW);
  const all = [...store.envelopes.list(0, Number.MAX_SAFE_INTEGER)];
  assert.equal(all.length, 1203);
  const keys = all.map(({ expiresAt, id: envelopeId }) => `${expiresAt} ${envelopeId}`);
  assert.deepEqual(keys, [...keys].sort());
  assert.equal([...store.envelopes.list(NOW + 1, NOW + 3)].length, 600);
  assert.equal([...store.envelopes.list(NOW + 4, NOW + 5)].length, 3);
  assert.deepEqual([...store.envelopes.list(NOW + 5, NOW + 9)], []);
});

test('registry headers: highest sequence is current, the one before is superseded when that happens', async (t) => {
  const { store } = await tempStore(t);
  const header = (sequence: number) => ({
    sequence,
    root: String(sequence * 10),
    issuedAt: NOW + sequence,
    lists: {},
    snapshotHash: '',
  });
  assert.equal(await store.registries.put(header(1), NOW + 100), true);
  assert.equal(await store.registries.put(header(3), NOW + 200), true);
  assert.equal(await store.registries.put(header(3), NOW + 300), false);
  // A late one was superseded long ago: it must not get a fresh grace period.
  assert.equal(await store.registries.put(header(2), NOW + 400), true);
  assert.equal((await store.registries.current())?.sequence, 3);
  assert.equal((await store.registries.bySequence(1))?.supersededAt, NOW + 200);
  assert.equal((await store.registries.byRoot('20'))?.supersededAt, NOW + 3);
  assert.deepEqual(
    (await store.registries.recent()).map((record) => record.sequence),
    [3, 2, 1],
  );
  for (const sequence of [1, 2, 3]) await store.registries.putSnapshot(sequence, `{"sequence":${sequence}}`);
  await store.registries.put(header(4), NOW + 500);
  await store.registries.putSnapshot(4, '{"sequence":4}');
  assert.equal(await store.registries.snapshot(1), undefined);
  assert.equal(await store.registries.snapshot(4), '{"sequence":4}');
  await assert.rejects(store.registries.putSnapshot(9, '{}'), hasCode(StoreErrorCode.BadValue));
  await assert.rejects(store.registries.put({ ...header(5), root: '0x5' }, NOW), hasCode(StoreErrorCode.BadValue));
});

test('a document is replaced only by whoever has read it', async (t) => {
  const { store } = await tempStore(t);
  await store.apply([{ type: 'put-order', record: order(1) }]);
  await store.apply([{ type: 'put-order', record: order(1, { version: 2, state: 'qualified' }) }]);
  for (const version of [1, 2, 4]) {
    await assert.rejects(
      store.apply([{ type: 'put-order', record: order(1, { version, state: 'accepted' }) }]),
      hasCode(StoreErrorCode.Conflict),
    );
  }
  assert.equal((await store.orders.get(order(1).id))?.state, 'qualified');
});

test('apply is all or nothing', async (t) => {
  const { store } = await tempStore(t);
  await assert.rejects(
    store.apply([
      { type: 'put-offer', record: order(1) },
      { type: 'put-value', namespace: 'market', key: 'a', value: '1' },
      { type: 'put-order', record: order(2, { version: 7 }) },
    ]),
    hasCode(StoreErrorCode.Conflict),
  );
  assert.equal(await store.offers.get(order(1).id), undefined);
  assert.equal(await store.values.get('market', 'a'), undefined);
  await store.apply([
    { type: 'put-offer', record: order(1) },
    { type: 'put-value', namespace: 'market', key: 'a', value: '1' },
  ]);
  await store.apply([
    { type: 'delete-offer', id: order(1).id },
    { type: 'delete-value', namespace: 'market', key: 'a' },
  ]);
  assert.equal(await store.offers.count(), 0);
  assert.equal(await store.values.get('market', 'a'), undefined);
});

test('documents by state, parent, role and deadline, page by page', async (t) => {
  const { store } = await tempStore(t);
  for (let n = 1; n <= 5; n++) {
    await store.apply([{ type: 'put-order', record: order(n, { state: n % 2 ? 'proposed' : 'accepted' }) }]);
  }
  const page = await store.orders.query({ state: 'proposed', limit: 2 });
  assert.deepEqual(
    page.items.map((item) => item.id),
    [order(1).id, order(3).id],
  );
  const rest = await store.orders.query({ state: 'proposed', limit: 2, cursor: page.next });
  assert.deepEqual(
    rest.items.map((item) => item.id),
    [order(5).id],
  );
  assert.equal(rest.next, undefined);
  assert.equal((await store.orders.query({ deadlineUpTo: NOW + 2 })).items.length, 2);
  assert.equal(await store.orders.count({ role: 'taker' }), 0);
  assert.equal(await store.orders.count({ parent: id(1, 'f'), state: 'accepted' }), 2);
});

test('jobs, values, peers', async (t) => {
  const { store } = await tempStore(t);
  const job = {
    id: 'j1',
    circuit: 'balance',
    state: 'running',
    createdAt: NOW,
    updatedAt: NOW,
    code: '',
    result: '',
  } as const;
  await store.jobs.put(job);
  await store.jobs.put({ ...job, state: 'done', updatedAt: NOW + 4, result: '{"publicSignals":[]}' });
  assert.equal((await store.jobs.get('j1'))?.state, 'done');
  assert.equal((await store.jobs.recent()).length, 1);
  await store.values.set('ns', 'k', 'one');
  await store.values.set('ns', 'k', 'two', NOW + 5);
  assert.equal(await store.values.get('ns', 'k'), 'two');
  assert.deepEqual(await store.values.list('ns'), [{ key: 'k', value: 'two' }]);
  await store.peers.put({ peerId: 'p1', addresses: ['/ip4/127.0.0.1/tcp/1'], lastSeen: NOW });
  await store.peers.put({ peerId: 'p2', addresses: [], lastSeen: NOW + 1 });
  assert.deepEqual(
    (await store.peers.recent()).map((peer) => peer.peerId),
    ['p2', 'p1'],
  );
  await store.peers.delete('p2');
  assert.equal((await store.peers.recent()).length, 1);
});

test('an idempotency key answers for one request', async (t) => {
  const { store, dataDir } = await tempStore(t);
  const keys = store.idempotency;
  assert.equal((await keys.begin('k', 'h1', NOW + 60)).status, 'new');
  assert.equal((await keys.begin('k', 'h1', NOW + 60)).status, 'running');
  assert.equal((await keys.begin('k', 'h2', NOW + 60)).status, 'mismatch');
  await keys.finish('k', '{"status":201}');
  assert.deepEqual(await keys.begin('k', 'h1', NOW + 60), { status: 'done', response: '{"status":201}' });
  assert.equal((await keys.begin('k', 'h2', NOW + 60)).status, 'mismatch');
  assert.equal((await keys.begin('gone', 'h', NOW + 60)).status, 'new');
  await keys.abandon('gone');
  assert.equal((await keys.begin('gone', 'h', NOW + 60)).status, 'new');
  await store.close();
  const again = await openStore({ dataDir });
  t.after(() => again.close());
  // Nobody works on it any more.
  assert.equal((await again.idempotency.begin('gone', 'h', NOW + 60)).status, 'new');
  assert.equal((await again.idempotency.begin('k', 'h1', NOW + 60)).status, 'done');
});

test('pruning drops what has expired and never a live tag', async (t) => {
  const { store } = await tempStore(t);
  const entries = Array.from({ length: 1100 }, (_, n) => ({
    envelope: envelope(n, { expiresAt: NOW + 10 }),
    reservation: held(store, [nullifier(n, n === 7 ? NOW + 5000 : NOW + 10)]),
  }));
  await store.accept(entries, NOW);
  await store.values.set('ns', 'old', 'x', NOW + 10);
  await store.values.set('ns', 'kept', 'x');
  await store.idempotency.begin('k', 'h', NOW + 10);
  const nothing = await store.prune(NOW + 10 + 600);
  assert.deepEqual(nothing, { envelopes: 0, tags: 0, values: 0, jobs: 0, idempotencyKeys: 0 });
  const report = await store.prune(NOW + 10 + 601);
  assert.deepEqual(report, { envelopes: 1100, tags: 1099, values: 1, jobs: 0, idempotencyKeys: 1 });
  assert.equal(store.spent.peek([nullifier(7)], id(99, 'd')), 'spent');
  assert.equal(await store.values.get('ns', 'kept'), 'x');
});
