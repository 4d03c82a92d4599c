import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fromHex, toHex } from '../../../../src/base/bytes.ts';
import { listRoot } from '../../../../src/ledger/block/merkle.ts';
import { verifyStateProof } from '../../../../src/ledger/state/proof.ts';
import { StateTree } from '../../../../src/ledger/state/tree.ts';
import { deltaOf, keyOf } from './records.ts';

interface Vectors {
  trees: { records: number; root: string }[];
  proofs: { record: number; kind: string; proof: string }[];
  lists: { leaves: number; root: string }[];
}
const file = new URL('../../../vectors/ledger/state-tree.json', import.meta.url);
const { trees, proofs, lists } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

const keyAt = (n: number) => keyOf(n, n >> 8, n >> 16);
const valueAt = (n: number) => new Uint8Array(1 + (n % 128)).fill(n);
const bytesOf = (hex: string | undefined) => fromHex(hex) ?? new Uint8Array();

describe('vectors of the state tree', () => {
  it('has the roots of the repository: a change of one is another network', () => {
    assert.equal(trees.length, 7);
    for (const { records, root } of trees) {
      const changes = Array.from({ length: records }, (_, n) => ({ slot: n, key: keyAt(n), value: valueAt(n) }));
      assert.equal(toHex(new StateTree(5000).apply(deltaOf(changes))), root, `${records} records`);
    }
  });

  it('takes the proofs of the repository', () => {
    const root = bytesOf(trees.find(({ records }) => records === 10)?.root);
    assert.deepEqual(proofs.map(({ kind }) => kind).sort(), ['empty', 'other', 'present']);
    for (const { record, kind, proof } of proofs) {
      const value = kind === 'present' ? valueAt(record) : undefined;
      assert.ok(verifyStateProof(root, keyAt(record), value, bytesOf(proof)), kind);
    }
  });

  it('has the list roots of the repository', () => {
    for (const { leaves, root } of lists) {
      assert.equal(toHex(listRoot(Buffer.concat(Array.from({ length: leaves }, (_, n) => keyAt(n))))), root);
    }
  });
});
