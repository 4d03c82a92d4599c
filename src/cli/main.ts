import { type Command, CommanderError } from 'commander';
import { CliContext } from './context.ts';
import { CliError, CliErrorCode, Exit, exitCodeOf, reportOf } from './errors.ts';
import { buildProgram } from './program.ts';

/** A terminal sends Ctrl-C to launcher and program, and the launcher passes its own on: both mean one key press. */
const SAME_KEY_PRESS_MS = 300;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Runs one command line (without `node` and script) and sets the exit code. Never throws. */
export async function run(argv: readonly string[]): Promise<void> {
  const control = new AbortController();
  const context = new CliContext(control.signal);
  // Told before parsing, so that even a usage error is JSON.
  context.options = { json: argv.includes('--json'), quiet: argv.includes('--quiet') };
  const unlisten = onInterrupt(control, context);
  ignoreClosedPipes();
  try {
    const program: Command = await buildProgram(argv, context);
    await program.parseAsync(argv, { from: 'user' });
    process.exitCode ??= Exit.Ok;
  } catch (error) {
    process.exitCode = fail(context, error);
  } finally {
    unlisten();
  }
}

function fail(context: CliContext, error: unknown): number {
  // Help and version are no errors; commander has printed them.
  if (error instanceof CommanderError && error.exitCode === 0) return Exit.Ok;
  const shown = translate(error, context.signal);
  const report = reportOf(shown);
  if (context.options.json === true) process.stdout.write(`${JSON.stringify({ ok: false, error: report })}\n`);
  let text = `error ${report.code}: ${report.message}\n`;
  if (report.where !== undefined) text += `  at: ${report.where}\n`;
  if (report.hint !== undefined) text += `  hint: ${report.hint}\n`;
  process.stderr.write(text);
  if (process.env['ZKBAZAAR_CHECK_STACK'] === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCodeOf(shown);
}

function translate(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
    return new CliError(CliErrorCode.Usage, message === '(outputHelp)' ? 'a sub-command is missing' : message, {
      hint: 'add --help to see what this command takes',
    });
  }
  if (signal.aborted) return new CliError(CliErrorCode.Interrupted, 'interrupted');
  return error;
}

function onInterrupt(control: AbortController, context: CliContext): () => void {
  let first = 0;
  let deadline: NodeJS.Timeout | undefined;
  const listener = (): void => {
    const now = Date.now();
    if (first === 0) {
      first = now;
      control.abort();
      deadline = setTimeout(() => process.exit(Exit.Interrupted), context.graceMs);
      deadline.unref();
      return;
    }
    // A second key press does not wait for an orderly end.
    if (now - first > SAME_KEY_PRESS_MS) process.exit(Exit.Interrupted);
  };
  const listen = (): void => {
    for (const signal of SIGNALS) process.on(signal, listener);
  };
  const unlisten = (): void => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
  listen();
  context.blocking = (work) => {
    unlisten();
    try {
      return work();
    } finally {
      listen();
    }
  };
  return () => {
    clearTimeout(deadline);
    unlisten();
  };
}

/** `zkbazaar … | head` closes our output early; that is nobody's error. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? Exit.Ok);
      throw error;
    });
  }
}
