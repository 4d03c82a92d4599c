import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isCodedError } from '../base/errors.ts';
import { bytesToInteger, SCALAR_FIELD_ORDER } from '../base/field.ts';
import { makePowersOfTau, type PowersOfTauSecrets } from './development-powers.ts';
import { readPowersOfTauPower } from './powers-of-tau-file.ts';
import type { MakingListener } from './progress.ts';
import { openCurve } from './snarkjs.ts';

/** `development`: made here by one party. `external`: somebody's public ceremony, given as a file. */
export type PowersOfTauOrigin = 'development' | 'external';

export interface PowersOfTau {
  path: string;
  power: number;
  sha256: string;
  origin: PowersOfTauOrigin;
}

/** Where large files that can be made again are kept: never in the repository. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const own = environment['ZKBAZAAR_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const xdg = environment['XDG_CACHE_HOME'];
  return join(xdg === undefined || xdg === '' ? join(homedir(), '.cache') : xdg, 'zkbazaar');
}

/**
 * The development powers of tau from the cache, made first if they are not there: a minute for 2^15. Whoever made them
 * could forge proofs; keys from them are development keys.
 */
export async function developmentPowersOfTau(
  cache: string,
  power: number,
  listener?: MakingListener,
): Promise<PowersOfTau> {
  const folder = join(cache, 'ptau');
  const path = join(folder, `development-${power}.ptau`);
  try {
    return await openPowersOfTau(path, 'development');
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
  await mkdir(folder, { recursive: true });
  const progress = (fraction: number) => listener?.({ circuit: 'all', step: 'powers of tau', fraction });
  // A random part name: two set-ups at once must not write into one file.
  const part = join(folder, `development-${power}.${randomBytes(6).toString('hex')}.part`);
  try {
    await writeFile(part, makePowersOfTau(await openCurve(), power, randomSecrets(), progress));
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
  return openPowersOfTau(path, 'development');
}

function randomSecrets(): PowersOfTauSecrets {
  // 384 bits reduced leave a bias below 2^-128.
  const scalar = () => (bytesToInteger(randomBytes(48)) % (SCALAR_FIELD_ORDER - 1n)) + 1n;
  return { tau: scalar(), alpha: scalar(), beta: scalar() };
}

/** Checks a prepared file's structure and hashes it. @throws ArtifactError ARTIFACT_POWERS_OF_TAU_INVALID */
export async function openPowersOfTau(path: string, origin: PowersOfTauOrigin): Promise<PowersOfTau> {
  const power = await readPowersOfTauPower(path, 'powers of tau');
  return { path, power, sha256: await hashFile(path), origin };
}

/** SHA-256 of a file in hex, without reading it into memory at once. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
