import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sha256, toHex } from '../base/bytes.ts';
import { chooseEngine } from '../base/native/choose.ts';
import { loadNative } from '../base/native/load.ts';
import { PACKAGE_ROOT } from '../base/package-root.ts';
import type { CliContext } from './context.ts';
import { bytes } from './text.ts';

/** What `native/build.mjs` leaves behind. */
interface BuildStatus {
  outcome?: string;
  reason?: string;
  at?: string;
  cargo?: string;
  seconds?: number;
  /** Of the addon. */
  sha256?: string;
}

export interface EngineReport {
  engine: 'native' | 'wasm';
  /** False: a faster engine could be had. */
  best: boolean;
  detail: string;
}

/**
 * Which engine runs and why, in one line.
 * @throws CodedError ENGINE_NOT_THERE; ConfigError
 */
export async function describeEngine(context: CliContext): Promise<EngineReport> {
  const { config, sources } = await context.settings();
  const { engine, addon } = chooseEngine(config.engine);
  const { path } = loadNative();
  const source = sources['engine'];
  if (engine === 'native') {
    const features = addon.cpuFeatures();
    const cpu = features.length === 0 ? 'portable' : `with ${features.join(', ')}`;
    return { engine, best: true, detail: `native, ${describeBuild(path)}; ${cpu}` };
  }
  if (config.engine === 'wasm') {
    return { engine, best: true, detail: `wasm: chosen by ${source?.name ?? source?.origin ?? 'settings'}` };
  }
  const { reason = '' } = loadNative();
  const hint = 'install Rust and run npm run native:build for several times the speed';
  return { engine, best: false, detail: `wasm: ${reason} (${describeBuild(undefined)}); ${hint}` };
}

/** @param addon the file that was loaded; the last build may have made another one */
function describeBuild(addon: string | undefined): string {
  if (addon !== undefined && basename(dirname(addon)) === 'prebuilt') return 'prebuilt, as the package brought it';
  let status: BuildStatus;
  try {
    status = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'native', 'build-status.json'), 'utf8')) as BuildStatus;
  } catch {
    return 'the build has not run: npm run native:build';
  }
  const { outcome, reason, at, cargo, seconds, sha256: hash } = status;
  if (addon !== undefined && hash !== toHex(sha256(readFileSync(addon)))) return 'put there by hand';
  switch (outcome) {
    case 'built':
      return `built by cargo ${cargo} in ${seconds} s, ${at}`;
    case 'prebuilt':
      return `prebuilt, taken over ${at}`;
    case 'failed':
      return `build failed ${at}: ${reason}`;
    default:
      return reason ?? 'nothing is known about the build';
  }
}

/** What makes the witnesses of our circuits; those of `groth16 fullprove` always come from circom's WASM. */
export async function describeWitnesses(context: CliContext): Promise<string> {
  const { loadArtifacts } = await import('../artifacts/load.ts');
  const { config } = await context.settings();
  const { engine } = chooseEngine(config.engine);
  const circuits = await loadArtifacts({
    proofsDirectory: config.artifacts.dir ?? undefined,
    production: config.network.production,
  });
  const named = (byGraph: boolean): string =>
    circuits
      .list()
      .filter(({ manifest }) => (engine === 'native' && manifest.files.witnessGraph !== undefined) === byGraph)
      .map(({ name }) => name)
      .join(', ');
  const parts = [
    ['native, by graph', named(true)],
    ['circom’s WASM', named(false)],
  ];
  return parts.flatMap(([how, names]) => (names === '' ? [] : [`${how}: ${names}`])).join('; ');
}

/** Threads of one proof, for a command and for a node, and of the verifier. @throws ConfigError */
export async function describeThreads(context: CliContext): Promise<string> {
  const { prover, verifier } = (await context.settings()).config;
  const cores = availableParallelism();
  const threads = prover.threads === null ? `${cores}, in a node ${Math.max(1, cores - 1)}` : `${prover.threads}`;
  return `${cores} cores; a native proof takes ${threads}; a node verifies on ${verifier.workers}`;
}

/** The cache of tables: where, how large, and its bound. @throws ConfigError */
export async function describeTables(context: CliContext): Promise<string> {
  const { config, paths } = await context.settings();
  const { tableMegabytes } = config.prover;
  if (tableMegabytes === 0) return 'off (prover.tableMegabytes is 0)';
  // The names that the addon gives; the folder may hold other things.
  const files = (await readdir(paths.tablesDir).catch(() => [])).filter((file) => /^[0-9a-f]{32}\.table$/.test(file));
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(paths.tablesDir, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return `${paths.tablesDir}: ${bytes(total)} in ${files.length} files, at most ${bytes(tableMegabytes * 1_000_000)}`;
}
