import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export async function makeDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-base-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Matches a coded error in `assert.rejects` and `assert.throws`. */
export function coded(code: string): (error: unknown) => boolean {
  return (error) => {
    const got = (error as { code?: string }).code;
    if (got === code) return true;
    throw new Error(`expected ${code}, got ${got ?? String(error)}`);
  };
}
