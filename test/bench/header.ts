import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseEngine } from '../../src/base/native/choose.ts';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';

const run = promisify(execFile);
const PACKAGES = ['snarkjs', 'mcl-wasm', 'circom2', 'libp2p', '@libp2p/gossipsub'] as const;
/** Above this share of a core's work per core somebody else is measured too. */
const IDLE_LOAD = 0.25;

/** Where and with what a run was made. */
export interface Header {
  zkbazaar: string;
  commit: string | null;
  /** Whether the working tree differed from the commit; null where there is no git. */
  dirty: boolean | null;
  date: string;
  node: string;
  packages: Record<string, string>;
  /** What `engine: auto` means here, and why; missing in runs from before there was a choice. */
  engine?: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  os: string;
  /** Load averages over 1, 5 and 15 minutes before the first measurement. */
  loadAtStart: number[];
}

export async function readHeader(): Promise<Header> {
  const cpus = os.cpus();
  const { engine, reason } = chooseEngine();
  const commit = await git('rev-parse', '--short=12', 'HEAD');
  const changes = await git('status', '--porcelain', '--untracked-files=no');
  return {
    zkbazaar: await versionIn(PACKAGE_ROOT),
    commit,
    dirty: changes === null ? null : changes !== '',
    date: new Date().toISOString(),
    node: process.versions.node,
    packages: Object.fromEntries(
      await Promise.all(
        PACKAGES.map(async (name) => [name, await versionIn(join(PACKAGE_ROOT, 'node_modules', name))] as const),
      ),
    ),
    engine: `${engine} (${reason})`,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 27) / 8,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    loadAtStart: os.loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

/** What a reader of the figures must be told about the machine. */
export function headerWarnings({ loadAtStart: [load = 0], cores, dirty }: Header): string[] {
  return [
    ...(load > IDLE_LOAD * cores ? [`the machine was not idle: load ${load} on ${cores} cores at start`] : []),
    ...(dirty === true ? ['the working tree differed from the commit'] : []),
  ];
}

async function versionIn(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

async function git(...args: string[]): Promise<string | null> {
  try {
    return (await run('git', args, { cwd: PACKAGE_ROOT })).stdout.trim();
  } catch {
    return null;
  }
}
