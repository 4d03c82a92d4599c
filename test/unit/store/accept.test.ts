import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore, StoreError, StoreErrorCode } from '../../../src/store/index.ts';
import { envelope, held, id, NOW, nullifier, pledge, tempStore } from './make.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof StoreError && error.code === code;
const CONTEXT = id(1, 'd');
const OTHER = id(2, 'd');

test('an accepted envelope and its tags are there after a restart', async (t) => {
  const { store, dataDir } = await tempStore(t);
  const reservation = held(store, [nullifier(1), pledge(2)]);
  assert.deepEqual(await store.accept([{ envelope: envelope(1), reservation }], NOW), ['accepted']);
  await store.close();
  const again = await openStore({ dataDir });
  t.after(() => again.close());
  assert.deepEqual(await again.envelopes.get(envelope(1).id), envelope(1));
  assert.equal(again.envelopes.authorOf(envelope(1).id), envelope(1).pseudonym);
  assert.equal(again.spent.peek([nullifier(1)], CONTEXT), 'duplicate');
  assert.equal(again.spent.peek([nullifier(1)], OTHER), 'spent');
  assert.equal(again.spent.peek([pledge(2)], OTHER), 'spent');
  assert.equal(again.spent.peek([pledge(1)], OTHER), 'free', 'a pledge is no nullifier');
  assert.deepEqual(await again.spent.get('nullifier', nullifier(1).value), {
    ...nullifier(1),
    context: CONTEXT,
    envelopeId: envelope(1).id,
  });
});

test('a reservation holds its tags until it ends, then the next one has its turn', async (t) => {
  const { store } = await tempStore(t);
  const first = held(store, [nullifier(1), pledge(1)]);
  const second = store.spent.reserve([pledge(1)], OTHER);
  assert.equal(second.status, 'busy');
  first.release();
  first.release();
  if (second.status === 'busy') await second.settled;
  const third = held(store, [pledge(1)], OTHER);
  // A reservation that has ended gives back nothing that another one holds.
  first.release();
  assert.equal(store.spent.reserve([pledge(1)], CONTEXT).status, 'busy');
  third.release();
  assert.equal((await store.status()).reservations, 0);
});

test('all tags of a reservation or none', async (t) => {
  const { store } = await tempStore(t);
  const first = held(store, [pledge(3)]);
  assert.equal(store.spent.reserve([nullifier(9), pledge(3)], OTHER).status, 'busy');
  held(store, [nullifier(9)], OTHER).release();
  first.release();
});

test('a tag twice in one reservation is a bug of the caller', async (t) => {
  const { store } = await tempStore(t);
  assert.throws(() => store.spent.reserve([nullifier(1), nullifier(1)], CONTEXT), hasCode(StoreErrorCode.BadValue));
});

test('spent in another context goes before spent in this one', async (t) => {
  const { store } = await tempStore(t);
  await store.accept([{ envelope: envelope(1), reservation: held(store, [nullifier(1)]) }], NOW);
  await store.accept([{ envelope: envelope(2), reservation: held(store, [pledge(1)], OTHER) }], NOW);
  assert.equal(store.spent.peek([nullifier(1), pledge(1)], CONTEXT), 'spent');
  const result = store.spent.reserve([nullifier(1), pledge(1)], CONTEXT);
  assert.equal(result.status, 'spent');
  assert.equal(store.spent.reserve([nullifier(1)], CONTEXT).status, 'duplicate');
});

test('within one batch, too, a tag is spent once', async (t) => {
  const { store } = await tempStore(t);
  const one = held(store, [nullifier(1)]);
  one.release();
  const two = held(store, [nullifier(1)], OTHER);
  const results = await store.accept(
    [
      { envelope: envelope(1), reservation: one },
      { envelope: envelope(2), reservation: two },
      { envelope: envelope(1) },
      { envelope: envelope(3) },
    ],
    NOW,
  );
  assert.deepEqual(results, ['accepted', 'spent', 'duplicate', 'accepted']);
  assert.equal(store.envelopes.has(envelope(2).id), false);
  assert.equal(await store.envelopes.count(), 2);
});

test('200 concurrent submissions of one nullifier: exactly one wins', async (t) => {
  const { store } = await tempStore(t);
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      for (;;) {
        const result = store.spent.reserve([nullifier(7)], id(n, 'd'));
        if (result.status === 'busy') {
          await result.settled;
        } else if (result.status === 'reserved') {
          await new Promise((resolve) => setImmediate(resolve)); // the proof is being checked
          const [outcome] = await store.accept([{ envelope: envelope(n), reservation: result.reservation }], NOW);
          return outcome;
        } else {
          return result.status;
        }
      }
    }),
  );
  assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1);
  assert.equal(outcomes.filter((outcome) => outcome === 'spent').length, 199);
  assert.equal(await store.envelopes.count(), 1);
  assert.equal(await store.spent.count(), 1);
});

test('a failed write leaves nothing behind and frees the tags', async (t) => {
  const { store } = await tempStore(t);
  const reservation = held(store, [nullifier(1)]);
  const bad = envelope(2, { bytes: new Uint8Array(5000) });
  await assert.rejects(
    store.accept([{ envelope: envelope(1), reservation }, { envelope: bad }], NOW),
    hasCode(StoreErrorCode.BadValue),
  );
  assert.equal(await store.envelopes.count(), 0);
  assert.equal(store.spent.peek([nullifier(1)], OTHER), 'free');
  held(store, [nullifier(1)]).release();
});

test('reservations are bounded', async (t) => {
  const { store } = await tempStore(t);
  for (let n = 0; n < 4096; n++) held(store, [nullifier(n)]);
  assert.throws(() => store.spent.reserve([nullifier(5000)], CONTEXT), hasCode(StoreErrorCode.Busy));
});

test('a registry header comes in with its envelope', async (t) => {
  const { store } = await tempStore(t);
  const registry = { sequence: 4, root: '12', issuedAt: NOW, lists: { sanctions: '5' }, snapshotHash: id(3) };
  await store.accept([{ envelope: envelope(1, { kind: 'registry', offerId: '' }), registry }], NOW);
  assert.deepEqual(await store.registries.current(), { ...registry, supersededAt: undefined });
});
