import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHex } from '../../../../src/base/bytes.ts';
import { circuitKeysOf, openGenesis } from '../../../../src/ledger/genesis.ts';
import { GENESIS } from '../../api/ledger-world.ts';

const KEY = 'ab'.repeat(32);
const networkOf = (genesis: object) => toHex(openGenesis(genesis).network);

describe('a genesis', () => {
  it('without circuits is the network that it was before there were any', () => {
    assert.equal(networkOf(GENESIS), '14915a9dbeab6d5e2885a96746e31b48');
    assert.equal(circuitKeysOf(GENESIS), undefined);
    assert.equal(Object.hasOwn(openGenesis(GENESIS).genesis, 'circuits'), false);
  });

  it('binds its network to the verifying keys that it names', () => {
    const networks = [
      GENESIS,
      { ...GENESIS, circuits: {} },
      { ...GENESIS, circuits: { 1: KEY } },
      { ...GENESIS, circuits: { 3: KEY } },
      { ...GENESIS, circuits: { 1: 'ac'.repeat(32) } },
    ].map(networkOf);
    assert.equal(new Set(networks).size, networks.length);
    const circuits = { 255: KEY, 1: KEY };
    assert.deepEqual([...(circuitKeysOf({ ...GENESIS, circuits }) ?? [])].toSorted(), [
      [1, KEY],
      [255, KEY],
    ]);
  });

  it('is refused with the place where circuits are malformed', () => {
    const bad: [unknown, string][] = [
      [null, 'circuits'],
      [[], 'circuits'],
      ['1', 'circuits'],
      [{ 0: KEY }, 'circuits.0'],
      [{ 256: KEY }, 'circuits.256'],
      [{ '01': KEY }, 'circuits.01'],
      [{ credential: KEY }, 'circuits.credential'],
      [{ 1: KEY.toUpperCase() }, 'circuits.1'],
      [{ 1: 7 }, 'circuits.1'],
    ];
    for (const [circuits, where] of bad) {
      assert.throws(() => openGenesis({ ...GENESIS, circuits }), { code: 'LEDGER_GENESIS_INVALID', where });
    }
  });
});
