import { blake3Keyed, hashPairs } from '../../../../src/crypto/blake3.ts';
import { ROLES } from '../../../../src/ledger/hashes.ts';
import type { StateDelta } from '../../../../src/ledger/state/tree-changes.ts';
import { ledgerHashes, type TreeHashes } from '../../../../src/ledger/state/tree-hashes.ts';

/** A record to be set, or removed where there is no value. */
export interface Change {
  slot: number;
  key: Uint8Array;
  value?: Uint8Array;
}

export function deltaOf(changes: readonly Change[]): StateDelta {
  const count = changes.length;
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  const delta = {
    count,
    slots: new Int32Array(shared(count * 4)),
    keys: new Uint8Array(shared(count * 32)),
    lengths: new Uint8Array(shared(count)),
    values: new Uint8Array(shared(count * 128)),
  };
  changes.forEach(({ slot, key, value }, i) => {
    delta.slots[i] = slot;
    delta.keys.set(key, i * 32);
    delta.lengths[i] = value?.length ?? 0;
    if (value !== undefined) delta.values.set(value, i * 128);
  });
  return delta;
}

/** Hashes whose path is the key itself, so that a test says where a leaf stands. */
export const plainPaths: TreeHashes = {
  ...ledgerHashes,
  paths: (keys, count, output) => output.set(keys.subarray(0, count * 32)),
};

/** The root by its definition, and nothing else: recursive over bits, one hash at a time. */
export function naiveRoot(records: Iterable<[key: Uint8Array, value: Uint8Array]>, hashes = ledgerHashes): Uint8Array {
  const leaves = [...records].map(([key, value]) => {
    const path = new Uint8Array(32);
    hashes.paths(key, 1, path);
    return { path, hash: blake3Keyed(ROLES.leaf, Buffer.concat([path, value])) };
  });
  const rootOf = (below: typeof leaves, depth: number): Uint8Array => {
    const [first] = below;
    if (first === undefined) return new Uint8Array(32);
    if (below.length === 1) return first.hash;
    const bit = (path: Uint8Array) => ((path[depth >> 3] ?? 0) >> (7 - (depth % 8))) & 1;
    const left = rootOf(
      below.filter(({ path }) => bit(path) === 0),
      depth + 1,
    );
    const right = rootOf(
      below.filter(({ path }) => bit(path) === 1),
      depth + 1,
    );
    const root = new Uint8Array(32);
    hashPairs(ROLES.node, Buffer.concat([left, right]), 1, root);
    return root;
  };
  return rootOf(leaves, 0);
}

/** A key with these bytes in front and zeros behind. */
export function keyOf(...bytes: number[]): Uint8Array {
  const key = new Uint8Array(32);
  key.set(bytes);
  return key;
}
