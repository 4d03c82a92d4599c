import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { concatBytes, sha256, toHex, utf8 } from '../../../src/base/bytes.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { CodedError } from '../../../src/base/errors.ts';
import { createRawPublisher } from '../../../src/overlay/index.ts';
import { createNode, framed } from './bare-node.ts';
import { bytes, gate, settle, TestNet, type TestPeer, TOPIC, TOPICS, until } from './helpers.ts';

const ECHO = '/zkbazaar/test/echo/1';
const GOSSIP = ['/meshsub/1.2.0', '/meshsub/1.1.0'];

let net: TestNet;
beforeEach(() => {
  net = new TestNet();
});
afterEach(() => net.close());

async function echoPeer(...init: Parameters<TestNet['peer']>): Promise<TestPeer> {
  const peer = await net.peer(...init);
  peer.overlay.handle('echo/1', ({ data }) => data, { maxRequestBytes: 1_000, maxResponseBytes: 1_000 });
  return peer;
}

/** The peer still answers requests and validates gossip. */
async function assertAlive(peer: TestPeer): Promise<void> {
  const other = await net.peer();
  await other.overlay.connect(peer.address);
  assert.deepEqual(
    await other.overlay.request(peer.overlay.peerId, 'echo/1', bytes('still here')),
    bytes('still here'),
  );
  await until(() => other.overlay.peers()[0]?.mesh.includes(TOPIC) === true, 'the mesh');
  await other.overlay.publish(TOPIC, bytes('good and alive'));
  await until(() => peer.validator.sawText('good and alive'), 'gossip to arrive');
}

/** A field of protobuf with up to 127 bytes. */
const field = (tag: number, data: Uint8Array) => concatBytes(Uint8Array.of(tag, data.length), data);

/** Two peers in a line, and a bare node with a gossip stream to the first of them. */
async function gossipStream() {
  const [first, second] = await net.line(2);
  assert.ok(first && second);
  first.overlay.handle('echo/1', ({ data }) => data);
  const node = await createNode(net);
  await node.connect(first.address);
  return { first, second, stream: await node.open(first.address, GOSSIP) };
}

describe('requests', () => {
  test('answers, refusals with their code, and failures without their reason', async () => {
    const server = await net.peer();
    const client = await net.peer({ peers: [server.address] });
    await until(() => client.overlay.peers().length === 1, 'the connection');
    server.overlay.handle('order/1', ({ data, peer }) => {
      const text = new TextDecoder().decode(data);
      if (text === 'refuse') throw new CodedError('MARKET_OFFER_CLOSED', 'the offer is closed');
      if (text === 'fail') throw new Error('secret detail');
      return concatBytes(data, utf8(` from ${peer}`));
    });
    const ask = (text: string) => client.overlay.request(server.overlay.peerId, 'order/1', bytes(text));
    assert.deepEqual(await ask('hello'), bytes(`hello from ${client.overlay.peerId}`));
    await assert.rejects(ask('refuse'), { code: 'OVERLAY_REMOTE_REFUSED', remoteCode: 'MARKET_OFFER_CLOSED' });
    await assert.rejects(ask('fail'), (error: CodedError) => {
      assert.equal((error as { remoteCode?: string }).remoteCode, 'OVERLAY_HANDLER_FAILED');
      assert.equal(error.message.includes('secret'), false);
      return true;
    });
    await assert.rejects(client.overlay.request(server.overlay.peerId, 'other/1', bytes('x')), {
      code: 'OVERLAY_PROTOCOL_UNSUPPORTED',
    });
    await assert.rejects(client.overlay.request('nobody', 'order/1', bytes('x')), { code: 'OVERLAY_PEER_INVALID' });
    assert.throws(() => server.overlay.handle('order/1', () => bytes('')), { code: 'OVERLAY_HANDLER_EXISTS' });
  });

  test('a request that nobody answers ends by its time, its signal and our stop; the handler hears of it', async () => {
    const server = await net.peer();
    const client = await net.peer({ peers: [server.address] });
    await until(() => client.overlay.peers().length === 1, 'the connection');
    const signals: AbortSignal[] = [];
    server.overlay.handle('slow/1', ({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const ask = (options: { timeoutMs?: number; signal?: AbortSignal }) =>
      client.overlay.request(server.overlay.peerId, 'slow/1', bytes('x'), options);
    await assert.rejects(ask({ timeoutMs: 300 }), { code: 'OVERLAY_REQUEST_TIMEOUT' });
    const controller = new AbortController();
    const aborted = assert.rejects(ask({ signal: controller.signal }), { code: 'OVERLAY_ABORTED' });
    const stopped = assert.rejects(ask({}), { code: 'OVERLAY_ABORTED' });
    await until(() => signals.length === 3, 'the handlers');
    controller.abort();
    await aborted;
    await client.overlay.stop();
    await stopped;
    await until(() => signals.every((signal) => signal.aborted), 'the handlers to hear of it');
    await assert.rejects(ask({}), { code: 'OVERLAY_NOT_RUNNING' });
  });

  test('concurrency and rate per peer are bounded, and other peers do not feel it', async () => {
    const tuning = { maxStreamsPerPeer: 2, requestsPerSecond: 5 };
    const server = await echoPeer({ tuning }, { clock: new ManualClock(Date.now()) });
    const slow = gate();
    server.overlay.handle('slow/1', async ({ data }) => {
      await slow.wait();
      return data;
    });
    const greedy = await net.peer({ peers: [server.address], tuning: { maxStreamsPerPeer: 3 } });
    await until(() => greedy.overlay.peers().length === 1, 'the connection');
    const asked = [1, 2, 3].map((i) => greedy.overlay.request(server.overlay.peerId, 'slow/1', Uint8Array.of(i)));
    const outcomes = Promise.allSettled(asked);
    await assert.rejects(greedy.overlay.request(server.overlay.peerId, 'slow/1', bytes('x')), { code: 'OVERLAY_BUSY' });
    await until(() => server.overlay.counters().requestsRefused === 1, 'the refusal');
    slow.open();
    const states = (await outcomes).map((outcome) =>
      outcome.status === 'fulfilled' ? 'ok' : String(outcome.reason.remoteCode),
    );
    assert.deepEqual(states.sort(), ['OVERLAY_BUSY', 'ok', 'ok']);
    // Ten at once; the clock stands still, so there are no more.
    const codes = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await greedy.overlay.request(server.overlay.peerId, 'echo/1', bytes('x')).catch((e) => codes.add(e.remoteCode));
    }
    assert.deepEqual([...codes], ['OVERLAY_BUSY']);
    await assertAlive(server);
  });

  test('content by hash: 16 MiB in chunks, unknown and false content refused', async () => {
    const content = new Uint8Array(randomBytes(16 * 1024 * 1024));
    const hash = toHex(sha256(content));
    const serve = (bytesOf: Uint8Array) => ({
      read: (wanted: string, offset: number, length: number) =>
        wanted === hash ? { total: bytesOf.length, bytes: bytesOf.subarray(offset, offset + length) } : undefined,
    });
    const honest = await net.peer({}, { blobs: serve(content) });
    const liar = await net.peer({}, { blobs: serve(content.subarray(1)) });
    const client = await net.peer({ peers: [honest.address, liar.address] });
    await until(() => client.overlay.peers().length === 2, 'the connections');
    const peers = [liar.overlay.peerId, honest.overlay.peerId];
    assert.deepEqual(sha256(await client.overlay.fetchBlob(hash, { peers })), sha256(content));
    await assert.rejects(client.overlay.fetchBlob(hash, { peers: [liar.overlay.peerId] }), {
      code: 'OVERLAY_BLOB_NOT_FOUND',
    });
    await assert.rejects(client.overlay.fetchBlob('00'.repeat(32)), { code: 'OVERLAY_BLOB_NOT_FOUND' });
  });
});

describe('a hostile peer', () => {
  test('rubbish, oversized and cut frames on our protocols harm nobody', async () => {
    const peer = await echoPeer({ tuning: { requestTimeoutMs: 500 } });
    const node = await createNode(net);
    const rubbish = [
      randomBytes(300),
      framed(randomBytes(10), 0xffff_ffff), // Claims 4 GiB.
      framed(randomBytes(1_001)), // One byte too many.
      framed(randomBytes(10), 20), // Ten bytes short.
      Uint8Array.of(0, 0),
      concatBytes(framed(bytes('x')), randomBytes(100_000)), // More than was asked for.
    ];
    for (const data of rubbish) {
      const stream = await node.open(peer.address, ECHO);
      stream.send(data);
      const closed = Promise.withResolvers<void>();
      stream.addEventListener('close', () => closed.resolve());
      stream.addEventListener('remoteCloseWrite', () => closed.resolve());
      if (stream.status !== 'open') closed.resolve();
      await closed.promise;
      stream.abort(new Error('done'));
    }
    // Silence: a stream that never says anything.
    await node.open(peer.address, ECHO);
    await until(() => peer.overlay.counters().requestsFailed >= 4, 'the failures to be counted');
    await assertAlive(peer);
  });

  test('an answer that is too large, false or never comes is an error of the caller only', async () => {
    const client = await echoPeer();
    const node = await createNode(net);
    const answers = [new Uint8Array(600_000), Uint8Array.of(9, 9), new Uint8Array(), bytes('\x01lower case\n')];
    let next = 0;
    await node.answer('/zkbazaar/test/odd/1', () => answers[next]);
    await client.overlay.connect(node.address);
    const codes: string[] = [];
    for (; next <= answers.length; next++) {
      await client.overlay
        .request(node.peerId, 'odd/1', bytes('x'), next < answers.length ? {} : { timeoutMs: 300 })
        .catch((error) => codes.push(error.code));
    }
    assert.deepEqual(codes, [
      'OVERLAY_FRAME_TOO_LARGE',
      'OVERLAY_FRAME_INVALID',
      'OVERLAY_FRAME_INVALID',
      'OVERLAY_FRAME_INVALID',
      'OVERLAY_REQUEST_TIMEOUT',
    ]);
    await assertAlive(client);
  });

  test('rubbish on the gossip stream and oversized messages are not validated and not relayed', async () => {
    const { first, second, stream } = await gossipStream();
    for (let i = 0; i < 50; i++) stream.send(concatBytes(Uint8Array.of(100), randomBytes(100)));
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f));
    const raw = await createRawPublisher({ topics: TOPICS, target: first.address });
    net.onClose(() => raw.stop());
    await raw.publish(TOPIC, bytes(`good ${'x'.repeat(4_092)}`));
    await until(() => first.overlay.counters().rejected === 1, 'the refusal');
    await settle();
    assert.equal(first.validator.seen.length, 0);
    assert.equal(second.validator.seen.length, 0);
    await assertAlive(first);
  });

  test('3,000 broken gossip frames: none crashes, none is relayed', async () => {
    const { first, second, stream } = await gossipStream();
    const message = field(0x12, concatBytes(field(0x12, bytes('odd fuzz')), field(0x22, bytes(TOPIC))));
    const subscribe = field(0x0a, concatBytes(Uint8Array.of(0x08, 1), field(0x12, bytes(TOPIC))));
    const control = field(
      0x1a,
      concatBytes(field(0x0a, field(0x0a, bytes(TOPIC))), field(0x1a, field(0x0a, bytes(TOPIC)))),
    );
    const seeds = [message, subscribe, control, concatBytes(subscribe, message, control)];
    for (let i = 0; i < 3_000; i++) {
      const frame = Uint8Array.from(seeds[i % seeds.length] ?? message);
      // Bytes from a fixed generator: a failure comes back with the next run.
      for (let flips = 0; flips <= i % 4; flips++)
        frame[(i * 7_919 + flips * 104_729) % frame.length] = (i * 31 + flips) & 0xff;
      const length =
        frame.length > 127
          ? Uint8Array.of((frame.length & 0x7f) | 0x80, frame.length >> 7)
          : Uint8Array.of(frame.length);
      if (!stream.send(concatBytes(length, frame)) && stream.status === 'open') await stream.onDrain();
    }
    await assertAlive(first);
    await settle();
    assert.deepEqual(
      second.validator.seen.map(({ text }) => text),
      ['good and alive'],
    );
  });

  test('a message that names a sender is dropped, and its clean twin is still taken', async () => {
    const { first, second, stream } = await gossipStream();
    const message = concatBytes(
      field(0x0a, randomBytes(40)),
      field(0x12, bytes('good twin')),
      field(0x22, bytes(TOPIC)),
    );
    const rpc = field(0x12, message);
    stream.send(concatBytes(Uint8Array.of(rpc.length), rpc));
    await settle();
    assert.equal(first.validator.seen.length, 0);
    const clean = field(0x12, concatBytes(field(0x12, bytes('good twin')), field(0x22, bytes(TOPIC))));
    stream.send(concatBytes(Uint8Array.of(clean.length), clean));
    await until(() => second.validator.sawText('good twin'), 'the clean twin');
  });

  test('three rejected messages end in a ban', async () => {
    const peer = await net.peer();
    const raw = await createRawPublisher({ topics: TOPICS, target: peer.address });
    net.onClose(() => raw.stop());
    for (const text of ['bad 1', 'bad 2', 'bad 3']) await raw.publish(TOPIC, bytes(text));
    await until(() => peer.overlay.bans().length === 1, 'the ban');
    assert.equal(peer.overlay.bans()[0]?.peerId, raw.peerId);
    await until(() => !raw.connected(), 'the connection to close');
    assert.equal(await raw.publish(TOPIC, bytes('bad 4')), false);
    assert.equal(peer.validator.sawText('bad 4'), false);
    peer.overlay.unban(raw.peerId);
    assert.deepEqual(peer.overlay.bans(), []);
  });

  test('a flood of 1,000 messages by one peer holds a quarter of the room, and others get through', async () => {
    // A clock that stands still: nobody gets credit back while a busy machine sends the flood.
    const first = await net.peer({ tuning: { maxPendingValidations: 64 } }, { clock: new ManualClock(Date.now()) });
    const second = await net.peer({ peers: [first.address] });
    await net.joined([first, second], () => 1);
    const slow = gate();
    first.validator.gate = slow.wait;
    const raw = await createRawPublisher({ topics: TOPICS, target: first.address });
    net.onClose(() => raw.stop());
    let most = 0;
    for (let i = 0; i < 1_000; i++) {
      const sent = raw.publish(TOPIC, bytes(`odd ${i} ${'x'.repeat(3_900)}`));
      if (i % 50 === 49) await sent;
      most = Math.max(most, first.overlay.counters().pendingValidations);
    }
    await until(() => first.overlay.counters().received >= 1_000, 'the flood to arrive');
    most = Math.max(most, first.overlay.counters().pendingValidations);
    assert.equal(most, 16);
    assert.equal(first.overlay.counters().droppedBusy, 1_000 - 16);
    // 984 unwanted ones: sixteen more, and we stop listening to this peer.
    const other = await createRawPublisher({ topics: TOPICS, target: first.address });
    net.onClose(() => other.stop());
    await other.publish(TOPIC, bytes('good in spite of it'));
    slow.open();
    await until(() => second.validator.sawText('good in spite of it'), 'the good message');
    assert.equal(
      second.validator.seen.some(({ text }) => text.startsWith('odd')),
      false,
    );
    for (let i = 0; i < 20; i++) await raw.publish(TOPIC, bytes(`more ${i}`));
    await until(
      () => (first.overlay.peers().find((peer) => peer.peerId === raw.peerId)?.score ?? 0) <= -100,
      'the brake',
    );
    assert.deepEqual(first.overlay.bans(), []);
    const before = first.overlay.counters().received;
    // gossipsub keeps a peer of good standing on a list for a second or 128 messages.
    await settle(1_300);
    await raw.publish(TOPIC, bytes('unheard'));
    await settle(300);
    assert.equal(first.validator.sawText('unheard'), false);
    assert.equal(first.overlay.counters().received, before);
  });
});
