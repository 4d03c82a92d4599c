import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { STATUS } from '../../../../src/ledger/constants.ts';
import { PROGRAMS } from '../../../../src/ledger/programs/index.ts';
import { Rig } from '../../../property/ledger-rig.ts';
import { waves } from '../../../property/ledger-schedules.ts';
import { goldenOf, goldenWorld } from './golden-script.ts';

const file = new URL('../../../vectors/ledger/golden.json', import.meta.url);

describe('golden roots', () => {
  const world = goldenWorld();

  it('are what the script comes to: a difference is another network, not a detail', () => {
    const golden = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual(goldenOf(world), golden);
  });

  it('hold for execution on this thread and on two lanes', async () => {
    for (const lanes of [0, 2]) {
      const rig = await Rig.start(lanes);
      try {
        await rig.check(world, waves(4096), 'during');
      } finally {
        await rig.close();
      }
    }
  });

  it('are over operations of every program that succeed, and over failures', () => {
    const all = world.blocks.flatMap(({ transactions, receipts }) =>
      transactions.map((transaction, i) => ({ transaction, status: receipts[i]?.status })),
    );
    const succeeded = all.filter(({ status }) => status === STATUS.ok);
    const programs = succeeded.flatMap(({ transaction }) => transaction.operations.map(({ program }) => program));
    assert.deepEqual([...new Set(programs)].sort(), [...PROGRAMS.keys()].sort());
    assert.ok(all.length - succeeded.length >= 8);
  });
});
