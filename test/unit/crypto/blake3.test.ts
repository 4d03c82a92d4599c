/** BLAKE3 by the addon and by its stand-in, held against each other and against the official vectors. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadNative } from '../../../src/base/native/load.ts';
import {
  blake3,
  blake3Key,
  blake3Keyed,
  blake3Over,
  hashPairs,
  hashRanges,
  merkleRoot,
} from '../../../src/crypto/blake3.ts';
import { portableKernels } from '../../../src/crypto/blake3-portable.ts';

interface Vectors {
  key: string;
  context: string;
  derivedFromNothing: string;
  cases: { length: number; hash: string; keyed: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/crypto/blake3.json', import.meta.url), 'utf8'),
) as Vectors;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);
const shared = (bytes: Uint8Array) => {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length + 8), 4, bytes.length);
  view.set(bytes);
  return view;
};

const portable = blake3Over(portableKernels);
const { addon } = loadNative();
const all = [
  { name: 'portable', kernels: portable },
  { name: 'chosen', kernels: { hash: blake3, keyed: blake3Keyed, hashPairs, hashRanges, merkleRoot } },
  ...(addon === undefined ? [] : [{ name: 'native', kernels: blake3Over(addon) }]),
];
const key = Buffer.from(vectors.key);

/** Written down from RFC 6962's definition, which splits instead of pairing. */
function rootByDefinition(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length <= 1) return leaves[0] ?? new Uint8Array(32);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const halves = [leaves.slice(0, split), leaves.slice(split)].map(rootByDefinition);
  return portable.keyed(key, Buffer.concat(halves));
}

for (const { name, kernels } of all) {
  describe(`BLAKE3, ${name}`, () => {
    it('gives the official vectors, plain and keyed, one by one and in ranges', () => {
      for (const { length, hash, keyed } of vectors.cases) {
        assert.equal(hex(kernels.hash(counting(length))), hash, `${length} bytes`);
        assert.equal(hex(kernels.keyed(key, counting(length))), keyed, `${length} bytes, keyed`);
      }
      const ends = Uint32Array.from(vectors.cases, ({ length }) => length);
      const output = new Uint8Array(32 * ends.length);
      kernels.hashRanges(key, counting(5000), new Uint32Array(ends.length), ends, output);
      assert.equal(hex(output), vectors.cases.map(({ keyed }) => keyed).join(''));
    });

    it('hashes pairs as it hashes each of them, in shared memory too', () => {
      for (const count of [0, 1, 2, 3, 7, 8, 9, 31, 63, 64, 65, 200]) {
        const input = shared(counting(count * 64 + 5));
        const output = shared(new Uint8Array(count * 32 + 1).fill(7));
        kernels.hashPairs(key, input, count, output);
        for (let i = 0; i < count; i++) {
          const expected = portable.keyed(key, input.slice(i * 64, i * 64 + 64));
          assert.equal(hex(output.subarray(i * 32, i * 32 + 32)), hex(expected), `${i} of ${count}`);
        }
        assert.equal(output[count * 32], 7, 'nothing behind the output');
      }
    });

    it('hashes ranges as it hashes each of them, in shared memory too', () => {
      const range = fc.tuple(fc.nat(3000), fc.oneof(fc.nat(300), fc.nat(3000)));
      fc.assert(
        fc.property(
          fc.array(range, { maxLength: 40 }),
          fc.uint8Array({ minLength: 32, maxLength: 32 }),
          (ranges, key) => {
            const bytes = shared(counting(6000));
            const starts = Uint32Array.from(ranges, ([start]) => start);
            const ends = Uint32Array.from(ranges, ([start, length]) => start + length);
            const output = shared(new Uint8Array(ranges.length * 32));
            kernels.hashRanges(key, bytes, starts, ends, output);
            const expected = ranges.map(([start, length]) => portable.keyed(key, bytes.slice(start, start + length)));
            assert.equal(hex(output), hex(Buffer.concat(expected)));
          },
        ),
        { numRuns: 60 },
      );
    });

    it('gives the root that RFC 6962 defines', () => {
      for (const count of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33, 100]) {
        const leaves = Array.from({ length: count }, (_, i) => portable.hash(Uint8Array.of(i)));
        const root = kernels.merkleRoot(key, shared(Buffer.concat(leaves)));
        assert.equal(hex(root), hex(rootByDefinition(leaves)), `${count} leaves`);
      }
    });

    it('refuses what has the wrong length', () => {
      const bytes = new Uint8Array(64);
      const one = Uint32Array.of(1);
      for (const call of [
        () => kernels.keyed(bytes, bytes),
        () => kernels.hashPairs(bytes.subarray(1), bytes, 1, bytes),
        () => kernels.hashPairs(key, bytes, 2, new Uint8Array(64)),
        () => kernels.hashPairs(key, bytes, 1, new Uint8Array(31)),
        () => kernels.hashPairs(key, bytes, Number.NaN, new Uint8Array(64)),
        () => kernels.hashRanges(key, bytes, one, new Uint32Array(2), new Uint8Array(64)),
        () => kernels.hashRanges(key, bytes, one, one, new Uint8Array(31)),
        () => kernels.hashRanges(key, bytes, one, Uint32Array.of(65), new Uint8Array(32)),
        () => kernels.hashRanges(key, bytes, one, Uint32Array.of(0), new Uint8Array(32)),
        () => kernels.merkleRoot(key, new Uint8Array(33)),
      ]) {
        assert.throws(call, RangeError);
      }
    });
  });
}

describe('BLAKE3', () => {
  it("derives a role's key as the official vector does", () => {
    assert.equal(hex(blake3Key(vectors.context)), vectors.derivedFromNothing);
    assert.notDeepEqual(blake3Key('zkbazaar ledger v1 leaf'), blake3Key('zkbazaar ledger v1 node'));
  });

  if (addon !== undefined) {
    it('refuses in the addon what the faces would not let through', () => {
      const bytes = new Uint8Array(128);
      const one = Uint32Array.of(0);
      const shown = new Uint8Array(bytes.buffer, 32, 32);
      for (const call of [
        () => addon.blake3(bytes, bytes, new Uint8Array(32)),
        () => addon.blake3(null, bytes, new Uint8Array(31)),
        () => addon.blake3(null, bytes, shown),
        () => addon.blake3Pairs(key, bytes.subarray(0, 64), shown),
        () => addon.blake3Pairs(key, bytes.subarray(0, 65), new Uint8Array(32)),
        () => addon.blake3Ranges(key, bytes, one, Uint32Array.of(129), new Uint8Array(32)),
        () => addon.blake3Ranges(key, bytes, Uint32Array.of(2), Uint32Array.of(1), new Uint8Array(32)),
        () => addon.blake3Ranges(key, bytes, one, one, new Uint8Array(64)),
        () => addon.blake3Ranges(key, bytes, one, one, new Uint8Array(one.buffer, 0, 0)),
        () => addon.blake3MerkleRoot(key, bytes.subarray(1), new Uint8Array(32)),
        () => addon.blake3MerkleRoot(key, bytes, new Uint8Array(33)),
      ]) {
        assert.throws(call, /^Error: NATIVE_BAD_INPUTS: /);
      }
    });
  }
});
