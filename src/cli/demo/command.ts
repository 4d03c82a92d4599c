import { type ChildProcess, spawn } from 'node:child_process';
import { basename, isAbsolute, join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package-root.ts';
import type { ErrorReport } from '../errors.ts';
import { DemoError, DemoErrorCode } from './wait.ts';

const LAUNCHER = join(PACKAGE_ROOT, 'src', 'cli', 'launcher.mjs');

/** Whose command it is, and which node it speaks to; by itself that of the data folder. */
export interface Caller {
  dataDir: string;
  node?: { url: string; token: string };
}

/** The `zkbazaar` command as people run it: with --json, in a process of its own for each call. */
export class CommandLine {
  readonly #passphraseFile: string;
  readonly #running = new Map<ChildProcess, Promise<unknown>>();
  #stopped = false;

  constructor(passphraseFile: string) {
    this.#passphraseFile = passphraseFile;
  }

  /**
   * What the command answers; `code` is 1 where the answer is no.
   * @throws DemoError DEMO_COMMAND_FAILED with the command's own error
   */
  async run<T>(caller: Caller, args: readonly string[]): Promise<{ code: number; answer: T }> {
    const { code, output } = await this.#spawn(caller, args);
    // Files by their names: the temporary folder says nothing.
    const shown = args.map((arg) => (isAbsolute(arg) ? basename(arg) : arg)).join(' ');
    const failed = (why: string) => new DemoError(DemoErrorCode.CommandFailed, `zkbazaar ${shown}: ${why}`);
    const line = output.trimEnd();
    if (!line.startsWith('{')) throw failed(line === '' ? 'it ended without an answer' : line.slice(-400));
    const answer = JSON.parse(line) as T & { error?: ErrorReport };
    if (answer.error !== undefined) throw failed(`${answer.error.code}: ${answer.error.message}`);
    return { code, answer };
  }

  /** Ends what still runs; resolves when it is gone. */
  async stop(): Promise<void> {
    this.kill();
    await Promise.allSettled([...this.#running.values()]);
  }

  /** At once, for a process that is about to end. */
  kill(): void {
    this.#stopped = true;
    for (const child of this.#running.keys()) child.kill('SIGKILL');
  }

  async #spawn({ dataDir, node }: Caller, args: readonly string[]): Promise<{ code: number; output: string }> {
    if (this.#stopped) throw new DemoError(DemoErrorCode.CommandFailed, 'the demo is over');
    const common = ['--data-dir', dataDir, '--passphrase-file', this.#passphraseFile, '--json'];
    const child = spawn(process.execPath, [LAUNCHER, ...common, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...environment(), ...(node === undefined ? {} : { ZKBAZAAR_NODE: node.url, ZKBAZAAR_TOKEN: node.token }) },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('close', (code) => resolve(code ?? -1));
      child.once('error', reject);
    });
    this.#running.set(child, ended);
    try {
      return { code: await ended, output };
    } finally {
      this.#running.delete(child);
    }
  }
}

/** Settings of the user's own node must not reach the demo's. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ZKBAZAAR_')));
}
