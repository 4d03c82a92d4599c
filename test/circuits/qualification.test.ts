import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import { TAGS } from '../../src/crypto/index.ts';
import { ACCOUNT, country, createWorld, DAY, type Inputs, NOW, SECRET, type World } from './fixtures.ts';
import { Circuit } from './harness.ts';

const MAX_128 = (1n << 128n) - 1n;

describe('qualification circuit', () => {
  let world: World;
  let circuit: Circuit;

  before(async () => {
    world = await createWorld();
    circuit = await Circuit.committed('qualification');
  });

  const accepts = (changes: Inputs = {}): boolean =>
    circuit.accepts(world.sealQualification({ ...world.qualificationInputs(), ...changes }));
  const withAccount = (account: Parameters<World['balance']>[0], threshold = 120_000n, changes: Inputs = {}): boolean =>
    circuit.accepts(
      world.sealQualification({ ...world.qualificationInputs(world.identity(), account, threshold), ...changes }),
    );

  it('accepts an honest claim and outputs nullifier, link tag, disclosure and pledge', () => {
    const witness = circuit.witness(world.qualificationInputs());
    assert.equal(witness[3], country('DE'));
    assert.equal(witness[4], world.crypto.poseidon([TAGS.pledge, SECRET, ACCOUNT.accountRef, NOW / DAY]));
  });

  it('refuses the balance of a richer friend, and the identity of an older one', () => {
    assert.equal(withAccount({ ...ACCOUNT, secret: 5n }), false);
    assert.equal(circuit.accepts(world.qualificationInputs(world.identity({ secret: 5n }))), false);
  });

  it('compares the amount with the threshold at its edges', () => {
    for (const [amount, threshold, verdict] of [
      [120_000n, 120_000n, true],
      [119_999n, 120_000n, false],
      [120_001n, 120_000n, true],
      [MAX_128, MAX_128, true],
      [MAX_128 - 1n, MAX_128, false],
      [MAX_128 + 1n, 1n, false],
      [R - 1n, 1n, false],
      [5n, R - 1n, false],
      [5n, MAX_128 + 1n, false],
    ] as const) {
      assert.equal(withAccount({ ...ACCOUNT, amount }, threshold), verdict, `${amount} >= ${threshold}`);
    }
  });

  it('refuses a statement older than the policy allows, by the second', () => {
    assert.equal(withAccount({ ...ACCOUNT, issuedAt: NOW - DAY }), true);
    assert.equal(withAccount({ ...ACCOUNT, issuedAt: NOW - DAY - 1n }), false);
    assert.equal(withAccount({ ...ACCOUNT, issuedAt: NOW + 1n }), false);
    assert.equal(accepts({ balanceFresh: R - 1n }), false);
    assert.equal(accepts({ balanceFresh: 1n << 40n }), false);
    assert.equal(accepts({ balanceFresh: (1n << 40n) - 1n }), true);
  });

  it('binds asset, threshold and freshness into the policy hash', () => {
    const base = world.qualificationInputs();
    assert.equal(circuit.accepts({ ...base, balanceThreshold: 1n }), false);
    assert.equal(circuit.accepts({ ...base, balanceFresh: 30n * DAY }), false);
    assert.equal(circuit.accepts({ ...base, policyHash: world.policyHash(base) }), false);
  });

  it('refuses an identity that breaks the identity part, and one that is revoked', () => {
    assert.equal(accepts({ compareOperand: [19_990_101n, 2n, 0n, 0n] }), false);
    for (const serial of world.revoked)
      assert.equal(circuit.accepts(world.qualificationInputs(world.identity({ serial }))), false);
  });

  it('refuses credentials of two registries', () => {
    assert.equal(accepts({ registryRoot: 1n }), false);
  });
});
