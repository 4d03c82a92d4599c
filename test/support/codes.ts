import { isCodedError } from '../../src/base/errors.ts';

/** Matches a coded error in `assert.rejects` and `assert.throws`. */
export function coded(code: string, where?: string): (error: unknown) => boolean {
  return (error) => {
    const { code: got, where: place } = error as { code?: string; where?: string };
    if (got !== code) throw new Error(`expected ${code}, got ${got ?? String(error)}`);
    if (where !== undefined && place !== where) throw new Error(`expected it at ${where}, got ${place ?? 'nowhere'}`);
    return true;
  };
}

/** The code that work fails with, `nothing` if it succeeds. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'nothing',
    (error: unknown) => (isCodedError(error) ? error.code : String(error)),
  );
}
