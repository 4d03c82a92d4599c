import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reservation, Tag } from '../../src/store/index.ts';
import { envelope, id, NOW, tempStore } from '../unit/store/make.ts';

/** What the store promises about tags, in a few lines: who holds what, and what was spent on which context. */
class Model {
  readonly spent = new Map<string, string>();
  readonly held = new Map<string, object>();

  status(tags: readonly Tag[], context: string): 'spent' | 'duplicate' | 'busy' | 'reserved' {
    const contexts = tags.map((tag) => this.spent.get(tag.value));
    if (contexts.some((known) => known !== undefined && known !== context)) return 'spent';
    if (contexts.some((known) => known !== undefined)) return 'duplicate';
    return tags.some((tag) => this.held.has(tag.value)) ? 'busy' : 'reserved';
  }
}

const reserve = fc.record({
  type: fc.constant('reserve' as const),
  tags: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
  context: fc.integer({ min: 0, max: 2 }),
});
const end = fc.record({ type: fc.constantFrom('commit' as const, 'release' as const), at: fc.nat() });

test('whatever the order of reserve, commit and release: a tag is held once and spent once', async (t) => {
  const { store } = await tempStore(t);
  let run = 0;
  let next = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(reserve, end), { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
      run++;
      const model = new Model();
      const open: Reservation[] = [];
      for (const step of steps) {
        if (step.type === 'reserve') {
          // Tags of this run alone, so that one file serves all runs.
          const tags = step.tags.map(
            (n): Tag => ({ kind: 'nullifier', value: id(run * 100 + n, 'c'), expiresAt: NOW + 9 }),
          );
          const context = id(step.context, 'd');
          const result = store.spent.reserve(tags, context);
          assert.equal(result.status, model.status(tags, context));
          if (result.status !== 'reserved') continue;
          open.push(result.reservation);
          for (const tag of tags) model.held.set(tag.value, result.reservation);
          continue;
        }
        const reservation = open.splice(step.at % Math.max(1, open.length), 1)[0];
        if (reservation === undefined) continue;
        if (step.type === 'release') {
          reservation.release();
        } else {
          assert.deepEqual(await store.accept([{ envelope: envelope(next++), reservation }], NOW), ['accepted']);
          for (const tag of reservation.tags) model.spent.set(tag.value, reservation.context);
        }
        for (const tag of reservation.tags) model.held.delete(tag.value);
      }
      for (const reservation of open) reservation.release();
      assert.equal((await store.status()).reservations, 0);
      for (const [value, context] of model.spent) {
        assert.equal((await store.spent.get('nullifier', value))?.context, context);
      }
    }),
    { numRuns: 100 },
  );
  assert.ok(next > 20, 'too few commits to show anything');
});
