/** The price of post-quantum signatures: all of it with ML-DSA-44 against all of it with Ed25519 by node:crypto. */
import { SIGNATURE_ALGORITHMS } from '../../src/ledger/constants.ts';
import { makeKeys, signBlocks } from './ledger-keys.ts';
import { signedTransfers } from './ledger-pipeline.ts';
import { type Parts, Rig } from './ledger-rig.ts';
import { joined, type Measured, measured, rateRow, speedUpRow } from './ledger-rows.ts';
import type { LedgerBench } from './ledger-suite.ts';
import { makeWorld } from './ledger-world.ts';

const SIDES = [
  { id: 'ed25519', what: 'Ed25519 by node:crypto', algorithm: SIGNATURE_ALGORITHMS.ed25519 },
  { id: 'ml-dsa-44', what: 'ML-DSA-44', algorithm: SIGNATURE_ALGORITHMS.mlDsa44 },
] as const;
const ALL: Parts = { signatures: true, portable: true, log: true, roots: true };
const SIGNERS = 1_000;

export async function quantumSection({ sizes, rows, progress, dir }: LedgerBench): Promise<void> {
  const sides = [];
  for (const { algorithm } of SIDES) {
    progress(`keys and signatures of algorithm ${algorithm}`);
    const keys = await makeKeys(algorithm, Math.min(SIGNERS, sizes.signers));
    const world = makeWorld(Math.min(sizes.accounts, 100_000), keys.addresses);
    const count = 1 + sizes.quantumBlocks;
    const blocks = signedTransfers(world, keys, count, sizes.quantumBlock, 'uniform');
    await signBlocks(keys, blocks);
    sides.push({ rig: await Rig.open(world, dir), blocks, figures: [] as Measured[] });
  }
  progress('both in turns');
  // A block at a time and in turns, so that both have the same machine.
  for (let turn = 0; turn <= sizes.quantumBlocks; turn += 1) {
    for (const { rig, blocks, figures } of sides) {
      const part = blocks.slice(turn, turn + 1);
      const found = await measured(sizes.unitMs, (given) => rig.run(given, ALL), part);
      if (turn > 0) figures.push(found);
    }
  }
  const [classical, quantum] = sides.map(({ figures }) => joined(figures));
  for (const { rig } of sides) await rig.close();
  if (classical === undefined || quantum === undefined) return;
  const note = `blocks of ${sizes.quantumBlock}, one at a time`;
  [classical, quantum].forEach((figures, i) => {
    rows.push(rateRow(`ledger.quantum.${SIDES[i]?.id}`, `all of it, ${SIDES[i]?.what}`, figures, note));
  });
  rows.push(speedUpRow('ledger.quantum.share', 'ML-DSA-44 against Ed25519 by node:crypto', quantum, classical));
}
