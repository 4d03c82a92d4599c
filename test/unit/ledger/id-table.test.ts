import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IdTable } from '../../../src/ledger/id-table.ts';

/** Ids that differ in one word alone, which is not one of those that choose the place. */
function idOf(number: number): Uint8Array {
  const id = new Uint8Array(32).fill(7);
  new DataView(id.buffer).setUint32(24, number, true);
  return id;
}

test('ids have the numbers that a map would give them, and lose them when they are removed', () => {
  const step = fc.record({ add: fc.boolean(), id: fc.nat(150) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
      const table = new IdTable();
      const model = new Map<number, number>();
      for (const { add, id } of steps) {
        const there = model.get(id);
        assert.equal(table.find(idOf(id)), there ?? -1);
        if (add) {
          const slot = table.add(idOf(id));
          if (there === undefined) assert.ok(![...model.values()].includes(slot), `${slot} is taken`);
          else assert.equal(slot, there);
          assert.ok(slot <= 150, 'as small as can be');
          model.set(id, slot);
          assert.deepEqual(table.idOf(slot), idOf(id));
        } else if (there !== undefined) {
          table.remove(there);
          model.delete(id);
        }
        assert.equal(table.size, model.size);
      }
      for (const [id, slot] of model) assert.equal(table.find(idOf(id)), slot);
    }),
    { numRuns: 60 },
  );
});

test('many at a place in words, and out again to another', () => {
  const table = new IdTable();
  const words = new Uint32Array(20_000 * 8).map((_, i) => Math.imul(i, 0x9e37_79b1));
  const slots = Array.from({ length: 20_000 }, (_, i) => table.addAt(words, i * 8));
  assert.equal(new Set(slots).size, 20_000);
  const out = new Uint32Array(words.length);
  slots.forEach((slot, i) => {
    assert.equal(table.findAt(words, i * 8), slot);
    table.copyTo(slot, out, i * 8);
  });
  assert.deepEqual(out, words);
  for (const slot of slots) table.remove(slot);
  assert.equal(table.size, 0);
  assert.equal(table.findAt(words, 8), -1);
});

test('what is no id is not found, and not taken', () => {
  const table = new IdTable();
  table.add(new Uint8Array(32));
  assert.equal(table.find(new Uint8Array(31)), -1);
  assert.equal(table.find(new Uint8Array()), -1);
  assert.throws(() => table.add(new Uint8Array(33)), RangeError);
});
