/** What the sections share: sizes, circuits, the world, proofs made so far, and the rows. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CircuitRegistry, loadArtifacts } from '../../src/artifacts/index.ts';
import type { CircuitName } from '../../src/claims/interface.ts';
import { createProver } from '../../src/prover/index.ts';
import type { Progress } from './progress.ts';
import type { Row } from './report.ts';
import type { Sizes } from './sizes.ts';
import { type BenchWorld, makeWorld, type Proven } from './world.ts';

export interface Bench {
  sizes: Sizes;
  names: readonly CircuitName[];
  dir: string;
  circuits: CircuitRegistry;
  world: BenchWorld;
  rows: Row[];
  progress: Progress;
  /** Real proofs, each for an order of its own. */
  proven: Proven[];
  /** Proofs of each circuit, at least `count`; made now where the prove section was left out. */
  ensureProven(count: number): Promise<Proven[]>;
  close(): Promise<void>;
}

/** @param rows where the sections put theirs */
export async function openBench(
  sizes: Sizes,
  names: readonly CircuitName[],
  progress: Progress,
  rows: Row[] = [],
): Promise<Bench> {
  progress('issuers, registry, credentials');
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-bench-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', remove);
  const circuits = await loadArtifacts({ production: false, circuits: names });
  // First proof, the warm ones, and one to warm up with, for each of the two circuits with a balance.
  const world = await makeWorld(dir, circuits, 2 * (sizes.warmProofs + 2));
  const proven: Proven[] = [];
  return {
    sizes,
    names,
    dir,
    circuits,
    world,
    rows,
    progress,
    proven,
    async ensureProven(count) {
      const missing = names.flatMap((name) => {
        const there = proven.filter(({ circuit }) => circuit === name).length;
        return Array.from({ length: Math.max(0, count - there) }, () => name);
      });
      if (missing.length === 0) return proven;
      const prover = createProver({}, { circuits });
      try {
        for (const name of missing) {
          progress(`proving ${name} for the sections that need proofs`);
          const { claim, seal } = world.prepare(name);
          proven.push(seal(await prover.prove(claim)));
        }
      } finally {
        await prover.close();
      }
      return proven;
    },
    async close() {
      process.off('exit', remove);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Runs `task`; milliseconds it took and what it gave. */
export async function timed<T>(task: () => Promise<T> | T): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await task();
  return { ms: performance.now() - start, value };
}
