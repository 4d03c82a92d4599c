import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../../src/base/bytes.ts';
import { StateTree } from '../../../../src/ledger/state/tree.ts';
import type { StateDelta } from '../../../../src/ledger/state/tree-changes.ts';
import { type Change, deltaOf, keyOf, naiveRoot, plainPaths } from './records.ts';

const value = utf8('value');
const numbered = (count: number, from = 0): Change[] =>
  Array.from({ length: count }, (_, i) => ({ slot: from + i, key: keyOf((from + i) >> 8, from + i), value }));
const pairs = (changes: Change[]) => changes.map(({ key }): [Uint8Array, Uint8Array] => [key, value]);

describe('state tree', () => {
  it('is 32 zeros without records, and the leaf itself with one', () => {
    const tree = new StateTree(8);
    assert.deepEqual(tree.root, new Uint8Array(32));
    assert.deepEqual(tree.apply(deltaOf([])), new Uint8Array(32));
    assert.deepEqual(tree.apply(deltaOf(numbered(1))), naiveRoot(pairs(numbered(1))));
    assert.deepEqual(tree.size.nodes, 0);
  });

  it('comes to the same root over several subtrees of 512 changes as the definition', () => {
    const records = numbered(3000);
    const built = new StateTree(8192);
    assert.deepEqual(built.build(deltaOf(records)), naiveRoot(pairs(records)));
    const grown = new StateTree(8192);
    grown.apply(deltaOf(records.slice(0, 2999)));
    const removed = numbered(1000, 500).map(({ slot, key }) => ({ slot, key }));
    grown.apply(deltaOf(removed));
    const added = records.slice(500, 1500).map((change, i) => ({ ...change, slot: 1499 - i }));
    assert.deepEqual(grown.apply(deltaOf([...added, ...records.slice(2999)])), built.root);
    assert.equal(grown.size.nodes, built.size.nodes);
  });

  it('takes 2,000 keys that share 240 bits', () => {
    const records = Array.from({ length: 2000 }, (_, slot) => {
      const key = keyOf(...new Array(30).fill(0x5a), slot >> 8, slot);
      return { slot, key, value };
    });
    const tree = new StateTree(4096, plainPaths);
    assert.deepEqual(tree.apply(deltaOf(records)), naiveRoot(pairs(records), plainPaths));
    tree.apply(deltaOf(records.slice(1).map(({ slot, key }) => ({ slot, key }))));
    assert.deepEqual(tree.root, naiveRoot(pairs(records.slice(0, 1)), plainPaths));
    assert.equal(tree.size.nodes, 0);
  });

  it('counts a key that is named twice as it is named last', () => {
    const tree = new StateTree(8);
    const [first, second] = numbered(2);
    assert.ok(first !== undefined && second !== undefined);
    tree.apply(deltaOf([first, second, { slot: 0, key: first.key }, { ...second, value: utf8('newer') }]));
    assert.deepEqual(tree.root, naiveRoot([[second.key, utf8('newer')]]));
  });

  it('takes a slot that passes from one key to another in one delta', () => {
    const tree = new StateTree(600);
    const old = numbered(600);
    tree.apply(deltaOf(old));
    const fresh = numbered(600, 600).map((change, slot) => ({ ...change, slot }));
    const removed = old.map(({ slot, key }) => ({ slot, key }));
    assert.deepEqual(tree.apply(deltaOf([...fresh, ...removed])), naiveRoot(pairs(fresh)));
  });

  it('refuses slots and lengths out of range, and stays as it was', () => {
    const tree = new StateTree(8);
    const root = tree.apply(deltaOf(numbered(3)));
    const refused = (change: Partial<StateDelta>) =>
      assert.throws(() => tree.apply({ ...deltaOf(numbered(1)), ...change }), { code: 'LEDGER_KEY_INVALID' });
    refused({ slots: Int32Array.of(8) });
    refused({ slots: Int32Array.of(-1) });
    refused({ lengths: Uint16Array.of(129) });
    assert.deepEqual(tree.root, root);
  });

  it('finds out that two keys have one slot, and is of no use until it is built again', () => {
    const tree = new StateTree(8);
    tree.apply(deltaOf(numbered(3)));
    assert.throws(() => tree.apply(deltaOf([{ slot: 1, key: keyOf(9, 9), value }])), { code: 'LEDGER_KEY_INVALID' });
    assert.throws(() => tree.root, { code: 'LEDGER_CLOSED' });
    assert.throws(() => tree.apply(deltaOf(numbered(1))), { code: 'LEDGER_CLOSED' });
    const twice = [...numbered(2), { slot: 2, key: keyOf(0, 0), value }];
    assert.throws(() => tree.build(deltaOf(twice)), { code: 'LEDGER_KEY_INVALID' });
    assert.deepEqual(tree.build(deltaOf(numbered(3))), naiveRoot(pairs(numbered(3))));
  });

  it('reads values at an odd address', () => {
    const delta = deltaOf(numbered(2));
    const values = new Uint8Array(257).subarray(1);
    values.set(delta.values);
    assert.deepEqual(new StateTree(8).apply({ ...delta, values }), naiveRoot(pairs(numbered(2))));
  });
});
