import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { createOverlay } from '../../../src/overlay/index.ts';
import { createNode } from './bare-node.ts';
import { bytes, gate, TestNet, type TestPeer, TestValidator, TOPIC, TOPICS, until } from './helpers.ts';

let net: TestNet;
beforeEach(() => {
  net = new TestNet();
});
afterEach(() => net.close());

function make(dataDir: string) {
  const init = { network: 'test', topics: TOPICS, listen: [], dataDir };
  return createOverlay(init, { clock: systemClock, validator: new TestValidator() });
}

function portOf(peer: TestPeer): string {
  return /\/tcp\/(\d+)/.exec(peer.address)?.[1] ?? '';
}

describe('identity', () => {
  test('is made once, with mode 0600, and stays', async () => {
    const dataDir = join(await net.folder(), 'new', 'peer');
    const [first, second] = [await make(dataDir), await make(dataDir)];
    assert.equal(first.peerId, second.peerId);
    assert.match(first.peerId, /^12D3KooW/);
    assert.equal((await stat(join(dataDir, 'peer.key'))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(dataDir), ['peer.key']);
  });

  test('two processes that start at once agree on one', async () => {
    const dataDir = await net.folder();
    const made = await Promise.all([1, 2, 3, 4].map(() => make(dataDir)));
    assert.equal(new Set(made.map(({ peerId }) => peerId)).size, 1);
  });

  test('a key that others can read, a damaged one and an empty one are refused without showing them', async () => {
    const dataDir = await net.folder();
    const file = join(dataDir, 'peer.key');
    await make(dataDir);
    await chmod(file, 0o640);
    await assert.rejects(make(dataDir), { code: 'OVERLAY_KEY_UNSAFE' });
    await chmod(file, 0o600);
    const damaged = (await readFile(file)).subarray(0, 40);
    for (const content of [damaged, Buffer.alloc(0), Buffer.alloc(100_000)]) {
      await writeFile(file, content);
      await assert.rejects(make(dataDir), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'OVERLAY_KEY_INVALID');
        assert.equal(error.cause, undefined);
        return true;
      });
    }
  });
});

describe('start and stop', () => {
  test('stop ends within 5 s with streams and validations open, frees the port, and start works again', async () => {
    const peers = await net.line(2);
    const [first, second] = peers;
    assert.ok(first && second);
    second.overlay.handle('never/1', () => new Promise(() => undefined));
    const slow = gate();
    second.validator.gate = slow.wait;
    const open = [1, 2, 3].map(() => first.overlay.request(second.overlay.peerId, 'never/1', bytes('x')));
    const outcomes = Promise.allSettled(open);
    await first.overlay.publish(TOPIC, bytes('good pending'));
    await until(() => second.overlay.counters().pendingValidations === 1, 'validation to begin');
    let stopped = false;
    void Promise.all([second.overlay.stop(), second.overlay.stop()]).then(() => {
      stopped = true;
    });
    await until(() => stopped, 'the stop', 5_000);
    assert.equal((await outcomes).filter(({ status }) => status === 'rejected').length, 3);
    assert.deepEqual(second.overlay.addresses(), []);
    assert.deepEqual(second.overlay.peers(), []);
    await assert.rejects(second.overlay.publish(TOPIC, bytes('good')), { code: 'OVERLAY_NOT_RUNNING' });
    slow.open();
    const successor = await net.peer({ listen: [`/ip4/127.0.0.1/tcp/${portOf(second)}`] });
    await successor.overlay.stop();
    await second.overlay.start();
    await second.overlay.connect(first.address);
    await net.joined([first, second], () => 1);
    await first.overlay.publish(TOPIC, bytes('good anew'));
    await until(() => second.validator.sawText('good anew'), 'the message');
  });

  test('a port in use and a data directory in use are errors, and leave nothing open', async () => {
    const peer = await net.peer();
    await assert.rejects(net.peer({ listen: [`/ip4/127.0.0.1/tcp/${portOf(peer)}`] }), {
      code: 'OVERLAY_LISTEN_FAILED',
    });
    await assert.rejects(net.peer({ dataDir: peer.dataDir }), { code: 'OVERLAY_PEER_STORE_FAILED' });
    await peer.overlay.stop();
    await peer.overlay.start();
  });

  test('a damaged list of known peers is put aside', async () => {
    const peer = await net.peer();
    await peer.overlay.stop();
    await writeFile(join(peer.dataDir, 'peers', 'CURRENT'), 'rubbish');
    await peer.overlay.start();
    assert.deepEqual((await readdir(peer.dataDir)).sort(), ['peer.key', 'peers', 'peers.damaged']);
  });

  test('bad addresses are refused before anything starts', async () => {
    for (const init of [
      { peers: ['/ip4/127.0.0.1/tcp/4390'] },
      { peers: ['not an address'] },
      { bootstrap: ['/ip4/127.0.0.1/tcp/99999'] },
      { listen: ['/ip4/300.0.0.1/tcp/1'] },
    ]) {
      await assert.rejects(net.peer(init), { code: 'OVERLAY_ADDRESS_INVALID' }, JSON.stringify(init));
    }
    const peer = await net.peer();
    await assert.rejects(peer.overlay.connect('/ip4/127.0.0.1/tcp/1'), { code: 'OVERLAY_ADDRESS_INVALID' });
    await assert.rejects(peer.overlay.connect('nonsense'), { code: 'OVERLAY_PEER_INVALID' });
    await assert.rejects(peer.overlay.publish('/other/topic', bytes('good')), { code: 'OVERLAY_TOPIC_UNKNOWN' });
    await assert.rejects(peer.overlay.publish(TOPIC, new Uint8Array(4_097)), { code: 'OVERLAY_MESSAGE_TOO_LARGE' });
  });
});

describe('connections', () => {
  test('a configured peer that comes up late, goes and comes back is found again each time', async () => {
    const late = await net.peer();
    await late.overlay.stop();
    const peer = await net.peer({ peers: [late.address], tuning: { reconnectBaseMs: 50, reconnectMaxMs: 200 } });
    const listen = [`/ip4/127.0.0.1/tcp/${portOf(late)}`];
    for (let round = 0; round < 2; round++) {
      const back = await net.peer({ dataDir: late.dataDir, listen });
      await until(() => peer.overlay.peers().length === 1, 'the connection');
      assert.equal(peer.overlay.peers()[0]?.peerId, late.overlay.peerId);
      await back.overlay.stop();
      await until(() => peer.overlay.peers().length === 0, 'the disconnect');
    }
  });

  test('peers met once are known after a restart', async () => {
    const friend = await net.peer();
    const peer = await net.peer();
    await peer.overlay.connect(friend.address);
    await until(() => peer.overlay.peers()[0]?.agent === 'zkbazaar/1', 'identify');
    await peer.overlay.stop();
    const again = await net.peer({ dataDir: peer.dataDir });
    assert.equal(again.overlay.peerId, peer.overlay.peerId);
    await until(() => again.overlay.peers()[0]?.peerId === friend.overlay.peerId, 'the known peer to be dialled');
  });

  test('WebSocket listeners and bootstrap discovery work', async () => {
    const first = await net.peer({ listen: ['/ip4/127.0.0.1/tcp/0/ws'] });
    assert.match(first.address, /\/ws\/p2p\//);
    const second = await net.peer({ bootstrap: [first.address] });
    await net.joined([first, second], () => 1);
    await second.overlay.publish(TOPIC, bytes('good over ws'));
    await until(() => first.validator.sawText('good over ws'), 'the message');
    const info = second.overlay.peers()[0];
    assert.equal(info?.direction, 'outbound');
    assert.deepEqual(info?.topics, TOPICS);
    assert.equal(info?.score, 0);
  });

  test('the allowlist holds in both directions', async () => {
    const friend = await net.peer();
    const stranger = await net.peer();
    const peer = await net.peer({ allowlist: [friend.overlay.peerId] });
    await friend.overlay.connect(peer.address);
    await assert.rejects(peer.overlay.connect(stranger.address), { code: 'OVERLAY_PEER_REFUSED' });
    await stranger.overlay.connect(peer.address).catch(() => undefined);
    await until(() => stranger.overlay.peers().length === 0, 'the refusal');
    assert.deepEqual(
      peer.overlay.peers().map(({ peerId }) => peerId),
      [friend.overlay.peerId],
    );
  });

  test('connections beyond the limit are not kept', async () => {
    const peer = await net.peer({ tuning: { maxConnections: 3 } });
    for (let i = 0; i < 6; i++) await (await createNode(net)).connect(peer.address).catch(() => undefined);
    await until(() => peer.overlay.peers().length === 3, 'the surplus to go');
    const one = peer.overlay.peers()[0]?.peerId ?? '';
    await peer.overlay.disconnect(one);
    await until(() => peer.overlay.peers().length === 2, 'the disconnect');
  });

  test('a connection without gossip streams is closed after a while, a healthy one stays', async () => {
    const [peer, friend] = await net.line(2, { tuning: { upkeepMs: 300 } });
    assert.ok(peer && friend);
    const mute = await createNode(net);
    await mute.connect(peer.address);
    assert.equal(mute.connections(), 1);
    await until(() => mute.connections() === 0, 'the mute one to go');
    assert.deepEqual(
      peer.overlay.peers().map(({ peerId }) => peerId),
      [friend.overlay.peerId],
    );
  });

  test('another network is another world', async () => {
    const here = await net.peer();
    const there = await net.peer({ network: 'other', topics: ['/zkbazaar/other/1/listing'] });
    here.overlay.handle('order/1', ({ data }) => data);
    await there.overlay.connect(here.address);
    await assert.rejects(there.overlay.request(here.overlay.peerId, 'order/1', bytes('x')), {
      code: 'OVERLAY_PROTOCOL_UNSUPPORTED',
    });
    await until(() => there.overlay.peers()[0]?.agent !== undefined, 'identify');
    const { recipients } = await there.overlay.publish('/zkbazaar/other/1/listing', bytes('good there'));
    assert.deepEqual(recipients, []);
    assert.equal(here.validator.seen.length, 0);
  });
});
