import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ClaimError,
  createClaims,
  parsePolicy,
  type RegistrySnapshot,
  registrySnapshotSchema,
  signedRegistrySnapshotSchema,
} from '../../../src/claims/index.ts';
import { buildGapTree, buildTree, getCrypto, sha248, TAGS } from '../../../src/crypto/index.ts';
import { claims, KEYS, NOW, publicKey, snapshot } from './fixture.ts';

const crypto = await getCrypto();

function refused(change: (registry: RegistrySnapshot) => void): string | undefined {
  const registry = structuredClone(snapshot());
  change(registry);
  try {
    claims.registryRoot(registry);
  } catch (error) {
    assert.ok(error instanceof ClaimError, String(error));
    assert.equal(error.code, 'CLAIM_BAD_REGISTRY');
    return error.where;
  }
  return 'accepted';
}

describe('registry', () => {
  it('root is what the specification says, computed by hand', () => {
    const registry = snapshot();
    const gapRoot = (keys: readonly string[]) => buildGapTree(crypto, keys.map(BigInt), 6).root;
    const leaves = [
      ...registry.issuers.map(({ x, y, schema, revoked }) =>
        crypto.poseidon([TAGS.issuer, BigInt(x), BigInt(y), sha248(`zkbazaar/schema/${schema}/1`), gapRoot(revoked)]),
      ),
      ...registry.lists.map(({ name, elements }) => crypto.poseidon([TAGS.list, sha248(name), gapRoot(elements)])),
    ];
    assert.equal(claims.registryRoot(registry), buildTree(crypto, leaves, 4).root);
  });

  it('gives a verifier the root, the sequence and the root of every list', () => {
    const registry = snapshot();
    const view = claims.registryView(registry);
    assert.equal(view.root.toString(), registry.root);
    assert.equal(view.sequence, 7);
    assert.deepEqual(Object.keys(view.listRoots), ['sanctions']);
  });

  it('changes with every revocation, list entry, key and schema, not with names of issuers', () => {
    const root = (change: (registry: RegistrySnapshot) => void) => {
      const registry = structuredClone(snapshot());
      change(registry);
      return claims.registryRoot(registry);
    };
    const issuer = (registry: RegistrySnapshot) => registry.issuers[0] ?? assert.fail();
    const list = (registry: RegistrySnapshot) => registry.lists[0] ?? assert.fail();
    const roots = [
      root(() => {}),
      root((r) => issuer(r).revoked.push('9')),
      root((r) => list(r).elements.pop()),
      root((r) => Object.assign(list(r), { name: 'other' })),
      root((r) => Object.assign(issuer(r), publicKey(KEYS.stranger))),
      root((r) => Object.assign(issuer(r), { schema: 'balance' })),
      root((r) => r.issuers.reverse()),
    ];
    assert.equal(new Set(roots).size, roots.length);
    assert.equal(
      root((r) => Object.assign(issuer(r), { name: 'Renamed' })),
      roots[0],
    );
  });

  it('refuses a root that its content does not have', () => {
    const registry = { ...snapshot(), root: '1' };
    assert.throws(() => claims.registryView(registry), { code: 'CLAIM_BAD_REGISTRY', where: 'root' });
  });

  it('refuses what could be read in two ways', () => {
    const first = (registry: RegistrySnapshot) => registry.issuers[0] ?? assert.fail();
    assert.equal(
      refused((r) => r.issuers.push(structuredClone(first(r)))),
      'issuers[4]',
    );
    assert.equal(
      refused((r) => r.lists.push(structuredClone(r.lists[0] ?? assert.fail()))),
      'lists[1]',
    );
    assert.equal(
      refused((r) => first(r).revoked.push('9', '9')),
      'issuers[0].revoked[1]',
    );
    assert.equal(
      refused((r) => first(r).revoked.push('9', '8')),
      'issuers[0].revoked[1]',
    );
    assert.equal(
      refused((r) => first(r).revoked.push('08')),
      'issuers[0].revoked[0]',
    );
    assert.equal(
      refused((r) => Object.assign(first(r), { x: '0x1' })),
      'issuers[0].x',
    );
  });

  it('refuses keys off the curve and the neutral one', () => {
    const put = (x: string, y: string) => refused((r) => Object.assign(r.issuers[0] ?? assert.fail(), { x, y }));
    assert.equal(put('0', '1'), 'issuers[0]');
    assert.equal(put('1', '1'), 'issuers[0]');
  });

  it('is never another’s after its content changed in place', () => {
    const registry = structuredClone(snapshot());
    const before = claims.registryRoot(registry);
    registry.issuers[0]?.revoked.push('123');
    assert.notEqual(claims.registryRoot(registry), before);
  });

  it('shapes are strict', () => {
    const registry = snapshot();
    assert.deepEqual(registrySnapshotSchema.parse(registry), registry);
    assert.ok(signedRegistrySnapshotSchema.safeParse({ ...registry, signature: 'ab'.repeat(64) }).success);
    for (const wrong of [
      { ...registry, signature: 'ab'.repeat(64) },
      { ...registry, sequence: -1 },
      { ...registry, issuedAt: 2 ** 40 },
      { ...registry, root: '01' },
      { ...registry, lists: [{ name: 'Bad Name', elements: [] }] },
      { ...registry, lists: [{ name: 'a', elements: ['0'] }] },
      { ...registry, lists: [{ name: 'a', elements: ['2', '1'] }] },
      { ...registry, lists: [{ name: 'a', elements: [((1n << 128n) - 1n).toString()] }] },
      { ...registry, network: 'two\nlines' },
    ]) {
      assert.equal(registrySnapshotSchema.safeParse(wrong).success, false);
    }
  });
});

describe('policy hash', () => {
  it('is what the specification says, computed by hand', () => {
    const registry = claims.registryView(snapshot());
    const DE = 0x4445n;
    const FR = 0x4652n;
    const set = buildTree(
      crypto,
      [DE, FR].map((country) => crypto.poseidon([TAGS.member, country])),
      3,
    ).root;
    const identity = crypto.poseidon([
      TAGS.policy,
      sha248('zkbazaar/schema/identity/1'),
      ...[0n + 8n * 4n, 20_081_122n],
      ...[2n + 8n * 6n, 2n],
      ...[0n, 0n, 0n, 0n],
      ...[2n, set],
      ...[4n, registry.listRoots['sanctions'] ?? 0n],
      6n,
    ]);
    const credential = 'age >= 18 and kyc >= 2 and country in {FR, DE} and unsanctioned and disclose nationality';
    assert.equal(claims.policyHash(parsePolicy(credential), registry, NOW), identity);
    const both = parsePolicy(`balance(EUR) >= 12 fresh 1h and ${credential}`);
    const expected = crypto.poseidon([TAGS.qualification, identity, 0x455552n, 1_200n, 3_600n]);
    assert.equal(claims.policyHash(both, registry, NOW), expected);
  });

  it('is the same for a named set and its members, for any order, and for both caches', async () => {
    const registry = claims.registryView(snapshot());
    const hash = (text: string) => claims.policyHash(parsePolicy(text), registry, NOW);
    assert.equal(hash('country in EFTA and kyc > 1'), hash('kyc > 1 and country in {NO, LI, IS, CH}'));
    const fresh = await createClaims();
    assert.equal(fresh.policyHash(parsePolicy('age >= 18'), registry, NOW), hash('age >= 18'));
  });

  it('turns with the UTC day where an age is asked, and only there', () => {
    const registry = claims.registryView(snapshot());
    const hash = (text: string, now: number) => claims.policyHash(parsePolicy(text), registry, now);
    const midnight = Date.UTC(2026, 10, 23) / 1000;
    assert.equal(hash('age >= 18', NOW), hash('age >= 18', midnight - 1));
    assert.notEqual(hash('age >= 18', NOW), hash('age >= 18', midnight));
    assert.equal(hash('kyc >= 1', NOW), hash('kyc >= 1', midnight));
  });

  it('turns with the list that it names', () => {
    const hash = (listed: bigint[]) =>
      claims.policyHash(parsePolicy('unsanctioned'), claims.registryView(snapshot({ listed })), NOW);
    assert.notEqual(hash([1n, 2n]), hash([1n, 3n]));
    assert.equal(hash([1n, 2n]), hash([2n, 1n]));
  });

  it('takes a policy in any order as the canonical one', () => {
    const registry = claims.registryView(snapshot());
    const policy = parsePolicy('age >= 18 and kyc >= 2');
    const turned = structuredClone(policy);
    turned.credential?.compare.reverse();
    assert.equal(claims.policyHash(turned, registry, NOW), claims.policyHash(policy, registry, NOW));
  });

  it('needs the list, and a credential part', () => {
    const registry = claims.registryView(snapshot());
    assert.throws(() => claims.policyHash(parsePolicy('unlisted(pep)'), registry, NOW), { code: 'CLAIM_UNKNOWN_LIST' });
    assert.throws(() => claims.policyHash(parsePolicy('unlisted(constructor)'), registry, NOW), {
      code: 'CLAIM_UNKNOWN_LIST',
    });
    assert.throws(() => claims.policyHash(parsePolicy('balance(EUR) >= 1'), registry, NOW), {
      code: 'CLAIM_NO_POLICY_HASH',
    });
  });
});
