import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { toHex } from '../../../../src/base/bytes.ts';
import { ShardGroup } from '../../../../src/ledger/shards/group.ts';
import { PortExchange } from '../../../../src/ledger/shards/port-exchange.ts';
import { FEE_ACCOUNT, NETWORK } from '../../../property/ledger-worlds.ts';
import { goldenWorld } from '../execute/golden-script.ts';

describe('shards in threads', { timeout: 120_000 }, () => {
  for (const shards of [2, 8]) {
    it(`come to what the baseline comes to, over all programs, ${shards} of them`, async () => {
      const world = goldenWorld();
      const settings = { shards, capacity: 4096, network: NETWORK, feeAccount: FEE_ACCOUNT };
      const programs = new URL('../../../property/ledger-script.ts', import.meta.url).href;
      const group = await ShardGroup.start({ ...settings, programs });
      try {
        const records = [...world.genesis].map(([key, value]) => ({ key: Buffer.from(key, 'hex'), value }));
        await group.load({ records });
        // All at once: a thread that is done with a block begins the next at once.
        const running = world.blocks.map(({ batch, height, time }) =>
          group.execute({ batch, height, time, transactionsRoot: new Uint8Array(32) }),
        );
        const found = await Promise.all(running);
        world.blocks.forEach(({ stateRoot, receiptsRoot, state }, i) => {
          const { stateRoot: own, receiptsRoot: ours, records: count } = found[i] ?? assert.fail();
          assert.deepEqual([toHex(own), toHex(ours), count], [stateRoot, receiptsRoot, state.size]);
        });
      } finally {
        await group.close();
      }
      await assert.rejects(group.load({ records: [] }), { code: 'LEDGER_CLOSED' });
    });
  }
});

describe('a port between two shards', () => {
  const pair = (t: { after(work: () => void): void }) => {
    const { port1, port2 } = new MessageChannel();
    t.after(() => port1.close());
    return { exchange: new PortExchange([undefined, port1]), other: port2 };
  };
  const some = (byte: number) => new Uint8Array(40).fill(byte);

  it('carries messages whether they are awaited first or sent first, each round once', async (t) => {
    const { port1, port2 } = new MessageChannel();
    t.after(() => port1.close());
    const [zero, one] = [new PortExchange([undefined, port1]), new PortExchange([port2, undefined])];
    const awaited = one.receive('1/0', 0, 1);
    zero.send('1/0', 0, 1, some(1));
    zero.send('1/1', 0, 1, some(2));
    assert.deepEqual(await awaited, some(1));
    assert.deepEqual(await one.receive('1/1', 0, 1), some(2));
    await assert.rejects(one.receive('1/1', 2, 1), { code: 'LEDGER_LANE_FAILED' });
  });

  const lies: readonly (readonly [string, (port: MessagePort) => void])[] = [
    ['what is no message', (port) => port.postMessage('hello')],
    ['a message without bytes', (port) => port.postMessage({ round: '1/0', bytes: [1, 2] })],
    ['a round without end', (port) => port.postMessage({ round: '1'.repeat(65), bytes: some(1) })],
    ['a round twice', (port) => [1, 2].forEach((byte) => void port.postMessage({ round: '9/0', bytes: some(byte) }))],
    [
      'rounds that nobody has come to',
      (port) => [1, 2, 3, 4, 5].forEach((wave) => void port.postMessage({ round: `9/${wave}`, bytes: some(wave) })),
    ],
  ];
  for (const [name, lie] of lies) {
    it(`fails whoever waits, and all who come after, at ${name}`, async (t) => {
      const { exchange, other } = pair(t);
      const waiting = exchange.receive('1/7', 1, 0);
      lie(other);
      await assert.rejects(waiting, { code: 'LEDGER_LANE_FAILED', message: /shard 1/ });
      await assert.rejects(exchange.receive('1/8', 1, 0), { code: 'LEDGER_LANE_FAILED' });
    });
  }
});
