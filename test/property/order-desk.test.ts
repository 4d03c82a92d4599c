/**
 * The real desk of both sides under random trouble: nodes that go and come back, answers that get lost, restarts from
 * what was on the disk, decisions at any moment. Once both can talk again, they agree.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCodedError } from '../../src/base/errors.ts';
import { checkReceipt, type OrderView } from '../../src/market/index.ts';
import { MAKER_PEER, Market, type Side, TAKER_PEER } from '../unit/node/desk-harness.ts';

type Act = (market: Market, taker: Side, id: string) => Promise<void> | void;

/** What a user asks at the wrong moment is refused with a code, and that is all. */
async function asked(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    assert.ok(isCodedError(error) && /^MARKET_/.test(error.code), String(error));
  });
}

const ACTS: Record<string, Act> = {
  'maker accepts': (market, _, id) => asked(market.maker.desk.accept(id)),
  'maker declines': (market, _, id) => asked(market.maker.desk.decline(id, '')),
  'taker cancels': (_, taker, id) => asked(taker.desk.cancel(id, '')),
  'maker goes': (market) => void market.wire.offline.add(MAKER_PEER),
  'taker goes': (market) => void market.wire.offline.add(TAKER_PEER),
  'all come back': (market) => market.wire.offline.clear(),
  'answers get lost': (market) => market.setLossy(true),
  'answers arrive': (market) => market.setLossy(false),
  'maker restarts': (market) => market.maker.restart(),
  'taker restarts': (_, taker) => taker.restart(),
  'both talk': (market) => market.settle(2),
  'a minute': (market) => market.pass(60),
  'ten minutes': (market) => market.pass(601),
  'an hour': (market) => market.pass(3601),
};

const runs = Number(process.env['ZKBAZAAR_TEST_RUNS'] ?? 100);

test('both desks agree once they can talk, whatever happened before', async () => {
  const ends = new Map<string, number>();
  const names = fc.array(fc.constantFrom(...Object.keys(ACTS)), { maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(names, fc.boolean(), async (acts, settled) => {
      const market = new Market();
      const taker = market.join(TAKER_PEER);
      const { id } = await market.take(taker);
      if (settled) await market.settle(2);
      for (const name of acts) await ACTS[name]?.(market, taker, id);

      market.wire.offline.clear();
      market.wire.loseAnswers = false;
      await market.settle(12);
      const ours: OrderView | undefined = (await market.maker.desk.list({}))[0];
      const theirs = await taker.desk.show(id);
      ends.set(theirs.state, (ends.get(theirs.state) ?? 0) + 1);
      if (ours === undefined) {
        assert.ok(theirs.final && theirs.state !== 'accepted', 'the taker waits for a maker that never heard of it');
      } else if (ours.state === 'accepted' || theirs.state === 'accepted') {
        assert.ok(ours.confirmed && theirs.confirmed, `${ours.state} and ${theirs.state}`);
        assert.deepEqual(ours.receipt, theirs.receipt);
        assert.ok(ours.receipt);
        checkReceipt(ours.receipt, ours.terms);
      } else {
        assert.equal(ours.final, theirs.final, `${ours.state} and ${theirs.state}`);
        if (!ours.final) assert.equal(ours.state, theirs.state);
      }
      assert.ok(market.judged <= 1 + acts.filter((name) => name.includes('restart')).length);
      for (const side of [market.maker, taker]) await side.desk.stop();
    }),
    { numRuns: runs },
  );
  for (const state of ['qualified', 'accepted', 'declined', 'cancelled', 'expired']) {
    assert.ok(ends.has(state), `never ended ${state}: ${JSON.stringify([...ends])}`);
  }
});
