import assert from 'node:assert/strict';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { toHex } from '../../src/base/bytes.ts';
import { receiptsRoot } from '../../src/ledger/block/receipts.ts';
import { RECEIPT_WORDS } from '../../src/ledger/execute/shared.ts';
import { LocalExchange } from '../../src/ledger/shards/exchange.ts';
import { combine } from '../../src/ledger/shards/partition.ts';
import { Shard, type ShardBlock } from '../../src/ledger/shards/shard.ts';
import type { JudgedBlock, JudgedWorld } from './ledger-judge.ts';
import { randomOf } from './ledger-schedules.ts';
import { PROGRAMS } from './ledger-script.ts';
import { FEE_ACCOUNT, NETWORK } from './ledger-worlds.ts';

/** Messages come late and in any order. */
function pauses(seed: number): () => Promise<void> {
  const random = randomOf(seed);
  return async () => {
    for (let turns = Math.floor(random() * 4); turns > 0; turns -= 1) await setImmediate();
    if (random() < 0.02) await setTimeout(random() * 3);
  };
}

/** Runs the world on so many shards and fails at the first difference to what the baseline said. */
export async function checkShards(world: JudgedWorld, shards: number, seed: number): Promise<void> {
  const exchange = new LocalExchange(pauses(seed));
  const group = Array.from({ length: shards }, (_, index) => {
    const settings = { index, shards, capacity: 512, network: NETWORK, feeAccount: FEE_ACCOUNT };
    return new Shard({ ...settings, programs: PROGRAMS, exchange });
  });
  const genesis = [...world.genesis].map(([key, value]) => [new Uint8Array(Buffer.from(key, 'hex')), value] as const);
  // No barrier but the shards' own: one may have begun the next block while another ends the one before.
  const results = await Promise.all(
    group.map(async (shard) => {
      shard.load(genesis);
      const done: ShardBlock[] = [];
      for (const { batch, height, time } of world.blocks) done.push(await shard.execute(batch, height, time));
      return done;
    }),
  );
  world.blocks.forEach((block, i) => {
    const parts = results.map((done) => done[i] as ShardBlock);
    assert.equal(toHex(combine(parts.map(({ subtree }) => subtree))), block.stateRoot);
    compareReceipts(block, parts);
  });
  const records = group.flatMap(({ table }) =>
    [...table.entries()].map((entry) => [toHex(entry.key), toHex(entry.value)]),
  );
  const last = world.blocks.at(-1)?.state ?? new Map<string, string>();
  assert.deepEqual(records.sort(), [...last].sort());
  assert.equal(
    group.reduce((sum, { table }) => sum + table.size, 0),
    last.size,
    'slots of other shards were not given back',
  );
}

function compareReceipts(block: JudgedBlock, parts: readonly ShardBlock[]): void {
  const words = new Uint32Array(block.receipts.length * RECEIPT_WORDS);
  let answered = 0;
  for (const { members, home, planned } of parts) {
    for (const number of home) {
      const at = number * RECEIPT_WORDS;
      const index = members[number] ?? assert.fail();
      words.set(planned.receipts.words.subarray(at, at + RECEIPT_WORDS), index * RECEIPT_WORDS);
      answered += 1;
    }
  }
  assert.equal(answered, block.receipts.length, 'each transaction has one home');
  block.receipts.forEach(({ status, operation, gasUsed, fee }, i) => {
    const [head, gas, low = 0, high = 0] = words.subarray(i * RECEIPT_WORDS);
    assert.deepEqual([head, gas], [status | (operation << 16), gasUsed]);
    assert.equal(BigInt(low) + (BigInt(high) << 32n), fee);
  });
  const events = parts.map((part) => part.events);
  assert.equal(toHex(receiptsRoot(words, block.receipts.length, events)), block.receiptsRoot);
}
