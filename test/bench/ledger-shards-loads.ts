/** What is audited: uniform transfers of the native asset, and transfers of an asset of which half need two shards. */
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { BALANCE_RECORD_BYTES } from '../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../src/ledger/keys.ts';
import { transfer } from '../../src/ledger/programs/assets/build.ts';
import { ownersOf } from '../../src/ledger/shards/partition.ts';
import { randomFrom } from './ledger-random.ts';
import { blockOf, bodyOf, type LedgerWorld, transferBlock } from './ledger-world.ts';

export const SHARD_LOADS = ['uniform', 'half-crossing'] as const;
export type ShardLoad = (typeof SHARD_LOADS)[number];

const ASSET = new Uint8Array(11).fill(0xaa);
const AMOUNT = 10n ** 12n;
/** Accounts of each kind. */
const POOL = 40_000;
/** Of a path: which of four shards, and which of two. */
const QUARTER_BITS = 2;

/**
 * A function that makes blocks. Of those that cross, account and balance lie in different halves of the state, so the
 * transfer needs two shards however many there are; of the others both lie in one quarter, so one of four has them.
 */
export function loadOf(world: LedgerWorld, load: ShardLoad, count: number): () => BlockBatch {
  const random = randomFrom(7);
  if (load === 'uniform') {
    const anybody = () => Math.floor(random() * world.accounts);
    return () => transferBlock(world, count, anybody, anybody);
  }
  const { crossing, staying } = poolsOf(world);
  const record = new Uint8Array(BALANCE_RECORD_BYTES);
  new DataView(record.buffer).setBigUint64(0, AMOUNT, true);
  const holders = [...crossing, ...staying];
  for (const account of holders) world.table.put(balanceKey(world.address(account), ASSET), record);
  const pick = (pool: readonly number[]) => pool[Math.floor(random() * pool.length)] ?? 0;
  return () => {
    const bodies = Array.from({ length: count }, (_, i) => {
      const signer = pick(i % 2 === 0 ? crossing : staying);
      return bodyOf(world, signer, [transfer(world.address(signer), world.address(pick(holders)), 5n, ASSET)]);
    });
    return blockOf(bodies);
  };
}

function poolsOf(world: LedgerWorld): { crossing: number[]; staying: number[] } {
  const crossing: number[] = [];
  const staying: number[] = [];
  for (let account = 0; account < world.accounts; account += 1) {
    const keys = Buffer.concat([accountKey(world.address(account)), balanceKey(world.address(account), ASSET)]);
    const [own = 0, held = 0] = ownersOf(keys, QUARTER_BITS);
    if (own >> 1 !== held >> 1) crossing.push(account);
    else if (own === held) staying.push(account);
    if (crossing.length >= POOL && staying.length >= POOL) break;
  }
  return { crossing: crossing.slice(0, POOL), staying: staying.slice(0, POOL) };
}
