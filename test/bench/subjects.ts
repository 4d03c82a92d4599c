/** What the engines are measured on: circuits with keys, and an endless supply of honest inputs for each. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ARTIFACT_FILES,
  type CircuitRegistry,
  DEFAULT_PROOFS_DIRECTORY,
  loadArtifacts,
  type VerifyingArtifacts,
} from '../../src/artifacts/index.ts';
import { CIRCUIT_NAMES, type CircuitName } from '../../src/claims/interface.ts';
import type { CircuitInputs } from '../../src/prover/index.ts';
import { REFERENCE_NAMES, type ReferenceName, type SubjectName } from './args.ts';
import type { Progress } from './progress.ts';
import { referenceInputs } from './reference-inputs.ts';
import { openReferenceCircuits } from './reference-keys.ts';
import { makeWorld } from './world.ts';

export interface Statement {
  inputs: CircuitInputs;
  /** What a verifier expects; null leaves a signal free. */
  expected: readonly (string | null)[];
}

export interface Subject extends VerifyingArtifacts {
  name: SubjectName;
  circuits: CircuitRegistry;
  files: Record<'wasm' | 'provingKey' | 'verifyingKey', string>;
  /** The next statement; no two have equal public signals. */
  next(): Statement;
}

export interface Subjects {
  list: readonly Subject[];
  /** Temporary folder of this run. */
  dir: string;
  close(): Promise<void>;
}

/** Enough for every round of both suites. */
const ACCOUNTS = 64;

export async function openSubjects(names: readonly SubjectName[], progress: Progress): Promise<Subjects> {
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-bench-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', remove);
  const references = REFERENCE_NAMES.filter((name) => names.includes(name));
  const own = CIRCUIT_NAMES.filter((name) => names.includes(name));
  const list = [
    ...(references.length === 0 ? [] : await referenceSubjects(references, progress)),
    ...(own.length === 0 ? [] : await ownSubjects(own, dir, progress)),
  ];
  return {
    list,
    dir,
    async close() {
      process.off('exit', remove);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function referenceSubjects(names: readonly ReferenceName[], progress: Progress): Promise<Subject[]> {
  const circuits = await openReferenceCircuits(progress);
  progress('inputs of the reference circuits');
  const inputsOf = await referenceInputs();
  const proofs = circuits.options.proofsDirectory ?? DEFAULT_PROOFS_DIRECTORY;
  return names.map((name) => {
    let round = 0;
    const next = (): Statement => {
      round += 1;
      const inputs = inputsOf(name, round);
      const { outputs, publicInputs } = circuits.get(name).definition;
      return { inputs, expected: [...outputs.map(() => null), ...publicInputs.map((input) => String(inputs[input]))] };
    };
    return { ...circuits.get(name), name, circuits, files: filesOf(proofs, name), next };
  });
}

async function ownSubjects(names: readonly CircuitName[], dir: string, progress: Progress): Promise<Subject[]> {
  progress('issuers, registry, credentials');
  const circuits = await loadArtifacts({ production: false });
  const world = await makeWorld(dir, circuits, ACCOUNTS);
  return names.map((name) => {
    const next = (): Statement => {
      const { inputs, expected } = world.prepare(name).claim;
      return { inputs, expected };
    };
    return { ...circuits.get(name), name, circuits, files: filesOf(DEFAULT_PROOFS_DIRECTORY, name), next };
  });
}

function filesOf(proofs: string, name: string): Subject['files'] {
  const { wasm, provingKey, verifyingKey } = ARTIFACT_FILES;
  const file = (base: string) => join(proofs, name, base);
  return { wasm: file(wasm), provingKey: file(provingKey), verifyingKey: file(verifyingKey) };
}
