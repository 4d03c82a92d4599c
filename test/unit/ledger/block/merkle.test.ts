import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blake3, blake3Keyed } from '../../../../src/crypto/blake3.ts';
import { type ListProof, listRoot, proveInList, verifyInList } from '../../../../src/ledger/block/merkle.ts';
import { ROLES } from '../../../../src/ledger/hashes.ts';

const leafOf = (n: number): Uint8Array => blake3(Uint8Array.of(n, n >> 8, 7));
const leavesOf = (size: number): Uint8Array[] => Array.from({ length: size }, (_, n) => leafOf(n));
const node = (left: Uint8Array, right: Uint8Array) => blake3Keyed(ROLES.node, Buffer.concat([left, right]));

/** RFC 6962, section 2.1, as it is written there: split at the largest power of two below the number of leaves. */
function treeHash(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return new Uint8Array(32);
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const k = splitOf(leaves.length);
  return node(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** Section 2.1.1: the audit path of leaf m. */
function auditPath(m: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...auditPath(m, left), treeHash(right)] : [...auditPath(m - k, right), treeHash(left)];
}

const splitOf = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);

describe('Merkle root of a list', () => {
  it('has the shape of RFC 6962, root and paths, for 0 to 70 leaves', () => {
    for (let size = 0; size <= 70; size += 1) {
      const leaves = leavesOf(size);
      const bytes = Buffer.concat(leaves);
      const root = listRoot(bytes);
      assert.deepEqual(root, treeHash(leaves), `${size} leaves`);
      for (let index = 0; index < size; index += 1) {
        const proof = proveInList(bytes, index);
        assert.deepEqual(proof, { index, size, siblings: auditPath(index, leaves) });
        assert.ok(verifyInList(root, size, leaves[index] as Uint8Array, proof));
      }
    }
  });

  it('shows any leaf of any list, and no other one, nor at another place or in a list of another size', () => {
    const anyPlace = fc.integer({ min: 1, max: 3000 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
    fc.assert(
      fc.property(anyPlace, fc.nat(3000), fc.nat(3000), ([size, index], otherIndex, otherSize) => {
        const bytes = Buffer.concat(leavesOf(size));
        const root = listRoot(bytes);
        const proof = proveInList(bytes, index);
        assert.ok(verifyInList(root, size, leafOf(index), proof));
        if (otherIndex !== index) {
          assert.ok(!verifyInList(root, size, leafOf(otherIndex), proof));
          assert.ok(!verifyInList(root, size, leafOf(index), { ...proof, index: otherIndex }));
        }
        if (otherSize !== size) assert.ok(!verifyInList(root, size, leafOf(index), { ...proof, size: otherSize }));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a changed bit, a missing and an added sibling', () => {
    for (const [size, index] of [
      [1, 0],
      [5, 4],
      [13, 12],
      [64, 3],
    ] as const) {
      const bytes = Buffer.concat(leavesOf(size));
      const root = listRoot(bytes);
      const proof = proveInList(bytes, index);
      const refused = (siblings: Uint8Array[]) =>
        assert.ok(!verifyInList(root, size, leafOf(index), { ...proof, siblings }));
      proof.siblings.forEach((sibling, at) => {
        for (let bit = 0; bit < 256; bit += 1) {
          const changed = sibling.slice();
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          refused(proof.siblings.with(at, changed));
        }
        refused(proof.siblings.toSpliced(at, 1));
        refused(proof.siblings.with(at, sibling.subarray(1)));
      });
      refused([...proof.siblings, leafOf(1)]);
      refused([leafOf(1), ...proof.siblings]);
    }
  });

  it('takes no inner node for a leaf', () => {
    const leaves = leavesOf(8);
    const root = treeHash(leaves);
    const inner = node(leafOf(2), leafOf(3));
    const shorter = auditPath(2, leaves).slice(1);
    assert.ok(!verifyInList(root, 8, inner, { index: 1, size: 8, siblings: shorter }));
    assert.ok(!verifyInList(root, 8, inner, { index: 1, size: 4, siblings: shorter }));
  });

  it('refuses places that are none, and does not throw', () => {
    const root = listRoot(Buffer.concat(leavesOf(4)));
    const proof = proveInList(Buffer.concat(leavesOf(4)), 1);
    for (const change of [{ index: -1 }, { index: 0.5 }, { index: Number.NaN }, { index: 2 ** 40 }, { index: 5 }]) {
      assert.ok(!verifyInList(root, 4, leafOf(1), { ...proof, ...change } satisfies ListProof));
    }
    for (const size of [0, -4, 4.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40]) {
      assert.ok(!verifyInList(root, size, leafOf(1), { ...proof, size }));
    }
    assert.ok(!verifyInList(root.subarray(1), 4, leafOf(1), proof));
    assert.ok(!verifyInList(root, 4, leafOf(1).subarray(1), proof));
    for (const index of [-1, 4, 0.5, Number.NaN]) {
      assert.throws(() => proveInList(Buffer.concat(leavesOf(4)), index), { code: 'LEDGER_NOT_FOUND' });
    }
  });
});
