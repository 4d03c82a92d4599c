import type { DataPaths, ResolvedConfig } from '../config/interface.ts';
import { CliError, CliErrorCode } from './errors.ts';
import { type Progress, startProgress } from './progress.ts';

/** Options that every verb takes. */
export interface GlobalOptions {
  json?: boolean;
  quiet?: boolean;
  dataDir?: string;
  config?: string;
  set?: string[];
  node?: string;
  passphraseFile?: string;
  engine?: string;
}

export interface Settings extends ResolvedConfig {
  paths: DataPaths;
}

/** What a verb works with: its options' common part, its output, and the user's Ctrl-C. */
export class CliContext {
  options: GlobalOptions = {};
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** How long a verb may take to end in order after Ctrl-C; then the process ends without it. */
  graceMs = 10_000;
  /**
   * Runs what holds the thread up for longer than anybody waits. No listener could hear Ctrl-C meanwhile, so it ends the
   * process at once, as if there were none: only for work that leaves nothing behind.
   */
  blocking: <T>(work: () => T) => T = (work) => work();
  readonly #extraFlags: Record<string, unknown> = {};
  /** Verbs ask for the settings more than once; their warnings are said once. */
  readonly #warned = new Set<string>();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** The one result on standard output: a JSON document with --json, else text for people. */
  result(json: unknown, text: string): void {
    process.stdout.write(this.options.json === true ? `${JSON.stringify(json)}\n` : `${text.replace(/\n$/, '')}\n`);
  }

  /** One line on standard error, for people. */
  note(text: string): void {
    if (this.options.quiet !== true) process.stderr.write(`${text}\n`);
  }

  /** Progress on standard error once it has taken two seconds. */
  progress(label: string): Progress {
    return startProgress(label, { silent: this.options.quiet === true });
  }

  /** Lets a verb's own flag stand above file and environment: `flag('api.port', port)`. */
  flag(path: string, value: unknown): void {
    if (value !== undefined) this.#extraFlags[path] = value;
  }

  /** Settings from flags, environment, file and defaults. @throws ConfigError */
  async settings(): Promise<Settings> {
    const { dataPaths, loadConfig } = await import('../config/index.ts');
    const flags: Record<string, unknown> = { dataDir: this.options.dataDir };
    for (const pair of this.options.set ?? []) {
      const at = pair.indexOf('=');
      if (at < 1) {
        throw new CliError(CliErrorCode.Usage, `--set takes name=value, not "${pair}"`, {
          hint: 'for example --set api.port=5000; zkbazaar config lists the names',
        });
      }
      flags[pair.slice(0, at)] = pair.slice(at + 1);
    }
    const { passphraseFile, engine } = this.options;
    // Only where they are given: --set can say the same.
    if (passphraseFile !== undefined) flags['wallet.passphraseFile'] = passphraseFile;
    if (engine !== undefined) flags['engine'] = engine;
    const resolved = loadConfig({
      configPath: this.options.config,
      env: process.env,
      flags: { ...flags, ...this.#extraFlags },
    });
    for (const warning of resolved.warnings) {
      if (!this.#warned.has(warning)) this.note(`warning: ${warning}`);
      this.#warned.add(warning);
    }
    return { ...resolved, paths: dataPaths(resolved.config) };
  }
}
