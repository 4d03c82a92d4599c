import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ManualClock } from '../../../src/base/clock.ts';
import { getClaims } from '../../../src/claims/index.ts';
import { createRegistryWindow } from '../../../src/gossip/index.ts';
import type { Registry } from '../../../src/issuer/index.ts';
import type { PublishReport } from '../../../src/node/index.ts';
import { RegistryHolder } from '../../../src/node/registry-holder.ts';
import { registryFile } from '../../../src/node/registry-publication.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { codeOf } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makeIssuer, makeRegistry } from '../issuer/make.ts';

interface Place {
  holder: RegistryHolder;
  store: Store;
  published: Uint8Array[];
}

const report: PublishReport = {
  id: '',
  topic: '',
  accepted: true,
  action: 'accept',
  code: 'GOSSIP_ACCEPTED',
  recipients: [],
};

async function place(t: TestContext, registryKey: string | null, clock: ManualClock): Promise<Place> {
  const store = await openStore({ dataDir: await tempDir(t) });
  t.after(() => store.close());
  const window = createRegistryWindow({ graceSeconds: 3600 }, { clock });
  const published: Uint8Array[] = [];
  const holder: RegistryHolder = new RegistryHolder(
    { network: 'local', registryKey, graceSeconds: 3600 },
    {
      store,
      claims: await getClaims(),
      window,
      clock,
      // Stands for gossip: takes the header in as it does once the envelope has passed.
      publish: async (envelope) => {
        published.push(envelope);
        return report;
      },
      onChange: () => undefined,
    },
  );
  await holder.restore();
  return { holder, store, published };
}

async function operator(
  t: TestContext,
): Promise<{ registry: Registry; key: string; clock: ManualClock; publish: () => Promise<Uint8Array> }> {
  const { registry, clock } = await makeRegistry(t);
  const { issuer } = await makeIssuer(t, 'identity');
  await registry.putIssuer(await issuer.publish());
  const { registryKey: key } = await registry.state();
  const publish = async () =>
    registryFile(await registry.publish(), registry, { registryKey: key, now: Math.floor(clock.nowMs() / 1000) }).bytes;
  return { registry, key, clock, publish };
}

const json = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
const file = (value: object) => Buffer.from(JSON.stringify(value));

test('a publication without envelope counts here alone, and survives a restart', async (t) => {
  const { key, clock, publish } = await operator(t);
  const { holder, store, published } = await place(t, key, clock);
  assert.equal(holder.current(), null);
  assert.throws(() => holder.snapshot(), { code: 'NODE_NO_REGISTRY' });
  const { envelope: _, ...bare } = json(await publish());
  const info = await holder.import(file(bare));
  assert.deepEqual([info.sequence, info.complete, info.issuers.length], [1, true, 1]);
  assert.equal(published.length, 0);
  assert.equal((await store.registries.current())?.sequence, 1);
  assert.equal(await codeOf(holder.export()), 'NODE_NO_REGISTRY');
});

test('a file with an envelope goes out through gossip first; refused there, it is refused here', async (t) => {
  const { key, clock, publish } = await operator(t);
  const { holder, published } = await place(t, key, clock);
  report.accepted = false;
  report.code = 'GOSSIP_STALE_SEQUENCE';
  t.after(() => Object.assign(report, { accepted: true, code: 'GOSSIP_ACCEPTED' }));
  assert.equal(await codeOf(holder.import(await publish())), 'NODE_REGISTRY_FILE');
  assert.equal(published.length, 1);
  assert.equal(holder.current(), null);
});

test('what one node exports, another imports', async (t) => {
  const { key, clock, publish } = await operator(t);
  const first = await place(t, key, clock);
  const second = await place(t, key, clock);
  for (const [there, bytes] of [[first, await publish()]] as const) {
    const { envelope: _, ...bare } = json(bytes);
    await there.holder.import(file(bare));
    await there.holder.import(bytes);
  }
  const exported = await first.holder.export();
  assert.deepEqual(Object.keys(json(exported)).sort(), ['envelope', 'snapshot']);
  const { envelope, snapshot } = json(exported);
  // Header first, as gossip would have brought it.
  await second.store.registries.put(
    { sequence: 1, root: (snapshot as { root: string }).root, issuedAt: 1, lists: {}, snapshotHash: 'ab'.repeat(32) },
    1,
  );
  assert.equal((await second.holder.import(file({ envelope, snapshot } as object))).complete, true);
  assert.deepEqual(second.holder.snapshot(), first.holder.snapshot());
});

test('peers read the snapshot by the hash that the header names', async (t) => {
  const { key, clock, publish } = await operator(t);
  const { holder, store } = await place(t, key, clock);
  const { envelope: _, ...bare } = json(await publish());
  await holder.import(file(bare));
  const record = await store.registries.current();
  assert.ok(record);
  const whole = await holder.read(record.snapshotHash, 0, 1 << 20);
  assert.equal(whole?.total, whole?.bytes.length);
  assert.equal((await holder.read(record.snapshotHash, 10, 20))?.bytes.length, 20);
  assert.equal(await holder.read('00'.repeat(32), 0, 20), undefined);
  // Written once, not for every 36 bytes that a peer sends.
  const [first, second] = [await holder.read(record.snapshotHash, 0, 1), await holder.read(record.snapshotHash, 1, 1)];
  assert.equal(first?.bytes.buffer, second?.bytes.buffer);
  // And another node takes them for the header that gossip gave it.
  const other = await place(t, key, clock);
  await other.store.registries.put(record, 1);
  assert.equal((await other.holder.missing())?.sequence, 1);
  await other.holder.takeFetched(record, whole?.bytes ?? new Uint8Array());
  assert.equal(other.holder.current()?.complete, true);
  assert.equal(await other.holder.missing(), undefined);
  const damaged = Buffer.from(whole?.bytes ?? []);
  damaged[5] = (damaged[5] ?? 0) ^ 1;
  assert.equal(await codeOf(other.holder.takeFetched(record, damaged)), 'NODE_REGISTRY_FILE');
});

test('files that nobody should take are refused with a code', async (t) => {
  const { key, clock, publish } = await operator(t);
  const stranger = await operator(t);
  const good = json(await publish());
  const { holder } = await place(t, key, clock);
  const snapshot = good['snapshot'] as Record<string, unknown>;
  const cases: [string, Uint8Array, RegExp][] = [
    ['no JSON', Buffer.from('{'), /NODE_REGISTRY_FILE/],
    ['not UTF-8', Uint8Array.of(0xff), /NODE_REGISTRY_FILE/],
    ['a list', Buffer.from('[]'), /NODE_REGISTRY_FILE/],
    ['nothing in it', file({}), /NODE_REGISTRY_FILE/],
    ['a snapshot alone', file({ snapshot }), /NODE_REGISTRY_FILE/],
    ["a stranger's", await stranger.publish(), /NODE_REGISTRY_FILE|REGISTRY_BAD_SIGNATURE/],
    ['another root', file({ header: good['header'], snapshot: { ...snapshot, root: '5' } }), /REGISTRY_/],
    ['a changed issuer', file({ header: good['header'], snapshot: { ...snapshot, issuers: [] } }), /REGISTRY_/],
    [
      'another snapshot under the envelope',
      file({ envelope: good['envelope'], snapshot: { ...snapshot, issuers: [] } }),
      /NODE_REGISTRY_FILE/,
    ],
    ['an envelope that is none', file({ header: good['header'], snapshot, envelope: 'AAAA' }), /ENVELOPE_/],
  ];
  for (const [what, bytes, code] of cases) assert.match(await codeOf(holder.import(bytes)), code, what);
  assert.equal(holder.current(), null);
  const nobody = await place(t, null, clock);
  assert.equal(await codeOf(nobody.holder.import(await publish())), 'NODE_REGISTRY_KEY');
});

test('an older publication never replaces a newer one', async (t) => {
  const { key, clock, publish } = await operator(t);
  const { holder } = await place(t, key, clock);
  const [first, second] = [await publish(), await publish()];
  const bare = ({ envelope: _, ...rest }: Record<string, unknown>) => file(rest);
  await holder.import(bare(json(second)));
  assert.equal(await codeOf(holder.import(bare(json(first)))), 'REGISTRY_ROLLED_BACK');
  assert.equal(holder.current()?.sequence, 2);
  assert.equal(await codeOf(holder.import(bare(json(second)))), 'nothing');
});
