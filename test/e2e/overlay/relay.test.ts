import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createRawPublisher } from '../../../src/overlay/index.ts';
import { bytes, gate, settle, TestNet, type TestPeer, TOPIC, TOPICS, until } from './helpers.ts';

let net: TestNet;
beforeEach(() => {
  net = new TestNet();
});
afterEach(() => net.close());

async function attacker(peer: TestPeer | undefined) {
  const raw = await createRawPublisher({ topics: TOPICS, target: peer?.address ?? '' });
  net.onClose(() => raw.stop());
  return raw;
}

describe('relay over four peers in a line', () => {
  test('a valid message reaches every peer', async () => {
    const peers = await net.line(4);
    const result = await peers[0]?.overlay.publish(TOPIC, bytes('good one'));
    assert.equal(result?.verdict.action, 'accept');
    assert.deepEqual(result?.recipients, [peers[1]?.overlay.peerId]);
    await until(() => peers.every(({ validator }) => validator.sawText('good one')), 'all four peers to see it');
    assert.deepEqual(
      peers.map(({ validator }) => validator.seen.length),
      [1, 1, 1, 1],
    );
    assert.equal(peers[3]?.validator.seen[0]?.from, peers[2]?.overlay.peerId);
  });

  test('our own invalid message is not even sent', async () => {
    const peers = await net.line(2);
    const result = await peers[0]?.overlay.publish(TOPIC, bytes('bad own'));
    assert.equal(result?.verdict.code, 'TEST_BAD');
    assert.deepEqual(result?.recipients, []);
    await settle();
    assert.equal(peers[1]?.validator.seen.length, 0);
  });

  for (const [text, action] of [
    ['bad proof', 'rejected'],
    ['odd root', 'ignored'],
  ] as const) {
    test(`a message that the first peer ${action} is relayed by none`, async () => {
      const peers = await net.line(4);
      const raw = await attacker(peers[0]);
      assert.equal(await raw.publish(TOPIC, bytes(text)), true);
      await until(() => peers[0]?.overlay.counters()[action] === 1, 'the verdict');
      await settle();
      // The line still works, so silence further down means refusal and not a broken line.
      await peers[0]?.overlay.publish(TOPIC, bytes('good after'));
      await until(() => peers[3]?.validator.sawText('good after') === true, 'the good message');
      for (const peer of peers.slice(1)) assert.equal(peer.validator.sawText(text), false);
    });
  }

  test('a validator that throws relays nothing and blames nobody', async () => {
    const peers = await net.line(3);
    const first = peers[0];
    assert.ok(first);
    const raw = await attacker(first);
    first.validator.gate = () => Promise.reject(new Error('a bug of ours'));
    await raw.publish(TOPIC, bytes('good but unlucky'));
    await until(() => first.overlay.counters().ignored === 1, 'the verdict');
    await settle();
    assert.equal(peers[1]?.validator.seen.length, 0);
    assert.equal(first.overlay.peers().find((peer) => peer.peerId === raw.peerId)?.score, 0);
  });

  test('slow validation relays nothing before its verdict, also past the message cache, and still relays after it', async () => {
    const peers = await net.line(3, { tuning: { mcacheLength: 3, heartbeatMs: 100 } });
    const [first, second, third] = peers;
    assert.ok(first && second && third);
    const slow = gate();
    second.validator.gate = slow.wait;
    await first.overlay.publish(TOPIC, bytes('good slow'));
    const bad = await attacker(second);
    await bad.publish(TOPIC, bytes('bad slow'));
    await until(() => second.overlay.counters().pendingValidations === 2, 'validation to begin');
    // 15 heartbeats: five lives of the message cache.
    await settle(1_500);
    assert.equal(third.validator.seen.length, 0);
    slow.open();
    await until(() => third.validator.sawText('good slow'), 'the late relay');
    await settle();
    assert.deepEqual(
      third.validator.seen.map(({ text }) => text),
      ['good slow'],
    );
  });

  test('the same message from several peers at once is validated once and relayed only after that', async () => {
    const [first, second] = await net.line(2);
    assert.ok(first && second);
    const slow = gate();
    first.validator.gate = slow.wait;
    const publishers = await Promise.all([0, 1, 2, 3].map(() => attacker(first)));
    for (const text of ['good twin', 'bad twin']) {
      await Promise.all(publishers.map((raw) => raw.publish(TOPIC, bytes(text))));
    }
    await until(() => first.overlay.counters().pendingValidations === 2, 'validation to begin');
    await settle(300);
    assert.equal(second.validator.seen.length, 0);
    slow.open();
    await until(() => second.validator.sawText('good twin'), 'the relay');
    await settle();
    assert.equal(first.validator.seen.length, 2);
    assert.equal(second.validator.sawText('bad twin'), false);
    // All four sent the bad one, so all four pay for it.
    const scores = first.overlay.peers().filter((peer) => publishers.some((raw) => raw.peerId === peer.peerId));
    assert.equal(scores.length, 4);
    for (const { score } of scores) assert.ok(score < 0, `score ${score}`);
  });

  test('after a reconnect valid messages flow again and invalid ones still do not', async () => {
    const peers = await net.line(3);
    const [first, second, third] = peers;
    assert.ok(first && second && third);
    const before = second.overlay.counters().connectionsClosed;
    await second.overlay.disconnect(first.overlay.peerId);
    await until(() => second.overlay.counters().connectionsClosed > before, 'the disconnect');
    await net.joined(peers, (i) => (i === 1 ? 2 : 1));
    const raw = await attacker(first);
    await raw.publish(TOPIC, bytes('bad again'));
    await first.overlay.publish(TOPIC, bytes('good again'));
    await until(() => third.validator.sawText('good again'), 'the good message');
    await settle();
    assert.equal(second.validator.sawText('bad again'), false);
    assert.equal(third.validator.sawText('bad again'), false);
  });
});
