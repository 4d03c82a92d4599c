import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOf } from '../../support/codes.ts';
import { eventually, makeWorld, type Peer } from './world.ts';

const POLICY = 'balance(EUR) >= 1200 and age >= 18 and country in EU and unsanctioned and unique';

/** Every byte below a folder, one character each. */
function filesOf(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('');
}

const ready = (peer: Peer) =>
  eventually(`${peer.name} has the registry`, () => (peer.node.registry.current()?.complete ? true : undefined));

test('a trade over three peers: offer, proof, qualified, accepted; then replays, a restart, and a cancelled offer', async (t) => {
  const world = await makeWorld(t);
  const relay = await world.peer('relay');
  let maker = await world.peer('maker', { connectTo: relay, person: { name: 'Mara Maker', balance: '50000.00' } });
  let taker = await world.peer('taker', { connectTo: relay, person: { name: 'Tim Taker', balance: '1250.00' } });

  await t.test('the registry reaches everyone: by file to one, by gossip and hash to the others', async () => {
    await eventually('the mesh', () =>
      relay.node.peers.list().every(({ mesh }) => mesh.length > 0) && relay.node.peers.list().length === 2
        ? true
        : undefined,
    );
    await relay.node.registry.import(await world.publish());
    await relay.node.registry.announce();
    await Promise.all([ready(maker), ready(taker)]);
    assert.equal(taker.node.registry.current()?.root, relay.node.registry.current()?.root);
    assert.deepEqual(taker.node.registry.current()?.lists, [{ name: 'sanctions', elements: 1 }]);
  });

  const offer = await maker.node.offers.create({
    title: 'a cargo bicycle',
    price: { asset: 'EUR', amount: '120000' },
    policy: POLICY,
  });

  await t.test('the offer travels to a peer that its maker is not connected with', async () => {
    const seen = await eventually('the offer', async () => (await taker.node.offers.list()).items[0]);
    assert.deepEqual({ ...seen, mine: true, receivedAt: 0 }, { ...offer, receivedAt: 0 });
    assert.equal(seen.mine, false);
    assert.equal(await codeOf(maker.node.orders.take(offer.id)), 'MARKET_OWN_OFFER');
    assert.equal(await codeOf(relay.node.orders.take(offer.id)), 'NODE_WALLET_ABSENT');
  });

  const stages: string[] = [];
  const order = await taker.node.orders.take(offer.id, { onProgress: (stage) => stages.push(stage) });

  await t.test('taking proves, and both sides see qualified', async () => {
    assert.ok(stages.includes('multiexp'), stages.join());
    const signal = AbortSignal.timeout(20_000);
    assert.equal((await taker.node.orders.wait(order.id, ['qualified'], signal)).state, 'qualified');
    const mine = await maker.node.orders.show(order.id);
    assert.deepEqual(
      [mine.state, mine.role, mine.nextActor, mine.claimId],
      ['qualified', 'maker', 'maker', order.claimId],
    );
    // Neither side's view holds anything of the other's balance, name or account.
    assert.doesNotMatch(JSON.stringify(mine), /Tim|Taker|1250|125000|DE-/);
  });

  await t.test('every peer has verified the claim before relaying it', async () => {
    await eventually('the claim at the relay', () => relay.node.verdicts().find(({ kind }) => kind === 'claim'));
    for (const peer of [relay, maker, taker]) {
      const [verdict] = peer.node.verdicts().filter(({ kind, action }) => kind === 'claim' && action === 'accept');
      assert.equal(verdict?.envelopeId, order.claimId, peer.name);
    }
  });

  await t.test('only the maker decides; accepting leaves both with one receipt', async () => {
    assert.equal(await codeOf(taker.node.orders.accept(order.id)), 'MARKET_ILLEGAL_TRANSITION');
    await maker.node.orders.accept(order.id);
    const done = async (peer: Peer) => {
      const view = await peer.node.orders.show(order.id);
      return view.confirmed ? view : undefined;
    };
    const [ours, theirs] = await Promise.all([
      eventually('confirmed at the maker', () => done(maker)),
      eventually('confirmed at the taker', () => done(taker)),
    ]);
    assert.deepEqual(ours.receipt, theirs.receipt);
    assert.ok(ours.receipt?.makerSignature && ours.receipt.takerSignature);
    await eventually('taken everywhere', async () =>
      (await taker.node.offers.show(offer.id)).status === 'taken' ? true : undefined,
    );
    assert.equal(await codeOf(taker.node.orders.take(offer.id)), 'MARKET_OFFER_CLOSED');
  });

  await t.test('one holder takes a unique offer once', async () => {
    const second = await maker.node.offers.create({
      title: 'another bicycle',
      price: { asset: 'EUR', amount: '120000' },
      policy: 'age >= 18 and unique',
      units: 5,
    });
    await eventually('the second offer', () => taker.node.offers.show(second.id).catch(() => undefined));
    await taker.node.orders.take(second.id);
    assert.equal(await codeOf(taker.node.orders.take(second.id)), 'NODE_NOT_PUBLISHED');
    assert.equal((await taker.node.orders.list({ offerId: second.id })).length, 1);
    await maker.node.offers.cancel(second.id);
    await eventually('declined', async () => {
      const [view] = await taker.node.orders.list({ offerId: second.id });
      return view?.reason === 'OFFER_CANCELLED' ? true : undefined;
    });
    await eventually('cancelled everywhere', async () =>
      (await taker.node.offers.show(second.id)).status === 'cancelled' ? true : undefined,
    );
  });

  await t.test('one account backs one open order', async () => {
    const third = await maker.node.offers.create({
      title: 'a third',
      price: { asset: 'EUR', amount: '1' },
      policy: 'balance(EUR) >= 100',
    });
    await eventually('the third offer', () => taker.node.offers.show(third.id).catch(() => undefined));
    assert.equal(await codeOf(taker.node.orders.take(third.id)), 'NODE_NOT_PUBLISHED');
  });

  await t.test('who does not meet the policy learns what is missing, and no proof is made', async () => {
    const dear = await maker.node.offers.create({
      title: 'a house',
      price: { asset: 'EUR', amount: '1' },
      policy: 'balance(EUR) >= 5000',
    });
    await eventually('the dear offer', () => taker.node.offers.show(dear.id).catch(() => undefined));
    assert.match(await codeOf(taker.node.orders.take(dear.id)), /^CLAIM_/);
    const check = await taker.node.proofs.check('balance(EUR) >= 5000');
    assert.equal(check.shortfalls?.length, 1);
  });

  await t.test('all of it survives a restart of both', async () => {
    maker = await world.restart(maker);
    taker = await world.restart(taker);
    for (const peer of [maker, taker]) {
      const view = await peer.node.orders.show(order.id);
      assert.deepEqual([view.state, view.confirmed], ['accepted', true]);
      assert.equal((await peer.node.offers.show(offer.id)).status, 'taken');
      assert.equal(peer.node.registry.current()?.complete, true);
    }
    assert.equal((await maker.node.offers.show(offer.id)).mine, true);
  });

  await t.test('health and metrics say so', async () => {
    await eventually('a peer', () => (maker.node.peers.list().length > 0 ? true : undefined));
    const health = maker.node.health();
    assert.deepEqual([health.live, health.ready], [true, true]);
    assert.deepEqual(
      health.checks.filter(({ ok }) => !ok),
      [],
    );
    const { body } = await relay.node.metrics();
    assert.match(body, /zkbazaar_verdicts_total\{action="accept",code="GOSSIP_ACCEPTED",source="gossip"\} [1-9]/);
    assert.match(body, /zkbazaar_registry_sequence 1/);
  });

  await t.test('no log line and no file of any peer holds a name, an account, an attribute or the passphrase', () => {
    const peers = [relay, maker, taker];
    const lines = peers.flatMap(({ log }) => log).join('');
    const files = peers.map(({ config }) => filesOf(config.dataDir)).join('');
    assert.ok(lines.length > 1000 && files.length > 10_000);
    const secrets = peers.flatMap((peer) => peer.secrets);
    assert.ok(secrets.length >= 8);
    for (const secret of secrets) {
      assert.ok(!lines.includes(secret), 'a secret in the log');
      assert.ok(!files.includes(secret), 'a secret on the disk');
    }
  });
});
