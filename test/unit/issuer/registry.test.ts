import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify, newEd25519Seed } from '../../../src/base/ed25519.ts';
import { getClaims } from '../../../src/claims/index.ts';
import {
  initRegistry,
  MAX_HEADER_BYTES,
  openRegistry,
  type PublishedRegistry,
  snapshotHash,
  verifyHeader,
  verifyRegistry,
} from '../../../src/issuer/index.ts';
import { headerSigningBytes } from '../../../src/issuer/snapshot.ts';
import { coded } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makeIssuer, makeRegistry, NOW, PASSPHRASE, record, SCRYPT } from './make.ts';

const copy = (published: PublishedRegistry): PublishedRegistry => structuredClone(published);

test('a published registry verifies, and its view is what claims compute', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  const { registry } = await makeRegistry(t);
  await registry.putIssuer(await issuer.publish());
  await registry.putList('sanctions', [9n, 5n, 9n], 'test');
  const published = await registry.publish();
  const { registryKey } = await registry.state();
  const { view, header } = await verifyRegistry(copy(published), { registryKey, network: 'local' });
  const claims = await getClaims();
  assert.deepEqual(view, claims.registryView(published.snapshot));
  assert.deepEqual(verifyHeader(header, { registryKey, network: 'local' }).view, view, 'the header alone is enough');
  assert.deepEqual([header.sequence, header.issuedAt, header.network], [1, NOW, 'local']);
  assert.deepEqual(published.snapshot.lists[0]?.elements, ['5', '9']);
  assert.equal(header.snapshot, snapshotHash(published.snapshot));
  assert.equal(header.signature, published.snapshot.signature);
  assert.deepEqual(await registry.latest(), published);
  assert.equal((await registry.publish()).header.sequence, 2);
});

test('every changed field of header or snapshot is refused', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  const { registry } = await makeRegistry(t);
  await registry.putIssuer(await issuer.publish());
  await registry.putList('sanctions', [5n], 'test');
  const published = await registry.publish();
  const trust = { registryKey: (await registry.state()).registryKey, network: 'local' };
  const inHeader: [string, object][] = [
    ['REGISTRY_BAD_SIGNATURE', { sequence: 2 }],
    ['REGISTRY_BAD_SIGNATURE', { issuedAt: NOW + 1 }],
    ['REGISTRY_BAD_SIGNATURE', { root: '5' }],
    ['REGISTRY_BAD_SIGNATURE', { lists: { sanctions: '5' } }],
    ['REGISTRY_BAD_SIGNATURE', { lists: { ...published.header.lists, more: '5' } }],
    ['REGISTRY_BAD_SIGNATURE', { lists: {} }],
    ['REGISTRY_BAD_SIGNATURE', { snapshot: '00'.repeat(32) }],
    ['REGISTRY_BAD_SIGNATURE', { signature: '00'.repeat(64) }],
    ['REGISTRY_WRONG_NETWORK', { network: 'other' }],
    ['REGISTRY_MALFORMED', { root: '05' }],
    ['REGISTRY_MALFORMED', { v: 2 }],
    ['REGISTRY_MALFORMED', { extra: 2 }],
    ['REGISTRY_MALFORMED', { lists: { sanctions: 5 } }],
  ];
  for (const [code, change] of inHeader) {
    const bad = { ...published, header: { ...published.header, ...change } };
    await assert.rejects(verifyRegistry(bad, trust), coded(code), JSON.stringify(change));
  }
  const [issuerBefore] = published.snapshot.issuers;
  const inSnapshot: [string, object][] = [
    ['REGISTRY_WRONG_DATA', { sequence: 2 }],
    ['REGISTRY_WRONG_DATA', { issuedAt: NOW + 1 }],
    ['REGISTRY_WRONG_DATA', { root: '5' }],
    ['REGISTRY_WRONG_DATA', { network: 'other' }],
    ['REGISTRY_WRONG_DATA', { signature: '00'.repeat(64) }],
    ['REGISTRY_WRONG_DATA', { lists: [{ name: 'sanctions', elements: ['5', '6'] }] }],
    ['REGISTRY_WRONG_DATA', { lists: [] }],
    ['REGISTRY_WRONG_DATA', { issuers: [] }],
    ['REGISTRY_WRONG_DATA', { issuers: [{ ...issuerBefore, name: 'Another' }] }],
    ['REGISTRY_MALFORMED', { lists: [{ name: 'sanctions', elements: ['5', '1'] }] }],
    ['REGISTRY_MALFORMED', { issuers: null }],
  ];
  for (const [code, change] of inSnapshot) {
    const bad = { ...published, snapshot: { ...published.snapshot, ...change } };
    await assert.rejects(verifyRegistry(bad, trust), coded(code), JSON.stringify(change));
  }
  for (const input of [null, 7, [], {}, { header: published.header }, { snapshot: published.snapshot }]) {
    await assert.rejects(verifyRegistry(input, trust), coded('REGISTRY_MALFORMED'));
  }
  const stranger = toHex(ed25519PublicKey(newEd25519Seed()));
  await assert.rejects(verifyRegistry(published, { ...trust, registryKey: stranger }), coded('REGISTRY_BAD_SIGNATURE'));
  await assert.rejects(verifyRegistry(published, { ...trust, registryKey: 'XY' }), coded('REGISTRY_BAD_INPUT'));
  await assert.rejects(verifyRegistry(published, { ...trust, atLeastSequence: 2 }), coded('REGISTRY_ROLLED_BACK'));
  await verifyRegistry(published, { ...trust, atLeastSequence: 1 });
});

test('even the registry key cannot pass off roots that the content does not have', async () => {
  const seed = newEd25519Seed();
  const trust = { registryKey: toHex(ed25519PublicKey(seed)), network: 'local' };
  const claims = await getClaims();
  const content = { issuers: [], lists: [{ name: 'sanctions', elements: ['5'] }] };
  const root = claims.registryRoot(content);
  const listRoot = claims.registryView({
    network: 'local',
    sequence: 1,
    issuedAt: NOW,
    ...content,
    root: root.toString(),
  }).listRoots['sanctions'];
  const sign = (rootText: string, lists: Record<string, string>): PublishedRegistry => {
    const snapshot = { network: 'local', sequence: 1, issuedAt: NOW, ...content, root: rootText };
    const header = {
      v: 1 as const,
      network: 'local',
      sequence: 1,
      issuedAt: NOW,
      root: rootText,
      lists,
      snapshot: snapshotHash(snapshot),
    };
    const signature = toHex(ed25519Sign(seed, headerSigningBytes(header)));
    return { header: { ...header, signature }, snapshot: { ...snapshot, signature } };
  };
  await verifyRegistry(sign(root.toString(), { sanctions: String(listRoot) }), trust);
  await assert.rejects(verifyRegistry(sign('5', { sanctions: String(listRoot) }), trust), coded('REGISTRY_WRONG_ROOT'));
  await assert.rejects(verifyRegistry(sign(root.toString(), { sanctions: '5' }), trust), coded('REGISTRY_WRONG_ROOT'));
  await assert.rejects(verifyRegistry(sign(root.toString(), {}), trust), coded('REGISTRY_WRONG_ROOT'));
});

test('an issuer entry is taken with its own signature only, and never an older one', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  const { registry } = await makeRegistry(t);
  const serial = (await issuer.issueIdentities([record()])).issued[0]?.credential.serial ?? '';
  const before = await issuer.publish();
  await issuer.revoke([serial]);
  const after = await issuer.publish();
  await registry.putIssuer(after);
  await assert.rejects(registry.putIssuer(before), coded('REGISTRY_ENTRY_STALE', 'sequence'));
  await registry.putIssuer(after);
  assert.deepEqual((await registry.state()).issuers[0]?.revoked, [serial]);

  const bad: [Record<string, unknown>, string][] = [
    [{ revoked: [] }, 'signature'],
    [{ sequence: 9 }, 'signature'],
    [{ name: 'Another' }, 'signature'],
    [{ schema: 'balance' }, 'signature'],
    [{ schema: 'robot' }, 'schema'],
    [{ name: '' }, 'name'],
    [{ v: 2 }, 'v'],
    [{ sequence: 0 }, 'sequence'],
    [{ x: '0', y: '1' }, 'x'],
    [{ x: '0x1' }, 'x'],
    [{ revoked: ['5', '5'] }, 'revoked'],
    [{ revoked: ['10', '9'] }, 'revoked'],
    [{ revoked: ['0'] }, 'revoked'],
    [{ revoked: [`${2n ** 128n - 1n}`] }, 'revoked'],
    [{ revoked: 'all' }, 'revoked'],
    [{ signature: null }, 'signature.r8x'],
  ];
  for (const [over, where] of bad) {
    await assert.rejects(registry.putIssuer({ ...after, ...over }), coded('REGISTRY_BAD_ENTRY', where));
  }
  for (const input of [null, 'x', []]) await assert.rejects(registry.putIssuer(input), coded('REGISTRY_BAD_ENTRY'));

  const { issuer: impostor } = await makeIssuer(t, 'identity');
  await assert.rejects(registry.putIssuer(await impostor.publish()), coded('REGISTRY_BAD_ENTRY', 'name'));
});

test('issuers and lists come and go', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  const { registry } = await makeRegistry(t);
  await registry.putIssuer(await issuer.publish());
  await registry.putList('sanctions', [5n], 'first');
  await registry.putList('sanctions', [6n, 7n], 'second');
  assert.deepEqual((await registry.state()).lists, [{ name: 'sanctions', elements: 2, source: 'second' }]);
  await assert.rejects(registry.removeIssuer('Nobody'), coded('REGISTRY_UNKNOWN_ISSUER'));
  await registry.removeIssuer('Example Issuer');
  await registry.removeList('sanctions');
  await assert.rejects(registry.removeList('sanctions'), coded('REGISTRY_UNKNOWN_LIST'));
  assert.deepEqual((await registry.publish()).snapshot.issuers, []);
  for (const elements of [[0n], [-1n], [2n ** 128n - 1n]]) {
    await assert.rejects(registry.putList('x', elements, ''), coded('REGISTRY_BAD_INPUT'));
  }
  for (const name of ['', 'X', 'a b', 'a'.repeat(40)]) {
    await assert.rejects(registry.putList(name, [5n], ''), coded('REGISTRY_BAD_INPUT'));
  }
  const many = Array.from({ length: 262_144 }, (_, i) => BigInt(i + 1));
  await assert.rejects(registry.putList('x', many, ''), coded('REGISTRY_LIST_TOO_LARGE'));
});

test('a header fits an envelope; too many lists are refused before a number is spent', async (t) => {
  const { registry } = await makeRegistry(t);
  for (let i = 10; i < 23; i++) await registry.putList(`list_with_a_name_of_32_chars__${i}a`.slice(0, 32), [5n], '');
  const { header } = await registry.publish();
  const size = utf8(JSON.stringify(header)).length;
  assert.ok(size > 1500 && size <= MAX_HEADER_BYTES, `${size}`);
  for (let i = 30; i < 40; i++) await registry.putList(`list_with_a_name_of_32_chars__${i}`, [5n], '');
  await assert.rejects(registry.publish(), coded('REGISTRY_HEADER_TOO_LARGE'));
  assert.equal((await registry.state()).sequence, 1);
});

test('parallel publications never share a number', async (t) => {
  const { registry, dir } = await makeRegistry(t);
  const other = await openRegistry({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  const published = await Promise.all([registry, other, registry, other].map((each) => each.publish()));
  other.close();
  assert.deepEqual(published.map(({ header }) => header.sequence).sort(), [1, 2, 3, 4]);
});

test('without its passphrase a registry is edited, not published', async (t) => {
  const { registry, dir } = await makeRegistry(t);
  const locked = await openRegistry({ dir });
  await locked.putList('sanctions', [5n], '');
  await assert.rejects(locked.publish(), coded('REGISTRY_LOCKED'));
  assert.equal((await registry.publish()).snapshot.lists.length, 1);
  registry.close();
  await assert.rejects(registry.publish(), coded('REGISTRY_LOCKED'));
  await assert.rejects(
    openRegistry({ dir, passphrase: 'wrong passphrase', scrypt: SCRYPT }),
    coded('REGISTRY_UNLOCK_FAILED'),
  );
  await assert.rejects(openRegistry({ dir: join(dir, 'none') }), coded('REGISTRY_NOT_FOUND'));
});

test('the registry key signs envelopes and nothing else at that door', async (t) => {
  const { registry } = await makeRegistry(t);
  const message = utf8('zkbazaar/envelope/1\nlocal\nbody');
  const { registryKey } = await registry.state();
  assert.ok(ed25519Verify(Buffer.from(registryKey, 'hex'), message, registry.signEnvelope(message)));
  const { header } = await registry.publish();
  for (const bytes of [headerSigningBytes(header), utf8(''), utf8('zkbazaar/envelope/10\n')]) {
    assert.throws(() => registry.signEnvelope(bytes), coded('REGISTRY_FOREIGN_MESSAGE'));
  }
});

test('a registry has a network name and a folder of its own', async (t) => {
  const dir = join(await tempDir(t), 'r');
  const init = { dir, network: 'local', passphrase: PASSPHRASE, scrypt: SCRYPT };
  for (const network of ['', 'Local', '-x', 'a'.repeat(33)]) {
    await assert.rejects(initRegistry({ ...init, network }), coded('REGISTRY_BAD_INPUT'));
  }
  await assert.rejects(initRegistry({ ...init, passphrase: 'short' }), coded('REGISTRY_BAD_PASSPHRASE'));
  (await initRegistry(init)).close();
  await assert.rejects(initRegistry(init), coded('REGISTRY_EXISTS'));
});

test('damaged files are coded errors', async (t) => {
  const { registry, dir } = await makeRegistry(t);
  await registry.publish();
  const published = await readFile(join(dir, 'published.json'), 'utf8');
  for (const broken of ['', '{}', published.replace('"sequence":1', '"sequence":2')]) {
    await writeFile(join(dir, 'published.json'), broken);
    await assert.rejects(registry.latest(), coded('REGISTRY_BAD_FILE', 'published.json'));
  }
  for (const broken of [
    '',
    '{"v":1,"sequence":0,"issuers":[],"lists":[{"name":"x","elements":["2","1"],"source":""}]}',
  ]) {
    await writeFile(join(dir, 'state.json'), broken);
    await assert.rejects(registry.state(), coded('REGISTRY_BAD_FILE', 'state.json'));
  }
});
