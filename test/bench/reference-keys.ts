/** The two reference circuits with keys: compiled and set up once per machine, kept in the cache folder. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildCircuits,
  type CircuitRegistry,
  cacheDirectory,
  type LoadArtifactsOptions,
  loadArtifacts,
  type MakingListener,
  readCircuitList,
  setupCircuits,
} from '../../src/artifacts/index.ts';
import { isCodedError } from '../../src/base/errors.ts';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import type { Progress } from './progress.ts';

export const REFERENCE_CIRCUITS = join(PACKAGE_ROOT, 'test', 'bench', 'circuits');
/** What the compiled files and keys depend on besides the circuits' text. */
const TOOLS = ['circom2', 'circomlib', 'snarkjs'] as const;

/**
 * The reference circuits, as any other circuits of the package are loaded. The first call on a machine compiles them and
 * makes development keys: about five minutes. What was begun is taken up again.
 */
export async function openReferenceCircuits(progress: Progress): Promise<CircuitRegistry> {
  const cache = cacheDirectory(process.env);
  const options: LoadArtifactsOptions = {
    circuitsDirectory: REFERENCE_CIRCUITS,
    proofsDirectory: join(cache, 'bench', await sourceHash()),
    production: false,
  };
  try {
    const made = await loadArtifacts(options);
    // Made by a version that had no witness graphs: those are added, the keys stand.
    if (made.list().every(({ manifest }) => manifest.files.witnessGraph !== undefined)) return made;
    progress('reference circuits: adding their witness graphs');
  } catch (error) {
    if (!isCodedError(error)) throw error;
    progress(`reference circuits: ${error.code}; making them once, in ${cache}`);
  }
  const making = {
    list: await readCircuitList(REFERENCE_CIRCUITS),
    circuitsDirectory: REFERENCE_CIRCUITS,
    proofsDirectory: join(cache, 'bench', await sourceHash()),
    onProgress: stepsOf(progress),
  };
  await buildCircuits(making);
  await setupCircuits({ ...making, cache });
  return loadArtifacts(options);
}

/** Tables of the native engine, made by the first run: in a folder of their own, so that a run finds them. */
export function tableDirectory(): string {
  return join(cacheDirectory(process.env), 'bench', 'tables');
}

/** Changes with a circuit's text and with the tools' versions, and with nothing else. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  const files = (await readdir(REFERENCE_CIRCUITS)).filter((name) => /\.(?:circom|json)$/.test(name)).sort();
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(REFERENCE_CIRCUITS, file)));
  for (const tool of TOOLS) {
    const { version } = JSON.parse(
      await readFile(join(PACKAGE_ROOT, 'node_modules', tool, 'package.json'), 'utf8'),
    ) as { version: string };
    hash.update(`${tool}@${version}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** One line per step, and one per tenth of a long one. */
function stepsOf(progress: Progress): MakingListener {
  let last = '';
  return ({ circuit, step, fraction }) => {
    const line = `${circuit}: ${step}${fraction === undefined ? '' : ` ${Math.floor(fraction * 10) * 10} %`}`;
    if (line !== last) progress(line);
    last = line;
  };
}
