import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../src/base/bytes.ts';
import { StateTree } from '../../src/ledger/state/tree.ts';
import { ledgerHashes } from '../../src/ledger/state/tree-hashes.ts';
import { type Change, deltaOf, keyOf, naiveRoot, plainPaths } from '../unit/ledger/state/records.ts';

const RUNS = Number(process.env['LEDGER_TREE_RUNS'] ?? 150);

/** Few keys, so that they are set, changed and removed again; some share all but their last bits. */
const anyKey = fc.oneof(
  fc.nat(40).map((n) => keyOf(n)),
  fc.nat(15).map((n) => keyOf(...new Array(31).fill(0xa5), n)),
  fc.nat(255).map((n) => keyOf(n & 0x81, 0, n)),
);
const anyValue = fc.uint8Array({ minLength: 1, maxLength: 128 });
const anyStep = fc.record({ key: anyKey, value: fc.option(anyValue, { nil: undefined, freq: 2 }), anew: fc.boolean() });
const anyHistory = fc.array(fc.array(anyStep, { maxLength: 60 }), { maxLength: 8 });

/** Gives slots as the state's table does, freed ones first; `anew` moves a key to another slot. */
class Slots {
  readonly #of = new Map<string, number>();
  readonly #free: number[] = [];
  #next = 0;

  change(key: Uint8Array, value: Uint8Array | undefined, anew: boolean): Change {
    const name = toHex(key);
    let slot = this.#of.get(name);
    if (slot !== undefined && (value === undefined || anew)) {
      this.#of.delete(name);
      this.#free.push(slot);
    }
    if (value === undefined) return { slot: slot ?? 0, key };
    if (slot === undefined || anew) {
      slot = this.#free.shift() ?? this.#next++;
      this.#of.set(name, slot);
    }
    return { slot, key, value };
  }
}

for (const [name, hashes] of [
  ['BLAKE3', ledgerHashes],
  ['chosen', plainPaths],
] as const) {
  describe(`state tree, ${name} paths`, () => {
    it('has the root of the definition after every delta', () => {
      fc.assert(
        fc.property(anyHistory, (history) => {
          const tree = new StateTree(4096, hashes);
          const slots = new Slots();
          const records = new Map<string, [Uint8Array, Uint8Array]>();
          for (const steps of history) {
            const changes = steps.map(({ key, value, anew }) => {
              if (value === undefined) records.delete(toHex(key));
              else records.set(toHex(key), [key, value]);
              return slots.change(key, value, anew);
            });
            const root = tree.apply(deltaOf(changes));
            assert.equal(toHex(root), toHex(naiveRoot(records.values(), hashes)));
            assert.equal(tree.size.leaves, records.size);
            assert.deepEqual(tree.root, root);
          }
        }),
        { numRuns: RUNS },
      );
    });

    it('does not depend on the order or the number of deltas, and removing all leaves nothing', () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.tuple(anyKey, anyValue), { selector: ([key]) => toHex(key), maxLength: 80 }),
          fc.integer({ min: 1, max: 30 }),
          fc.infiniteStream(fc.nat(1000)),
          (records, step, random) => {
            const changes = records.map(([key, value], slot) => ({ slot, key, value }));
            const shuffled = changes.map((change) => ({ change, at: random.next().value ?? 0 }));
            shuffled.sort((a, b) => a.at - b.at);
            const built = new StateTree(4096, hashes);
            const root = built.build(deltaOf(changes));
            const grown = new StateTree(4096, hashes);
            for (let i = 0; i < shuffled.length; i += step) {
              grown.apply(deltaOf(shuffled.slice(i, i + step).map(({ change }) => change)));
            }
            assert.deepEqual(grown.root, root);
            assert.equal(grown.size.nodes, built.size.nodes);
            grown.apply(deltaOf(changes.map(({ slot, key }) => ({ slot, key }))));
            assert.deepEqual(grown.root, new Uint8Array(32));
            assert.deepEqual([grown.size.leaves, grown.size.nodes], [0, 0]);
          },
        ),
        { numRuns: RUNS },
      );
    });
  });
}
