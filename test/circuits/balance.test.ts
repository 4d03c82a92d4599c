import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { SCALAR_FIELD_ORDER as R } from '../../src/base/field.ts';
import { TAGS } from '../../src/crypto/index.ts';
import {
  ACCOUNT,
  type BalanceAccount,
  createWorld,
  DAY,
  type Inputs,
  NOW,
  SECRET,
  STRANGER_KEY,
  type World,
} from './fixtures.ts';
import { Circuit } from './harness.ts';

const MAX_128 = (1n << 128n) - 1n;

describe('balance circuit', () => {
  let world: World;
  let circuit: Circuit;

  before(async () => {
    world = await createWorld();
    circuit = await Circuit.committed('balance');
  });

  const account = (amount: bigint, accountRef: bigint, more: Partial<BalanceAccount> = {}): BalanceAccount => ({
    amount,
    accountRef,
    serial: accountRef + 1n,
    ...more,
  });
  const accepts = (accounts: BalanceAccount[], threshold: bigint, changes: Inputs = {}): boolean =>
    circuit.accepts({ ...world.balanceInputs(accounts, threshold), ...changes });

  it('compares the sum with the threshold at its edge, over one, two and three accounts', () => {
    const accounts = [account(100n, 1n), account(20n, 2n), account(3n, 3n)];
    for (const [count, sum] of [
      [1, 100n],
      [2, 120n],
      [3, 123n],
    ] as const) {
      assert.equal(accepts(accounts.slice(0, count), sum - 1n), true);
      assert.equal(accepts(accounts.slice(0, count), sum), true);
      assert.equal(accepts(accounts.slice(0, count), sum + 1n), false);
    }
  });

  it('outputs a pledge per used account and 0 for the others', () => {
    const witness = circuit.witness(world.balanceInputs([account(100n, 7n), account(100n, 9n)], 1n));
    const pledge = (ref: bigint): bigint => world.crypto.poseidon([TAGS.pledge, SECRET, ref, NOW / DAY]);
    assert.deepEqual(witness.slice(3, 6), [pledge(7n), pledge(9n), 0n]);
  });

  it('changes the pledge with the day and not within it', () => {
    const at = (now: bigint): bigint | undefined =>
      circuit.witness({ ...world.balanceInputs([account(1n, 7n, { expiresAt: NOW + 9n * DAY })], 1n), now })[3];
    const midnight = (NOW / DAY + 1n) * DAY;
    assert.equal(at(NOW), at(midnight - 1n));
    assert.notEqual(at(midnight - 1n), at(midnight));
    assert.equal(at(midnight), at(midnight + DAY - 1n));
  });

  it('refuses one account counted twice: same credential, and two credentials of it', () => {
    const once = account(100n, 5n);
    assert.equal(accepts([once, once], 101n), false);
    assert.equal(accepts([once, { ...once, serial: 77n }], 101n), false);
    assert.equal(accepts([once, account(1n, 6n), { ...once, serial: 78n }], 102n), false);
    assert.equal(accepts([once, once], 1n), false, 'not even where it would not matter');
  });

  it('takes references in strictly increasing order only, within 128 bits', () => {
    assert.equal(accepts([account(1n, 5n), account(1n, 4n)], 1n), false);
    assert.equal(accepts([account(1n, 0n), account(1n, MAX_128)], 2n), true);
    for (const outside of [MAX_128 + 1n, R - 2n]) {
      assert.equal(accepts([account(1n, outside)], 1n), false);
      assert.equal(accepts([account(1n, 5n), account(1n, outside)], 1n), false);
    }
  });

  it('does not count the amount of an unused slot', () => {
    const two = [account(100n, 1n), account(50n, 2n)];
    assert.equal(accepts(two, 150n, { used: [1n, 0n, 0n] }), false);
    assert.equal(accepts(two, 100n, { used: [1n, 0n, 0n] }), true);
  });

  it('refuses slots used out of turn, not at all, or by another number than 1', () => {
    const three = [account(1n, 1n), account(1n, 2n), account(1n, 3n)];
    for (const used of [
      [0n, 0n, 0n],
      [0n, 1n, 1n],
      [1n, 0n, 1n],
      [1n, 2n, 1n],
      [2n, 1n, 1n],
      [1n, R - 1n, 0n],
    ]) {
      assert.equal(accepts(three, 1n, { used }), false, used.join());
    }
  });

  it('refuses amounts and thresholds outside 128 bits', () => {
    assert.equal(accepts([account(MAX_128, 1n)], MAX_128), true);
    assert.equal(accepts([account(MAX_128, 1n), account(MAX_128, 2n), account(MAX_128, 3n)], MAX_128), true);
    for (const outside of [MAX_128 + 1n, R - 1n, R - 5n]) {
      assert.equal(accepts([account(outside, 1n)], 1n), false, `amount ${outside}`);
      assert.equal(accepts([account(5n, 1n)], outside), false, `threshold ${outside}`);
    }
  });

  it('refuses an old statement, by the second', () => {
    const at = (issuedAt: bigint): boolean => accepts([account(5n, 1n, { issuedAt })], 5n);
    assert.equal(at(NOW - DAY), true);
    assert.equal(at(NOW - DAY - 1n), false);
    assert.equal(at(NOW), true);
    assert.equal(at(NOW + 1n), false);
    assert.equal(accepts([account(5n, 1n), account(5n, 2n, { issuedAt: NOW - DAY - 1n })], 10n), false);
    assert.equal(accepts([account(5n, 1n)], 5n, { minIssuedAt: R - 1n }), false);
  });

  it('refuses an expired statement', () => {
    assert.equal(accepts([account(5n, 1n, { expiresAt: NOW })], 5n), false);
    assert.equal(accepts([account(5n, 1n, { expiresAt: NOW + 1n })], 5n), true);
  });

  it('refuses another asset, another holder and an unregistered custodian', () => {
    assert.equal(accepts([account(5n, 1n, { asset: 1n })], 5n), false);
    assert.equal(accepts([account(5n, 1n), account(5n, 2n, { asset: 1n })], 5n), false);
    assert.equal(accepts([account(5n, 1n, { secret: 5n })], 5n), false);
    assert.equal(accepts([account(5n, 1n), account(5n, 2n, { secret: 5n })], 10n), false);
    assert.equal(accepts([account(5n, 1n, { key: STRANGER_KEY })], 5n), false);
  });

  it('refuses the registry root of another registry, and an identity issuer as custodian', () => {
    assert.equal(accepts([ACCOUNT], 1n, { registryRoot: 1n }), false);
    const path = world.registry().path(0);
    assert.equal(
      accepts([account(5n, 1n, { key: new Uint8Array(32).fill(1) })], 5n, { registryPath: [path, path, path] }),
      false,
    );
  });
});
