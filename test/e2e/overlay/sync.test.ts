import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createNode } from './bare-node.ts';
import { bytes, idOf, REGISTRY_TOPIC, settle, TestNet, type TestPeer, TestValidator, TOPIC, until } from './helpers.ts';

let net: TestNet;
beforeEach(() => {
  net = new TestNet();
});
afterEach(() => net.close());

/** A peer that serves and fills its own store. */
async function keeper(init: Parameters<TestNet['peer']>[0] = {}): Promise<TestPeer> {
  const store = new TestValidator();
  const peer = await net.peer(init, { validator: store, sync: store });
  return { ...peer, validator: store };
}

function fill(peer: TestPeer, from: number, to: number): void {
  for (let i = from; i < to; i++) peer.validator.put(TOPIC, bytes(`good ${i} @${soon(i)}`));
}

/** Spread over three days, so that many buckets are in use. */
const START = Math.floor(Date.now() / 1000);
function soon(i: number): number {
  return START + 3_600 + (i % 72) * 3_600;
}

describe('sync', () => {
  test('a late joiner gets what all of three peers hold, each envelope once, registry first', async () => {
    const old = [await keeper(), await keeper(), await keeper()];
    // Overlapping thirds of 350 listings, and one registry header that only the last one has.
    for (const [i, peer] of old.entries()) fill(peer, i * 100, i * 100 + 150);
    old[2]?.validator.put(REGISTRY_TOPIC, bytes('good header'));
    const joiner = await keeper({ peers: old.map((peer) => peer.address) });
    await until(() => joiner.validator.stored.size === 351, 'all 351 envelopes');
    assert.equal(joiner.overlay.counters().syncFetched, 351);
    const header = joiner.validator.seen.findIndex(({ text }) => text === 'good header');
    const source = joiner.validator.seen[header]?.from;
    assert.equal(
      joiner.validator.seen.findIndex(({ from }) => from === source),
      header,
    );
    const again = await joiner.overlay.sync();
    assert.equal(again.peers.length, 3);
    assert.equal(again.fetched, 0);
  });

  test('1,000 envelopes come over in pages of at most 100', async () => {
    const old = await keeper();
    fill(old, 0, 1_000);
    const joiner = await keeper({ peers: [old.address] });
    await until(() => joiner.validator.stored.size === 1_000, 'all envelopes');
    assert.equal(old.overlay.counters().syncServed, 1_000);
    // One compare for the split, ten for the lists, ten or eleven pages.
    assert.ok(old.overlay.counters().requestsServed >= 20, `${old.overlay.counters().requestsServed} requests`);
    const report = await joiner.overlay.sync();
    assert.deepEqual(
      { ...report, peers: report.peers.length },
      {
        peers: 1,
        failed: [],
        fetched: 0,
        accepted: 0,
        ignored: 0,
        rejected: 0,
      },
    );
  });

  test('one new envelope among 5,000 is found without asking for the others', async () => {
    const [a, b] = [await keeper(), await keeper()];
    fill(a, 0, 5_000);
    fill(b, 0, 5_000);
    a.validator.put(TOPIC, bytes(`good needle @${soon(7)}`));
    await b.overlay.connect(a.address);
    await until(() => b.validator.seen.some(({ text }) => text.startsWith('good needle')), 'the needle');
    assert.equal(b.validator.seen.length, 1);
    assert.equal(a.overlay.counters().syncServed, 1);
  });

  test('what the validator ignores is not fetched from the same peer again and again', async () => {
    const old = await keeper();
    old.validator.put(TOPIC, bytes('stale root'));
    const joiner = await keeper({ peers: [old.address] });
    await until(() => joiner.overlay.counters().ignored === 1, 'the first fetch');
    const report = await joiner.overlay.sync();
    assert.equal(report.fetched, 0);
    assert.equal(joiner.validator.stored.size, 0);
  });

  test('a peer that keeps invalid envelopes is broken off and banned, and nothing of it is taken or relayed', async () => {
    const bad = await keeper();
    for (let i = 0; i < 10; i++) bad.validator.put(TOPIC, bytes(`bad ${i}`));
    const joiner = await keeper();
    const neighbour = await net.peer({ peers: [joiner.address] });
    await net.joined([joiner, neighbour], () => 1);
    await joiner.overlay.connect(bad.address);
    await until(() => joiner.overlay.bans().length === 1, 'the ban');
    assert.equal(joiner.overlay.bans()[0]?.peerId, bad.overlay.peerId);
    assert.equal(joiner.validator.stored.size, 0);
    await settle();
    assert.equal(neighbour.validator.seen.length, 0);
    await assert.rejects(joiner.overlay.connect(bad.address), { code: 'OVERLAY_PEER_REFUSED' });
  });

  test('expired envelopes stay where they are', async () => {
    const old = await keeper();
    old.validator.put(TOPIC, bytes(`good but over @${Math.floor(Date.now() / 1000) - 5}`));
    old.validator.put(TOPIC, bytes('good'));
    const joiner = await keeper({ peers: [old.address] });
    await until(() => joiner.validator.sawText('good'), 'the live one');
    await joiner.overlay.sync();
    assert.equal(joiner.validator.seen.length, 1);
  });

  test('peers that lie in their answers end the run with them and nothing else', async () => {
    const honest = await keeper();
    honest.validator.put(TOPIC, bytes('good truth'));
    const joiner = await keeper({ tuning: { requestTimeoutMs: 2_000 } });
    const lies: ((request: Uint8Array) => Uint8Array | undefined)[] = [
      () => Uint8Array.of(0, 9, 9, 9), // Unknown kind of answer.
      () => Uint8Array.of(0, 3), // "Later", for ever.
      () => Uint8Array.of(0, 2, 1), // A split in one part.
      () => Uint8Array.of(7), // No status.
      () => undefined, // Silence.
    ];
    for (const lie of lies) {
      const liar = await createNode(net);
      await liar.answer('/zkbazaar/test/sync/1', lie);
      await joiner.overlay.connect(liar.address);
    }
    await joiner.overlay.connect(honest.address);
    // More than one run on a busy machine, where the honest answer may be late as well.
    for (let i = 0; i < 5 && !joiner.validator.sawText('good truth'); i++) await joiner.overlay.sync();
    assert.equal(joiner.validator.stored.has(idOf(bytes('good truth'))), true);
    assert.equal(joiner.validator.seen.length, 1);
  });
});
