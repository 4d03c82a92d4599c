import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transactionAt } from '../../../../src/ledger/block/batch.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import { folder, runKilled } from './children.ts';
import { NETWORK, numberOf, rootOf } from './transactions.ts';

/** Kills in all; 60 unless told. */
const CRASHES = Number(process.env['ZKBAZAAR_TEST_CRASHES'] ?? 60);
const STRANDS = 4;
const POINTS = [
  'log.before-append',
  'log.after-append',
  'log.after-sync',
  'log.after-marker',
  'log.before-rotate',
  'log.after-rotate',
  'seal.buffered',
  'order.taken',
  'order.acknowledged',
];
const PRUNING = ['log.before-prune', 'log.mid-prune'];
const PER_ROUND = 200;

/** One folder that is killed again and again, and looked at after each kill. */
async function strand(which: number, rounds: number): Promise<Map<string, number>> {
  const path = folder();
  const prune = which % 2 === 1;
  const points = prune ? [...PRUNING, ...POINTS] : POINTS;
  const acknowledged = new Map<number, bigint>();
  const kills = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const point = points[(round * STRANDS + which) % points.length] ?? '';
    const hits = point.includes('rotate') || point.includes('prune') ? 1 : 1 + ((round * 7 + which * 3) % 19);
    const from = round * PER_ROUND + 1;
    const run = { folder: path, from, to: from + PER_ROUND - 1, point, hits, prune };
    const outcome = await runKilled(run);
    for (const [number, height] of outcome.acknowledged) acknowledged.set(number, height);
    if (outcome.atPoint) kills.set(point, (kills.get(point) ?? 0) + 1);
    await look(path, acknowledged, `strand ${which}, round ${round}, ${point} ${hits}`);
  }
  return kills;
}

async function look(path: string, acknowledged: ReadonlyMap<number, bigint>, where: string): Promise<void> {
  const log = await openBlockLog({ folder: path, network: NETWORK });
  const places = new Map<number, bigint>();
  let next = log.oldest;
  let time = 0n;
  for await (const block of log.head.height < log.oldest ? [] : log.read(log.oldest)) {
    assert.equal(block.height, next++, where);
    assert.ok(block.time >= time, where);
    assert.deepEqual(block.transactionsRoot, rootOf(block.batch), where);
    time = block.time;
    for (let i = 0; i < block.batch.count; i++) {
      const number = numberOf(transactionAt(block.batch, i));
      assert.ok(!places.has(number), `${where}: ${number} twice`);
      places.set(number, block.height);
    }
  }
  assert.equal(next, log.head.height + 1n, where);
  for (const [number, height] of acknowledged) {
    if (height >= log.oldest) assert.equal(places.get(number), height, `${where}: ${number} was acknowledged`);
    else assert.ok(!places.has(number), where);
  }
  let sealed: bigint | undefined;
  for await (const { height, header } of log.seals(log.oldest)) {
    assert.ok(sealed === undefined || height === sealed + 1n, where);
    assert.equal(header[0], Number(height % 255n) + 1, where);
    sealed = height;
  }
  await log.close();
}

test(`killed ${CRASHES} times at named points: all that was acknowledged is there, nothing twice, no gap`, async (t) => {
  const rounds = Math.ceil(CRASHES / STRANDS);
  const strands = await Promise.all(Array.from({ length: STRANDS }, (_, which) => strand(which, rounds)));
  const all = new Map<string, number>();
  for (const kills of strands) for (const [point, count] of kills) all.set(point, (all.get(point) ?? 0) + count);
  for (const point of [...POINTS, ...PRUNING]) assert.ok((all.get(point) ?? 0) > 0, `nobody died at ${point}`);
  t.diagnostic(`${[...all].map(([point, count]) => `${point} ${count}`).join(', ')}`);
});
