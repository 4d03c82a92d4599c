import type { MakingProgress } from '../src/artifacts/index.ts';
import { isCodedError } from '../src/base/errors.ts';

/** Progress on stderr: one line per step, rewritten in a terminal. */
export function showProgress({ circuit, step, fraction }: MakingProgress): void {
  if (fraction === undefined) process.stderr.write(`${circuit}: ${step}\n`);
  else if (process.stderr.isTTY) process.stderr.write(`\r${circuit}: ${step} ${Math.round(100 * fraction)} %  `);
}

/** Runs a script's body; a coded error becomes one message and exit code 1. */
export async function runScript(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!isCodedError(error)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    process.exitCode = 1;
  }
}
