import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { accountKey } from '../../../../src/ledger/keys.ts';
import { PROGRAMS } from '../../../../src/ledger/programs/index.ts';
import { decodeEntries, type Entry, EntryWriter, LocalExchange } from '../../../../src/ledger/shards/exchange.ts';
import { combine, ownersOf, shardBits, subtreeOf } from '../../../../src/ledger/shards/partition.ts';
import { Shard } from '../../../../src/ledger/shards/shard.ts';
import { StateTree } from '../../../../src/ledger/state/tree.ts';
import { deltaOf, keyOf, naiveRoot } from '../state/records.ts';

const network = new Uint8Array(16);
const value = Uint8Array.of(1, 2, 3);

describe('the state root of shards', () => {
  for (const shards of [1, 2, 4, 8, 16]) {
    it(`is that of one tree, with few records or many, over ${shards}`, () => {
      const bits = shardBits(shards);
      for (const count of [0, 1, 2, 3, 5, 9, 40, 300]) {
        for (let seed = 0; seed < (count < 10 ? 12 : 1); seed += 1) {
          const keys = Array.from({ length: count }, (_, i) => keyOf(200, i & 0xff, i >> 8, seed));
          const subtrees = Array.from({ length: shards }, (_, shard) => {
            const own = keys.filter((key) => ownersOf(key, bits)[0] === shard);
            const tree = new StateTree(1024);
            tree.apply(deltaOf(own.map((key, slot) => ({ slot, key, value }))));
            return subtreeOf(tree, shard, bits);
          });
          assert.deepEqual(combine(subtrees), naiveRoot(keys.map((key) => [key, value])));
        }
      }
    });
  }

  it('needs a power of two up to 16', () => {
    for (const wrong of [0, 3, 6, 12, 32, -1, 0.5, Number.NaN]) {
      assert.throws(() => shardBits(wrong), { code: 'LEDGER_GENESIS_INVALID' });
    }
  });
});

describe('messages between shards', () => {
  it('carry records and their absence', () => {
    const entries = [
      { key: keyOf(1), bytes: new Uint8Array(128).fill(9) },
      { key: keyOf(2), bytes: new Uint8Array(0) },
    ];
    assert.deepEqual(decodeEntries(encodeEntries(entries)), entries);
    assert.deepEqual(decodeEntries(new Uint8Array(0)), []);
    const many = Array.from({ length: 99 }, (_, i) => ({ key: keyOf(i), bytes: new Uint8Array(i) }));
    assert.deepEqual(decodeEntries(encodeEntries(many)), many);
  });

  it('are refused when they are cut off or too long', () => {
    const message = encodeEntries([{ key: keyOf(1), bytes: value }]);
    for (let length = 1; length < message.length; length += 1) {
      assert.throws(() => decodeEntries(message.subarray(0, length)), { code: 'LEDGER_LANE_FAILED' });
    }
    const long = new Uint8Array(33 + 129);
    long[32] = 129;
    assert.throws(() => decodeEntries(long), { code: 'LEDGER_LANE_FAILED' });
  });

  const lies: readonly (readonly [string, Uint8Array])[] = [
    ['a key that nothing can be credited to', ownedKey(0)],
    ['a key of the sender’s own', accountKey(ownedBy(1))],
  ];
  for (const [name, key] of lies) {
    it(`are refused with ${name}`, async () => {
      const exchange = new LocalExchange();
      const feeAccount = ownedBy(1);
      const shard = new Shard({ index: 0, shards: 2, capacity: 64, programs: PROGRAMS, network, feeAccount, exchange });
      const bytes = new Uint8Array(8).fill(1);
      exchange.send('1/credits', 1, 0, encodeEntries([{ key, bytes }]));
      await assert.rejects(shard.execute(batchOf([]), 1n, 1n), { code: 'LEDGER_LANE_FAILED' });
    });
  }

  it('credit what they say', async () => {
    const exchange = new LocalExchange();
    const feeAccount = ownedBy(0);
    const shard = new Shard({ index: 0, shards: 2, capacity: 64, programs: PROGRAMS, network, feeAccount, exchange });
    const bytes = Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0);
    exchange.send('1/credits', 1, 0, encodeEntries([{ key: accountKey(feeAccount), bytes }]));
    const { subtree } = await shard.execute(batchOf([]), 1n, 1n);
    assert.equal(subtree.leaves, 1);
    assert.deepEqual(shard.table.get(accountKey(feeAccount)), Uint8Array.of(5, ...new Array(15).fill(0)));
  });
});

/** An address whose account is that shard's, of two. */
function ownedBy(shard: number): Uint8Array {
  for (let i = 0; ; i += 1) {
    const address = new Uint8Array(20).fill(i);
    if (ownersOf(accountKey(address), 1)[0] === shard) return address;
  }
}

/** A key of a program's space that is that shard's, of two. */
function ownedKey(shard: number): Uint8Array {
  for (let i = 0; ; i += 1) if (ownersOf(keyOf(99, i), 1)[0] === shard) return keyOf(99, i);
}

function encodeEntries(entries: readonly Entry[]): Uint8Array {
  const writer = new EntryWriter();
  for (const { key, bytes } of entries) writer.add(key, bytes);
  return writer.message();
}
