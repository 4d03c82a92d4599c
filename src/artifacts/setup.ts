import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isCodedError } from '../base/errors.ts';
import { applyBeacon, contribute, openCeremony, startCeremony } from './ceremony.ts';
import type { CircuitList } from './circuit-list.ts';
import { finalizeCeremony } from './finalize.ts';
import type { CircuitDefinition, CircuitManifest } from './interface.ts';
import { loadArtifacts } from './load.ts';
import { describeFile } from './manifest.ts';
import { developmentPowersOfTau } from './powers-of-tau.ts';
import type { MakingListener } from './progress.ts';
import { readBuiltR1cs } from './r1cs-file.ts';

export interface SetupOptions {
  list: CircuitList;
  circuitsDirectory: string;
  proofsDirectory: string;
  /** See `cacheDirectory`. Unfinished work is kept below it and taken up again. */
  cache: string;
  /** Only these circuits; default all. */
  circuits?: readonly string[] | undefined;
  /** Makes new keys even where good ones for the present circuit stand. Every peer must then take the new ones. */
  force?: boolean | undefined;
  onProgress?: MakingListener | undefined;
}

export interface SetupResult {
  circuit: string;
  made: boolean;
  manifest: CircuitManifest;
}

/** 2^10: a development beacon protects nobody, it only exercises the step. */
const DEVELOPMENT_BEACON_EXP = 10;

/**
 * Development keys for every built circuit: phase 1 (cached), phase 2 with one contribution and a beacon, verified.
 * Circuits whose keys fit the built files are left alone.
 */
export async function setupCircuits(options: SetupOptions): Promise<SetupResult[]> {
  const { list, cache, onProgress } = options;
  const wanted = list.circuits.filter(({ name }) => options.circuits?.includes(name) ?? true);
  const results: SetupResult[] = [];
  for (const definition of wanted) {
    const standing = options.force === true ? undefined : await standingManifest(options, definition);
    if (standing !== undefined) {
      results.push({ circuit: definition.name, made: false, manifest: standing });
      continue;
    }
    const powersOfTau = await developmentPowersOfTau(cache, list.maxPower, onProgress);
    const r1cs = await readBuiltR1cs(options.proofsDirectory, definition.name);
    const hash = describeFile(r1cs).sha256;
    const directory = join(cache, 'setup', `${definition.name}-${hash.slice(0, 16)}`);
    if (options.force === true) await rm(directory, { recursive: true, force: true });
    const folder = { directory, onProgress };
    await startCeremony({ ...folder, circuit: definition.name, r1cs, powersOfTau });
    if ((await openCeremony(directory)).steps.length === 0) {
      await contribute({ ...folder, name: 'zkbazaar development' });
    }
    if ((await openCeremony(directory)).steps.length === 1) {
      const beacon = createHash('sha256').update(`zkbazaar/development-beacon/${hash}`).digest('hex');
      await applyBeacon({ ...folder, beacon, iterationsExp: DEVELOPMENT_BEACON_EXP });
    }
    const { proofsDirectory } = options;
    const manifest = await finalizeCeremony({
      ...folder,
      powersOfTau,
      definition,
      proofsDirectory,
      setup: 'development',
    });
    await rm(directory, { recursive: true, force: true });
    results.push({ circuit: definition.name, made: true, manifest });
  }
  return results;
}

/** The manifest if keys stand that fit the built circuit; undefined if they are missing or stale. */
async function standingManifest(
  { circuitsDirectory, proofsDirectory }: SetupOptions,
  { name }: CircuitDefinition,
): Promise<CircuitManifest | undefined> {
  try {
    const registry = await loadArtifacts({ circuitsDirectory, proofsDirectory, production: false, circuits: [name] });
    await registry.openProving(name);
    await registry.openR1cs(name);
    return registry.get(name).manifest;
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
