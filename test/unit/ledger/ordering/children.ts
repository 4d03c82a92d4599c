import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const scriptOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A folder that is gone after the tests of the file. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'zkbazaar-ordering-'));
  after(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'log');
}

let cached: string | undefined;

/** Compiled modules, shared by all children: they begin in a third of the time. */
function cache(): string {
  cached ??= join(folder(), '..', 'compiled');
  return cached;
}

export interface Run {
  readonly folder: string;
  readonly from: number;
  readonly to: number;
  /** Kills itself at the n-th hit of a point. */
  readonly point?: string;
  readonly hits?: number;
  /** Is killed when so many are acknowledged; all of them unless told. */
  readonly enough?: number;
  readonly prune?: boolean;
  /** What runs; the embedded driver unless told. */
  readonly script?: string;
}

export interface Outcome {
  readonly acknowledged: ReadonlyMap<number, bigint>;
  /** It killed itself at the point; else it came through, and was killed from outside. */
  readonly atPoint: boolean;
}

/** Runs the child until it is dead; the numbers that it acknowledged before, with their heights, and who killed it. */
export async function runKilled({ point = '', hits = 0, enough, prune, script, ...run }: Run): Promise<Outcome> {
  const args = { folder: run.folder, from: run.from, to: run.to, point, hits };
  const flags = Object.entries(args).map(([name, value]) => `--${name}=${value}`);
  const env = { ...process.env, NODE_COMPILE_CACHE: cache() };
  const child = spawn(
    process.execPath,
    [scriptOf(script ?? 'killed-child.ts'), ...flags, ...(prune === true ? ['--prune'] : [])],
    { env },
  );
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)));
  const acknowledged = new Map<number, bigint>();
  let atPoint = true;
  const last = enough ?? run.to - run.from + 1;
  for await (const line of createInterface({ input: child.stdout })) {
    const [number = '', height = ''] = line.split(' ');
    acknowledged.set(Number(number), BigInt(height));
    if (acknowledged.size < last) continue;
    atPoint = false;
    child.kill('SIGKILL');
  }
  assert.equal(await ended, 'SIGKILL', Buffer.concat(stderr).toString());
  return { acknowledged, atPoint };
}
