import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge } from './ledger-judge.ts';
import { checkShards } from './ledger-shard-group.ts';
import { anyWorld } from './ledger-worlds.ts';

const BLOCKS = Number(process.env['ZKBAZAAR_TEST_LEDGER_BLOCKS'] ?? 450);
const RUNS = Math.max(Math.ceil(BLOCKS / 12), 1);

describe('executor shards come to what one executor comes to', () => {
  for (const shards of [1, 2, 4, 8]) {
    it(`${shards} of them`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(0, 0.8, 1.2).chain((skew) => anyWorld(skew, 24)),
          fc.nat(1_000_000),
          async (spec, seed) => checkShards(judge(spec), shards, seed),
        ),
        { numRuns: RUNS },
      );
    });
  }
});
