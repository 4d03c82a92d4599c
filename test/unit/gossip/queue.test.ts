import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPseudonym } from '../../../src/envelope/index.ts';
import { createGossip, createRegistryWindow, type GossipVerdict } from '../../../src/gossip/index.ts';
import { openStore } from '../../../src/store/index.ts';
import { BAD_LINK, claimMessage, FakeVerifier, fresh, harness, KEYS, listingMessage, NETWORK, VIEW } from './make.ts';

const codes = (verdicts: GossipVerdict[]) => verdicts.map((verdict) => verdict.code);
const count = (verdicts: GossipVerdict[], code: string) => codes(verdicts).filter((each) => each === code).length;

function gate(verifier: FakeVerifier): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  verifier.gate = promise;
  return resolve;
}

/** Until the verifier has been handed `n` proofs. */
async function handed(verifier: FakeVerifier, n: number): Promise<void> {
  while (verifier.proofs < n) await new Promise((resolve) => setImmediate(resolve));
}

test('the same bytes from many peers at once are verified once and get one verdict', async (t) => {
  const { gossip, verifier } = await harness(t);
  const accepted: string[] = [];
  gossip.onAccepted(({ id }) => accepted.push(id));
  for (const [linkTag, code] of [
    [String(fresh()), 'GOSSIP_ACCEPTED'],
    [BAD_LINK, 'GOSSIP_INVALID_PROOF'],
  ] as const) {
    verifier.batches.length = 0;
    const open = gate(verifier);
    const message = await claimMessage({ linkTag });
    const verdicts = ['a', 'b', 'c', 'd', 'e', 'a'].map((from) => gossip.validate({ ...message, from }));
    await handed(verifier, 1);
    verdicts.push(gossip.validate({ ...message, from: 'late' }));
    open();
    assert.deepEqual(codes(await Promise.all(verdicts)), Array(7).fill(code));
    assert.equal(verifier.proofs, 1);
  }
  assert.equal(accepted.length, 1);
});

test('200 claims on one nullifier at once: exactly one is accepted, the others are ignored', async (t) => {
  const { gossip, verifier, store } = await harness(t);
  const nullifier = fresh();
  const messages = await Promise.all(Array.from({ length: 200 }, (_, n) => claimMessage({ nullifier, from: `p${n}` })));
  const verdicts = await Promise.all(messages.map((message) => gossip.validate(message)));
  assert.equal(count(verdicts, 'GOSSIP_ACCEPTED'), 1);
  assert.equal(count(verdicts, 'GOSSIP_NULLIFIER_SPENT'), 199);
  assert.equal(verifier.proofs, 1, 'nobody pays for a pairing that cannot win');
  assert.equal(await store.envelopes.count(), 1);
});

test('a fake that comes first does not censor the honest claim on the same nullifier', async (t) => {
  const { gossip, verifier } = await harness(t);
  const open = gate(verifier);
  const nullifier = fresh();
  const fakes = await Promise.all(
    Array.from({ length: 5 }, (_, n) => claimMessage({ nullifier, linkTag: BAD_LINK, from: `attacker-${n}` })),
  );
  const honest = await claimMessage({ nullifier, from: 'honest' });
  const fakeVerdicts = fakes.map((message) => gossip.validate(message));
  const verdict = gossip.validate(honest);
  await handed(verifier, 1);
  open();
  assert.equal((await verdict).code, 'GOSSIP_ACCEPTED');
  assert.deepEqual(codes(await Promise.all(fakeVerdicts)), Array(5).fill('GOSSIP_INVALID_PROOF'));
});

test('GOSSIP_CONTESTED: a peer has one claim on a nullifier at a time, so it cannot make others wait for a hundred', async (t) => {
  const { gossip, verifier } = await harness(t);
  const open = gate(verifier);
  const nullifier = fresh();
  const fake = () => claimMessage({ nullifier, linkTag: BAD_LINK, from: 'attacker' });
  const first = gossip.validate(await fake());
  for (let n = 0; n < 5; n++) assert.equal((await gossip.validate(await fake())).code, 'GOSSIP_CONTESTED');
  const honest = gossip.validate(await claimMessage({ nullifier, from: 'honest' }));
  open();
  assert.equal((await first).code, 'GOSSIP_INVALID_PROOF');
  assert.equal((await honest).code, 'GOSSIP_ACCEPTED');
  assert.equal(verifier.proofs, 2);
  // The contest is over: what comes now gets its answer.
  assert.equal((await gossip.validate(await fake())).code, 'GOSSIP_NULLIFIER_SPENT');
});

test('reservations over several tags never block each other for good', async (t) => {
  const { gossip } = await harness(t);
  const [p, q, r] = [fresh(), fresh(), fresh()];
  const policy = 'balance(EUR) >= 1200';
  const verdicts = await Promise.all(
    [
      [p, q, 0n],
      [q, r, 0n],
      [r, p, 0n],
    ].map(async (pledges, n) => gossip.validate(await claimMessage({ policy, pledges, from: `p${n}` }))),
  );
  assert.equal(count(verdicts, 'GOSSIP_ACCEPTED'), 1);
  assert.equal(count(verdicts, 'GOSSIP_NULLIFIER_SPENT'), 2);
});

test('batches: a lone proof goes at once, the rest gather, none is larger than the limit', async (t) => {
  const { gossip, verifier } = await harness(t, { tuning: { batchSize: 16, batchDelayMs: 5 } });
  const open = gate(verifier);
  const first = gossip.validate(await claimMessage());
  await handed(verifier, 1);
  const rest = await Promise.all(Array.from({ length: 40 }, () => claimMessage()));
  const verdicts = rest.map((message) => gossip.validate(message));
  await handed(verifier, 41);
  open();
  const all = await Promise.all([first, ...verdicts]);
  assert.equal(count(all, 'GOSSIP_ACCEPTED'), 41);
  assert.deepEqual(
    verifier.batches.map((batch) => batch.length),
    [1, 16, 16, 8],
  );
  assert.equal(gossip.stats().batches, 4);
  assert.equal(gossip.stats().batchedProofs, 41);
  assert.equal(gossip.stats().verifying, 0);
});

test('a full verifier is asked again, and nothing is lost meanwhile', async (t) => {
  const { gossip, verifier } = await harness(t);
  verifier.ready = false;
  const verdict = gossip.validate(await claimMessage());
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(verifier.proofs, 0);
  assert.equal(gossip.stats().queueItems, 1);
  verifier.ready = true;
  assert.equal((await verdict).code, 'GOSSIP_ACCEPTED');
});

test('one bad proof in a batch changes nobody else’s verdict', async (t) => {
  const { gossip } = await harness(t);
  const messages = await Promise.all(
    Array.from({ length: 12 }, (_, n) => claimMessage(n % 4 === 1 ? { linkTag: BAD_LINK } : {})),
  );
  const verdicts = await Promise.all(messages.map((message) => gossip.validate(message)));
  assert.deepEqual(
    codes(verdicts),
    messages.map((_, n) => (n % 4 === 1 ? 'GOSSIP_INVALID_PROOF' : 'GOSSIP_ACCEPTED')),
  );
});

test('when a listener hears of an envelope it is on the disk, and a throwing listener harms nobody', async (t) => {
  const { gossip, store } = await harness(t);
  const heard: string[] = [];
  gossip.onAccepted(() => {
    throw new Error('a listener’s own bug');
  });
  const off = gossip.onAccepted(({ id, from, topic }) => {
    assert.equal(store.envelopes.has(id), true);
    heard.push(`${from} ${topic}`);
  });
  const message = listingMessage({ from: 'x' });
  const verdict = await gossip.validate(message);
  assert.equal(verdict.action, 'accept');
  off();
  await gossip.validate(listingMessage());
  assert.deepEqual(heard, [`x ${message.topic}`]);
});

test('the log keeps the newest verdicts and counts them all by code', async (t) => {
  const { gossip } = await harness(t);
  const heard: string[] = [];
  gossip.onVerdict(({ code }) => heard.push(code));
  const message = listingMessage({ from: 'x' });
  for (let n = 0; n < 3; n++) await gossip.validate(message);
  for (let n = 0; n < 1005; n++) await gossip.validate({ topic: `/made/up/${n}`, data: new Uint8Array(3), from: 'y' });
  const recent = gossip.recent(2000);
  assert.equal(recent.length, 1000);
  assert.equal(recent[0]?.code, 'GOSSIP_UNKNOWN_TOPIC');
  assert.equal(recent[0]?.topic, '', 'topics that peers make up are no labels');
  assert.deepEqual(
    gossip.stats().counters.map(({ code, action, count: n }) => [code, action, n]),
    [
      ['GOSSIP_ACCEPTED', 'accept', 1],
      ['GOSSIP_DUPLICATE', 'ignore', 2],
      ['GOSSIP_UNKNOWN_TOPIC', 'ignore', 1005],
    ],
  );
  assert.equal(heard.length, 1008);
  await gossip.validate({ ...message, from: 'z' });
  const [last] = gossip.recent(1);
  assert.equal(last?.from, 'z');
  assert.equal(last?.kind, 'listing');
  assert.equal(last?.bytes, message.data.length);
});

test('what was spent before a restart is spent after it', async (t) => {
  const { gossip, store, dataDir, clock, claims } = await harness(t);
  const nullifier = fresh();
  assert.equal((await gossip.validate(await claimMessage({ nullifier }))).code, 'GOSSIP_ACCEPTED');
  await gossip.stop();
  await store.close();
  const reopened = await openStore({ dataDir });
  t.after(() => reopened.close());
  const registry = createRegistryWindow({ graceSeconds: 60 }, { clock });
  registry.advance(VIEW);
  const again = createGossip(
    { network: NETWORK, registryKey: null },
    { verifier: new FakeVerifier(), store: reopened, claims, registry, verifyingKeys: KEYS, clock },
  );
  assert.equal((await again.validate(await claimMessage({ nullifier }))).code, 'GOSSIP_NULLIFIER_SPENT');
});

test('a nullifier outlives its envelope for as long as its offer can live; a pledge outlives every proof of its day', async (t) => {
  const { gossip, store, clock } = await harness(t);
  const [unique, once, pledge] = [fresh(), fresh(), fresh()];
  const policy = 'balance(EUR) >= 1200 and kyc >= 2 and unique';
  await gossip.validate(await claimMessage({ policy, nullifier: unique, pledges: [pledge] }));
  await gossip.validate(await claimMessage({ nullifier: once }));
  const hex = (value: bigint) => value.toString(16).padStart(64, '0');
  const now = clock.nowMs() / 1000;
  assert.equal((await store.spent.get('nullifier', hex(unique)))?.expiresAt, now + 2_592_000 + 60);
  assert.equal((await store.spent.get('nullifier', hex(once)))?.expiresAt, now + 600);
  const dayEnd = (Math.floor(now / 86_400) + 1) * 86_400;
  assert.equal((await store.spent.get('pledge', hex(pledge)))?.expiresAt, dayEnd + 90_000);
});

test("GOSSIP_NULLIFIER_SPENT: a back-dated proof shows yesterday's pledge again after the day is over", async (t) => {
  const { expect, store, clock } = await harness(t);
  const [pledge, policy] = [fresh(), 'balance(EUR) >= 1200'];
  await expect(await claimMessage({ policy, pledges: [pledge, 0n, 0n] }), 'GOSSIP_ACCEPTED');
  const dayEnd = (Math.floor(clock.nowMs() / 86_400_000) + 1) * 86_400;
  for (const later of [601, 40_000, 89_998]) {
    clock.advance((dayEnd + later) * 1000 - clock.nowMs());
    await store.prune(dayEnd + later);
    const claim = { policy, pledges: [pledge, 0n, 0n], now: dayEnd - 1, expiresAt: dayEnd - 1 + 90_000 };
    await expect(await claimMessage(claim), 'GOSSIP_NULLIFIER_SPENT');
  }
});

test('GOSSIP_NULLIFIER_SPENT: a back-dated first claim does not free a unique nullifier before the offer ends', async (t) => {
  const { expect, store, clock } = await harness(t);
  const start = clock.nowMs() / 1000;
  const [nullifier, policy] = [fresh(), 'kyc >= 2 and unique'];
  await expect(await claimMessage({ policy, nullifier, now: start - 80_000 }), 'GOSSIP_ACCEPTED');
  // The longest-lived offer that was out by then is still open.
  const later = start + 2_592_000;
  clock.advance(later * 1000 - clock.nowMs());
  await store.prune(later);
  await expect(await claimMessage({ policy, nullifier, now: later, expiresAt: later + 20 }), 'GOSSIP_NULLIFIER_SPENT');
});

test('messages of one author are taken in the order in which they came', async (t) => {
  const { gossip } = await harness(t);
  const author = createPseudonym().signer;
  const heard: string[] = [];
  gossip.onAccepted(({ envelope }) =>
    heard.push(
      Buffer.from(envelope.body)
        .toString('utf8')
        .match(/item (\d+)/)?.[1] ?? '',
    ),
  );
  const messages = Array.from({ length: 20 }, (_, n) => listingMessage({ author, title: `item ${n}` }));
  await Promise.all(messages.map((message) => gossip.validate(message)));
  assert.deepEqual(
    heard,
    Array.from({ length: 20 }, (_, n) => String(n)),
  );
});

test('each message is answered as soon as its proof is, and the verifier learns who brought it', async (t) => {
  const { gossip, verifier } = await harness(t);
  gossip.exempt('ourselves');
  const messages = await Promise.all(['a', 'b', 'ourselves'].map((from) => claimMessage({ from })));
  const { promise, resolve } = Promise.withResolvers<void>();
  const plain = verifier.verifyBatch.bind(verifier);
  verifier.verifyBatch = async (requests, onVerdict) => {
    const verdicts = await plain(requests);
    verdicts.forEach((verdict, index) => {
      if (requests[index]?.origin !== 'b') onVerdict?.(index, verdict);
    });
    await promise;
    return verdicts;
  };
  const [a, b, own] = messages.map((message) => gossip.validate(message));
  assert.deepEqual(codes([await a, await own] as GossipVerdict[]), ['GOSSIP_ACCEPTED', 'GOSSIP_ACCEPTED']);
  assert.equal(await Promise.race([b, 'still waiting']), 'still waiting');
  resolve();
  assert.equal((await b)?.code, 'GOSSIP_ACCEPTED');
  assert.deepEqual(
    verifier.batches.flat().map(({ origin }) => origin),
    ['a', 'b', undefined],
  );
});
