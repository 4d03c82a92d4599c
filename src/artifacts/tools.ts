import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { circomVersion } from './compile.ts';

const require = createRequire(import.meta.url);

/** Versions of what takes part in making keys, for the manifest. */
export async function toolVersions(): Promise<Record<string, string>> {
  const [circom, circom2, circomlib, snarkjs] = await Promise.all([
    circomVersion(),
    packageVersion(require.resolve('circom2/package.json')),
    packageVersion(require.resolve('circomlib/package.json')),
    // snarkjs exports no package.json; its entry point lies beside it.
    packageVersion(join(dirname(fileURLToPath(import.meta.resolve('snarkjs'))), 'package.json')),
  ]);
  return { circom, circom2, circomlib, snarkjs };
}

async function packageVersion(path: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}
