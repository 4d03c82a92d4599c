import { isCodedError, messageOf } from '../../base/errors.ts';
import type { CliContext } from '../context.ts';
import type { Progress } from '../progress.ts';

/** One step as `--json` reports it; what else a step found stands beside these. */
export interface StepReport {
  name: string;
  ok: boolean;
  ms: number;
  [detail: string]: unknown;
}

export interface StepOutcome {
  /** One line for people. */
  text: string;
  /** Further lines, such as a table's. */
  lines?: readonly string[];
  /** For `--json`. */
  data?: Readonly<Record<string, unknown>>;
  /** Of work that was done in the background before its step began; default: from the step's beginning to its end. */
  ms?: number;
}

const WIDTH = 104;

/** Says what happens, times it, and keeps the score. People read standard output; with --json, standard error. */
export class Script {
  readonly steps: StepReport[] = [];
  readonly started = performance.now();
  readonly #context: CliContext;
  readonly #out: NodeJS.WriteStream;
  readonly #colours: boolean;

  constructor(context: CliContext) {
    this.#context = context;
    this.#out = context.options.json === true ? process.stderr : process.stdout;
    this.#colours = this.#out.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  }

  say(text = ''): void {
    if (this.#context.options.quiet !== true) this.#out.write(`${text}\n`);
  }

  heading(text: string): void {
    this.say();
    this.say(this.#paint('1', text));
  }

  /**
   * Does one step and prints its line. A failure is kept in the score and thrown on.
   * @param label what is going on, shown while it takes longer than two seconds
   * @param since `performance.now()` of a step that began in the background
   */
  async step<T extends StepOutcome>(
    name: string,
    label: string,
    work: (progress: Progress) => Promise<T>,
    since = performance.now(),
  ): Promise<T> {
    this.#context.signal.throwIfAborted();
    const progress = this.#context.progress(`  ...  ${label}`);
    const took = (): number => Math.round(performance.now() - since);
    try {
      const outcome = await orAborted(work(progress), this.#context.signal);
      const ms = outcome.ms ?? took();
      progress.done();
      this.steps.push({ name, ok: true, ms, ...outcome.data });
      this.#line('32', 'ok', outcome.text, ms);
      for (const line of outcome.lines ?? []) this.say(`      ${line}`);
      return outcome;
    } catch (error) {
      const ms = took();
      progress.done();
      // Ctrl-C is nobody's failure; the command says so once, at its end.
      if (this.#context.signal.aborted) throw error;
      const code = isCodedError(error) ? error.code : 'CLI_INTERNAL';
      this.steps.push({ name, ok: false, ms, error: { code, message: messageOf(error) } });
      this.#line('31', 'FAILED', `${label}: ${code}: ${messageOf(error)}`, ms);
      throw error;
    }
  }

  #line(colour: string, mark: string, text: string, ms: number): void {
    const time = `${ms} ms`.padStart(9);
    this.say(`  ${this.#paint(colour, mark)}  ${text.padEnd(WIDTH - mark.length - 2)}${this.#paint('2', time)}`);
  }

  #paint(code: string, text: string): string {
    return this.#colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** Ctrl-C does not wait for the step that it falls into. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
