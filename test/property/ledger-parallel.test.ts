import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { STATUS } from '../../src/ledger/constants.ts';
import { judge } from './ledger-judge.ts';
import { type Ahead, CAPACITY, Rig } from './ledger-rig.ts';
import { dear, type MakeSchedule, nonsense, shuffled, waves } from './ledger-schedules.ts';
import { anyWorld } from './ledger-worlds.ts';

/** Blocks in all; each is executed by the baseline and then once for each rig. */
const BLOCKS = Number(process.env['ZKBAZAAR_TEST_LEDGER_BLOCKS'] ?? 450);
const SKEWS = [0, 0.8, 1.2] as const;
const SIZE = 40;
/** Worlds have one to four blocks. */
const RUNS = Math.max(Math.ceil(BLOCKS / SKEWS.length / 2.5), 1);
const SECONDS = BLOCKS * 2 + 300;

const KINDS = ['dear', 'nonsense', 'waves', 'shuffled'] as const;
const makers: Readonly<Record<(typeof KINDS)[number], (seed: number) => MakeSchedule>> = {
  dear: () => dear(CAPACITY),
  nonsense: (seed) => nonsense(CAPACITY, seed),
  waves: () => waves(CAPACITY),
  shuffled,
};
const AHEAD: readonly Ahead[] = ['no', 'before', 'during'];

describe('parallel execution is the sequential one', { timeout: SECONDS * 1000 }, () => {
  let rigs: Rig[] = [];
  const seen = new Map<number, number>();
  before(async () => {
    const slow = [2, 3].map((lanes) => Rig.start(lanes, true));
    rigs = await Promise.all([...[0, 1, 2, 3, 8].map((lanes) => Rig.start(lanes)), ...slow]);
  });
  after(() => Promise.all(rigs.map((rig) => rig.close())));

  for (const skew of SKEWS) {
    it(`on blocks whose keys have a Zipf skew of ${skew}`, async () => {
      await fc.assert(
        fc.asyncProperty(anyWorld(skew, SIZE), fc.nat(1_000_000), async (spec, seed) => {
          const world = judge(spec);
          for (const { receipts } of world.blocks) {
            for (const { status } of receipts) seen.set(status, (seen.get(status) ?? 0) + 1);
          }
          for (const [i, rig] of rigs.entries()) {
            const kind = KINDS[(seed + i) % KINDS.length] ?? 'shuffled';
            const ahead = AHEAD[(seed + i * 2) % AHEAD.length] ?? 'no';
            await rig.check(world, makers[kind](seed + i), ahead);
          }
        }),
        { numRuns: RUNS },
      );
    });
  }

  it('and the blocks were worth executing', () => {
    if (RUNS >= 50) assertVaried(seen);
    for (const { lanes, mostWaves } of rigs) assert.ok(lanes < 2 || mostWaves > 1, `${lanes} lanes did not share work`);
  });
});

/** Worlds in which nothing happens would prove nothing. */
function assertVaried(seen: ReadonlyMap<number, number>): void {
  const all = [...seen.values()].reduce((a, b) => a + b, 0);
  const share = (status: number) => (seen.get(status) ?? 0) / all;
  assert.ok(share(STATUS.ok) > 0.15, `only ${share(STATUS.ok)} of the transactions succeeded`);
  for (const status of [
    STATUS.wrongNetwork,
    STATUS.notYetValid,
    STATUS.expired,
    STATUS.wrongNonce,
    STATUS.replayed,
    STATUS.feeUnpayable,
    STATUS.outOfGas,
    STATUS.undeclaredAccess,
    STATUS.foreignSpace,
    STATUS.badRecord,
    STATUS.programCrashed,
  ]) {
    assert.ok(share(status) > 0, `no transaction ended with status ${status}`);
  }
}
