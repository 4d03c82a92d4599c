import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { codeOf } from '../../support/codes.ts';
import { eventually, makeWorld } from './world.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('an order reaches a maker that was away, and a maker shows what it has proven', async (t) => {
  const world = await makeWorld(t);
  const taker = await world.peer('taker', { person: { name: 'Tim Taker', balance: '1250.00' } });
  await taker.node.registry.import(await world.publish());
  let maker = await world.peer('maker', {
    connectTo: taker,
    person: { name: 'Mara Maker', balance: '9.00' },
    // The maker comes back on the port that its offer names.
    flags: { 'p2p.listen': [`/ip4/127.0.0.1/tcp/${await freePort()}`] },
  });
  await eventually('the registry by sync', () => (maker.node.registry.current()?.complete ? true : undefined));

  const offer = await maker.node.offers.create({
    title: 'a lamp',
    price: { asset: 'EUR', amount: '2000' },
    policy: 'kyc >= 2 and disclose country',
    makerPolicy: 'age >= 18 and unsanctioned',
  });
  const seen = await eventually('the offer', async () => (await taker.node.offers.list()).items[0]);
  assert.equal(seen.makerPolicy?.credential?.notOn?.list, 'sanctions');
  assert.equal(seen.policy.credential?.disclose, 'country');

  await maker.node.stop();
  const order = await taker.node.orders.take(offer.id);
  assert.equal(order.state, 'proposed');
  maker = await world.restart(maker);
  const signal = AbortSignal.timeout(30_000);
  assert.equal((await taker.node.orders.wait(order.id, ['qualified'], signal)).state, 'qualified');
  assert.equal((await maker.node.orders.show(order.id)).disclosed, 'DE');

  await maker.node.orders.decline(order.id, 'sold to a neighbour');
  const declined = await taker.node.orders.wait(order.id, ['declined'], signal);
  assert.deepEqual([declined.reason, declined.note, declined.final], ['MAKER_DECLINED', 'sold to a neighbour', true]);
  assert.equal(await codeOf(taker.node.orders.cancel(order.id)), 'MARKET_ILLEGAL_TRANSITION');
});

test('stop is quick and final, also while a proof is being made', async (t) => {
  const world = await makeWorld(t);
  const peer = await world.peer('one', { person: { name: 'Tim Taker', balance: '1250.00' } });
  await peer.node.registry.import(await world.publish());
  const proving = codeOf(peer.node.proofs.prove({ policy: 'balance(EUR) >= 1200' }));
  await eventually('the job', () => (peer.node.proofs.list()[0]?.state === 'running' ? true : undefined));
  assert.equal(peer.node.health().ready, true);
  await peer.node.stop();
  assert.match(await proving, /^PROVER_/);
  assert.deepEqual([peer.node.health().live, peer.node.health().ready], [false, false]);
  await peer.node.stop();
  assert.equal(await codeOf(peer.node.start()), 'NODE_ALREADY_RUNNING');
  // Its files are free again.
  await world.restart(peer);
});

test('two nodes cannot share a data folder', async (t) => {
  const world = await makeWorld(t);
  const peer = await world.peer('one');
  assert.equal(await codeOf(world.peer('one')), 'STORE_LOCKED');
  assert.equal(peer.node.health().ready, true);
});
