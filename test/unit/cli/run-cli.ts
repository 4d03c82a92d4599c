import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string | Uint8Array;
  /** Another Node to start the launcher with. */
  node?: string;
}

export const LAUNCHER = join(PACKAGE_ROOT, 'src', 'cli', 'launcher.mjs');

/** Environment without settings of the machine that runs the tests. */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('ZKBAZAAR_') && !name.startsWith('NODE_') && name !== 'ENGINE',
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...extra };
}

/** Runs the real launcher and waits for it. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.node ?? process.execPath, [LAUNCHER, ...args], {
      cwd: options.cwd ?? PACKAGE_ROOT,
      env: cleanEnv(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}

/** The one JSON document that a run with --json prints. */
export function jsonOf<T = Record<string, unknown>>(run: CliRun): T {
  return JSON.parse(run.stdout) as T;
}
