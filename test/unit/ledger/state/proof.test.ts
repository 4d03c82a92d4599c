import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../../../../src/base/bytes.ts';
import { blake3Keyed, hashPairs } from '../../../../src/crypto/blake3.ts';
import { ROLES } from '../../../../src/ledger/hashes.ts';
import { proveState, verifyStateProof } from '../../../../src/ledger/state/proof.ts';
import {
  decodeStateProof,
  encodeStateProof,
  type StateProof,
  stateProofFromJson,
  stateProofToJson,
} from '../../../../src/ledger/state/proof-codec.ts';
import { StateTree } from '../../../../src/ledger/state/tree.ts';
import { ledgerHashes, type TreeHashes } from '../../../../src/ledger/state/tree-hashes.ts';
import { deltaOf, keyOf, plainPaths } from './records.ts';

const values = Array.from({ length: 40 }, (_, slot) => utf8(`value ${slot}`.padEnd(16 + (slot % 5))));
const read = (slot: number): Uint8Array => values[slot] ?? new Uint8Array();

function treeOf(count: number, hashes: TreeHashes = ledgerHashes): StateTree {
  const tree = new StateTree(64, hashes);
  tree.apply(deltaOf(values.slice(0, count).map((value, slot) => ({ slot, key: keyOf(slot), value }))));
  return tree;
}

describe('state proofs', () => {
  for (const [name, hashes] of [
    ['BLAKE3', ledgerHashes],
    ['chosen', plainPaths],
  ] as const) {
    it(`shows every record and every absence, ${name} paths, in trees of 0 to 40 records`, () => {
      const kinds = new Set<string>();
      for (const count of [0, 1, 2, 3, 7, 40]) {
        const tree = treeOf(count, hashes);
        for (let n = 0; n < 60; n += 1) {
          const { value, proof } = proveState(tree, keyOf(n), read, hashes);
          assert.deepEqual(value, n < count ? values[n] : undefined);
          const bytes = encodeStateProof(proof);
          assert.ok(verifyStateProof(tree.root, keyOf(n), value, bytes, hashes));
          assert.deepEqual(decodeStateProof(bytes), proof);
          assert.deepEqual(stateProofFromJson(JSON.parse(JSON.stringify(stateProofToJson(proof)))), proof);
          assert.ok(!verifyStateProof(tree.root, keyOf(n), value === undefined ? values[0] : undefined, bytes, hashes));
          assert.ok(!verifyStateProof(tree.root, keyOf(n), utf8('another value'), bytes, hashes));
          assert.ok(!verifyStateProof(tree.root, keyOf(n, 1), value, bytes, hashes) || value === undefined);
          kinds.add(proof.kind);
        }
      }
      assert.deepEqual([...kinds].sort(), ['empty', 'other', 'present']);
    });
  }

  it('goes down 256 levels', () => {
    const tree = new StateTree(4, plainPaths);
    const high = keyOf(...new Array(32).fill(0xff));
    const low = keyOf(...new Array(31).fill(0xff), 0xfe);
    tree.apply(deltaOf([low, high].map((key, slot) => ({ slot, key, value: read(slot) }))));
    const { value, proof } = proveState(tree, high, read, plainPaths);
    assert.equal(proof.siblings.length, 256);
    const bytes = encodeStateProof(proof);
    assert.equal(bytes.length, 3 + 32 + 32);
    assert.ok(verifyStateProof(tree.root, high, value, bytes, plainPaths));
    const absent = proveState(tree, keyOf(0xff, 0xff, 0x7f), read, plainPaths);
    assert.equal(absent.proof.kind, 'empty');
    assert.ok(
      verifyStateProof(tree.root, keyOf(0xff, 0xff, 0x7f), undefined, encodeStateProof(absent.proof), plainPaths),
    );
  });

  it('refuses a proof with any bit of any byte changed, cut short or made longer', () => {
    const tree = treeOf(40);
    const { root } = tree;
    const kinds = new Set<string>();
    for (const n of [0, 17, 39, 40, 41, 43, 44, 45]) {
      const { value, proof } = proveState(tree, keyOf(n), read);
      kinds.add(proof.kind);
      const bytes = encodeStateProof(proof);
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = bytes.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.ok(!verifyStateProof(root, keyOf(n), value, changed), `${proof.kind}, bit ${bit}`);
      }
      for (let length = 0; length < bytes.length; length += 1) {
        assert.ok(!verifyStateProof(root, keyOf(n), value, bytes.subarray(0, length)));
      }
      assert.ok(!verifyStateProof(root, keyOf(n), value, Buffer.concat([bytes, Buffer.alloc(1)])));
    }
    assert.equal(kinds.size, 3);
  });

  it('never throws but LEDGER_PROOF_INVALID, and has one spelling, whatever the bytes', () => {
    const { root } = treeOf(40);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.nat(2), fc.nat(12), fc.uint8Array({ maxLength: 400 }))
        .map(([a, b, c]) => Uint8Array.of(a, b, 0, ...c)),
    );
    fc.assert(
      fc.property(bytes, (proof) => {
        assert.equal(verifyStateProof(root, keyOf(1), undefined, proof), false);
        assert.equal(verifyStateProof(root, keyOf(1), values[0], proof), false);
        let decoded: StateProof;
        try {
          decoded = decodeStateProof(proof);
        } catch (error) {
          assert.equal((error as { code: string }).code, 'LEDGER_PROOF_INVALID');
          return;
        }
        assert.deepEqual(encodeStateProof(decoded), proof);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        assert.throws(() => stateProofFromJson(json), { code: 'LEDGER_PROOF_INVALID' });
      }),
    );
  });

  it('takes JSON in one spelling', () => {
    const proof = proveState(treeOf(40), keyOf(50), read).proof;
    const json = stateProofToJson(proof);
    const refused = (change: object) =>
      assert.throws(() => stateProofFromJson({ ...json, ...change }), { code: 'LEDGER_PROOF_INVALID' });
    refused({ kind: 'absent' });
    refused({ extra: 1 });
    refused({ siblings: [...json.siblings, null] });
    refused({ siblings: json.siblings.map((text) => text?.toUpperCase() ?? null) });
    refused({ siblings: ['0'.repeat(64), ...json.siblings] });
    refused({ siblings: new Array(257).fill('1'.repeat(64)) });
    refused({ leaf: json.leaf === undefined ? { path: '', value: '' } : undefined });
  });

  it('takes the leaf of the key itself, or one from beside the way, for no absence', () => {
    const tree = treeOf(40);
    for (let n = 0; n < 40; n += 1) {
      const { proof } = proveState(tree, keyOf(n), read);
      const path = new Uint8Array(32);
      ledgerHashes.paths(keyOf(n), 1, path);
      const forged = encodeStateProof({ kind: 'other', siblings: proof.siblings, path, value: read(n) });
      assert.ok(!verifyStateProof(tree.root, keyOf(n), undefined, forged));
      assert.ok(!verifyStateProof(tree.root, keyOf(n), undefined, encodeStateProof({ ...proof, kind: 'empty' })));
    }
    // No tree puts a leaf on the left whose path begins with a 1; a root that was made so shows no absence on the left.
    const [left, right] = [keyOf(0x80), keyOf(0xc0)].map((key) =>
      blake3Keyed(ROLES.leaf, Buffer.concat([key, read(0)])),
    ) as [Uint8Array, Uint8Array];
    const root = new Uint8Array(32);
    hashPairs(ROLES.node, Buffer.concat([left, right]), 1, root);
    const bytes = encodeStateProof({ kind: 'other', siblings: [right], path: keyOf(0x80), value: read(0) });
    assert.ok(!verifyStateProof(root, keyOf(1), undefined, bytes, plainPaths));
  });

  it('takes no node for a leaf and no leaf for a node', () => {
    // Two records whose root is a node over 64 bytes; a forger offers these bytes as a leaf: a path and 32 bytes of value.
    const tree = new StateTree(4, plainPaths);
    tree.apply(deltaOf([keyOf(0), keyOf(0x80)].map((key, slot) => ({ slot, key, value: read(slot) }))));
    const [left, right] = [keyOf(0), keyOf(0x80)].map((key, slot) =>
      blake3Keyed(ROLES.leaf, Buffer.concat([key, read(slot)])),
    );
    assert.ok(left !== undefined && right !== undefined);
    const root = new Uint8Array(32);
    hashPairs(ROLES.node, Buffer.concat([left, right]), 1, root);
    assert.deepEqual(tree.root, root);
    const forged = encodeStateProof({ kind: 'present', siblings: [] });
    assert.ok(!verifyStateProof(root, left, right, forged, plainPaths));
    const other = encodeStateProof({ kind: 'other', siblings: [], path: left, value: right });
    assert.ok(!verifyStateProof(root, keyOf(0), undefined, other, plainPaths));
  });

  it('does not prove with a record that the tree has not', () => {
    const tree = treeOf(3);
    assert.throws(() => proveState(tree, keyOf(0), () => utf8('newer')), { code: 'LEDGER_PROOF_INVALID' });
  });
});
