/** Blocks through the whole machine, and through it without each of its parts. */
import { join } from 'node:path';
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { SIGNATURE_ALGORITHMS } from '../../src/ledger/constants.ts';
import { type Keys, makeKeys, signBlocks } from './ledger-keys.ts';
import { picker, randomFrom, SHAPES, type Shape } from './ledger-random.ts';
import { FILL, onOneCore, type Parts, Rig } from './ledger-rig.ts';
import { measured, rateRow } from './ledger-rows.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { giveGoods, makerCalls } from './ledger-workloads.ts';
import { blockOf, bodyOf, type LedgerWorld, makeWorld, transferBlock } from './ledger-world.ts';

const ALL: Parts = { signatures: true, log: true, roots: true };
const PLAIN: readonly (readonly [id: string, what: string, parts: Parts])[] = [
  ['execution', 'execution alone', { signatures: false, log: false, roots: false }],
  ['root', 'with roots of state and receipts', { signatures: false, log: false, roots: true }],
  ['log', 'with a durable log', { signatures: false, log: true, roots: false }],
  ['signed', 'with signatures', { signatures: true, log: false, roots: false }],
];

/** Transfers signed by the accounts that have keys, to any account. */
export function signedTransfers(world: LedgerWorld, keys: Keys, blocks: number, block: number, shape: Shape) {
  const random = randomFrom(SHAPES.indexOf(shape) + 1);
  const pick = picker(shape, keys.addresses.length, random);
  const payee = picker(shape, world.accounts, random);
  return Array.from({ length: blocks }, () => transferBlock(world, block, pick, payee, keys.algorithm));
}

export async function pipelineSection(bench: LedgerBench): Promise<void> {
  const { sizes, rows, progress, dir } = bench;
  progress('keys');
  const keys = await makeKeys(SIGNATURE_ALGORITHMS.ed25519, sizes.signers);
  progress(`${sizes.accounts} accounts and their tree`);
  const world = makeWorld(sizes.accounts, keys.addresses);
  giveGoods(world, sizes.makerBlock);
  const rig = await Rig.open(world, dir);
  const random = randomFrom(1);
  const anybody = () => Math.floor(random() * world.accounts);
  const plain = (count: number) =>
    Array.from({ length: count }, () => transferBlock(world, sizes.block, anybody, anybody));
  const signed = async (count: number, shape: Shape) => {
    const blocks = signedTransfers(world, keys, count, sizes.block, shape);
    await signBlocks(keys, blocks);
    return blocks;
  };
  const row = async (id: string, what: string, blocks: readonly BlockBatch[], parts: Parts, note?: string) => {
    progress(what);
    const figures = await measured(sizes.unitMs, (given) => rig.run(given, parts), blocks, 1);
    rows.push(rateRow(`ledger.pipeline.${id}`, what, figures, note));
  };
  try {
    // Signed blocks first: the cache knows them by their nonces, which nothing else may have moved.
    const alone = await signed(FILL + sizes.signedBlocks, 'uniform');
    await row('all', 'all of it: an Ed25519 signature each, log, roots, uniform', alone, ALL);
    const single = await signed(FILL + sizes.signedBlocks, 'uniform');
    await oneCore(bench, () => row('all-one-core', 'the same on one core', single, ALL));
    const skewed = await signed(FILL + sizes.signedBlocks, 'zipf-1.2');
    await row('all-zipf-1.2', 'all of it, zipf-1.2', skewed, ALL);
    const makers = await makerBlocks(bench, world, keys);
    const note = `${sizes.makerBlock} transactions a block: each takes back 8 offers and makes 8 others`;
    await row('all-maker', 'all of it, 16 operations of a market maker a signature', makers, ALL, note);
    for (const [id, what, parts] of PLAIN) {
      const blocks = parts.signatures
        ? await signed(FILL + sizes.signedBlocks, 'uniform')
        : plain(FILL + sizes.plainBlocks);
      await row(id, `transfers, uniform: ${what}`, blocks, parts);
    }
    const both: Parts = { signatures: false, log: true, roots: true };
    await row('root-log', 'execution with roots and durable log, uniform', plain(FILL + sizes.plainBlocks), both);
    const again = plain(FILL + sizes.plainBlocks);
    await oneCore(bench, () => row('root-log-one-core', 'the same on one core', again, both));
    for (const shape of ['zipf-0.8', 'zipf-1.2', 'hot-30'] as const) {
      const pick = picker(shape, world.accounts, random);
      const blocks = Array.from({ length: FILL + sizes.plainBlocks }, () =>
        transferBlock(world, sizes.block, pick, pick),
      );
      await row(`root-log-${shape}`, `execution with roots and durable log, ${shape}`, blocks, both);
    }
  } finally {
    await rig.close();
  }
}

async function oneCore({ absent }: LedgerBench, run: () => Promise<void>): Promise<void> {
  try {
    await onOneCore(run);
  } catch (error) {
    absent.push({ id: 'ledger.pipeline.*-one-core', why: error instanceof Error ? error.message : String(error) });
  }
}

async function makerBlocks({ sizes }: LedgerBench, world: LedgerWorld, keys: Keys): Promise<BlockBatch[]> {
  const blocks = Array.from({ length: FILL + sizes.makerBlocks }, (_, round) => {
    const bodies = Array.from({ length: sizes.makerBlock }, (_, account) =>
      bodyOf(world, account, makerCalls(world, account, round)),
    );
    return blockOf(bodies);
  });
  await signBlocks(keys, blocks);
  return blocks;
}

/** A folder with a snapshot of all accounts at height 0; with blocks behind it, they were executed and sealed. */
export async function ledgerFolder(bench: LedgerBench, name: string, keys: Keys, blocks: number): Promise<string> {
  const { sizes, dir, progress } = bench;
  const folder = join(dir, name);
  progress(`a ledger with ${sizes.accounts} accounts and ${blocks} blocks of ${sizes.block}`);
  const world = makeWorld(sizes.accounts, keys.addresses);
  const rig = await Rig.open(world, dir);
  try {
    await rig.snapshot(folder);
    const random = randomFrom(2);
    const anybody = () => Math.floor(random() * world.accounts);
    const parts: Parts = { signatures: false, log: true, roots: true, folder: join(folder, 'log') };
    const made = Array.from({ length: blocks }, () => transferBlock(world, sizes.block, anybody, anybody));
    if (blocks > 0) await rig.run(made, parts);
  } finally {
    await rig.close();
  }
  return folder;
}
