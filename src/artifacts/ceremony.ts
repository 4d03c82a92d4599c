import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import { describeFile } from './manifest.ts';
import { hashFile, type PowersOfTau } from './powers-of-tau.ts';
import { type MakingListener, makingLogger } from './progress.ts';
import { readR1csHeader } from './r1cs.ts';
import { loadSnarkjs } from './snarkjs.ts';
import {
  type CeremonyStep,
  type CeremonyTranscript,
  CONTRIBUTOR_NAME,
  readTranscript,
  TRANSCRIPT_FILE,
  writeTranscript,
} from './transcript.ts';
import { readProvingKeyHeader, type ZkeyContribution } from './zkey.ts';

/**
 * Phase 2 of one circuit in one folder: `transcript.json`, `circuit.r1cs`, and `key-0000.zkey` (initial) to
 * `key-000n.zkey` (after step n). The folder, or its last key and the transcript, goes from contributor to
 * contributor. A step that was cut off leaves a `.part` file or a key that the transcript does not know yet; the next
 * call clears or adopts it, so every verb can simply be run again.
 */
export interface CeremonyFolder {
  directory: string;
  onProgress?: MakingListener | undefined;
}

export const CEREMONY_R1CS = 'circuit.r1cs';

export function ceremonyKey(directory: string, step: number): string {
  return join(directory, `key-${String(step).padStart(4, '0')}.zkey`);
}

export interface StartCeremony extends CeremonyFolder {
  circuit: string;
  /** The circuit's constraint system. */
  r1cs: Uint8Array;
  powersOfTau: PowersOfTau;
}

/**
 * Makes the initial key. Called again on the same folder with the same circuit it returns what is there.
 * @throws ArtifactError ARTIFACT_CEREMONY_STATE when the folder holds another ceremony,
 *   ARTIFACT_TOO_MANY_CONSTRAINTS when the powers of tau are too few
 */
export async function startCeremony(options: StartCeremony): Promise<CeremonyTranscript> {
  const { directory, circuit, powersOfTau, onProgress } = options;
  const r1cs = describeFile(options.r1cs).sha256;
  const existing = await currentTranscript(directory);
  if (existing !== undefined) {
    const same = existing.r1cs === r1cs && existing.powersOfTau.sha256 === powersOfTau.sha256;
    if (same && existing.circuit === circuit) return existing;
    throw stateError('the folder holds a ceremony of another circuit or other powers of tau', 'use an empty folder');
  }
  await mkdir(directory, { recursive: true });
  requireEnoughPowers(readR1csHeader(options.r1cs), powersOfTau.power, circuit);
  await writeFile(join(directory, CEREMONY_R1CS), options.r1cs);
  const logger = makingLogger(circuit, 'initial key', onProgress);
  const initialKey = await makeKey(ceremonyKey(directory, 0), async (part) => {
    const { zKey } = await loadSnarkjs();
    const hash = await zKey.newZKey(join(directory, CEREMONY_R1CS), powersOfTau.path, part, logger);
    if (hash === -1) throw stateError(`the initial key could not be made: ${logger.complaints.join('; ')}`);
  });
  const { power, sha256, origin } = powersOfTau;
  const transcript: CeremonyTranscript = {
    version: 1,
    circuit,
    r1cs,
    powersOfTau: { power, sha256, origin },
    initialKey,
    steps: [],
  };
  await writeTranscript(join(directory, TRANSCRIPT_FILE), transcript);
  return transcript;
}

/**
 * Adds one party's randomness. 64 bytes come from the operating system in any case; `entropy` only adds to them.
 * @returns the transcript; its last step's hash is what the contributor publishes
 * @throws ArtifactError ARTIFACT_CEREMONY_STATE, ARTIFACT_CEREMONY_INVALID
 */
export async function contribute(
  options: CeremonyFolder & { name: string; entropy?: string | undefined },
): Promise<CeremonyTranscript> {
  const entropy = `${options.entropy ?? ''}${randomBytes(64).toString('hex')}`;
  return addStep(options, options.name, 'contribution', async (from, to, logger) => {
    await (await loadSnarkjs()).zKey.contribute(from, to, options.name, entropy, logger);
  });
}

/**
 * Closes a ceremony with a value that nobody could know beforehand (a later block hash, a drand round).
 * @param options.beacon hex, 1 to 255 bytes; `iterationsExp` 10 to 63
 */
export async function applyBeacon(
  options: CeremonyFolder & { beacon: string; iterationsExp: number; name?: string | undefined },
): Promise<CeremonyTranscript> {
  const { beacon, iterationsExp, name = 'beacon' } = options;
  if (!/^(?:[0-9a-f]{2}){1,255}$/.test(beacon)) throw stateError('a beacon is 1 to 255 bytes in lower-case hex');
  if (!Number.isInteger(iterationsExp) || iterationsExp < 10 || iterationsExp > 63) {
    throw stateError('a beacon is iterated 2^10 to 2^63 times');
  }
  return addStep(options, name, 'beacon', async (from, to, logger) => {
    const done = await (await loadSnarkjs()).zKey.beacon(from, to, name, beacon, iterationsExp, logger);
    if (done === false) throw stateError(`the beacon was refused: ${logger.complaints.join('; ')}`);
  });
}

/** The transcript of a folder, after adopting or clearing what an interrupted step left. */
export async function openCeremony(directory: string): Promise<CeremonyTranscript> {
  return recover(directory, await readTranscript(directory));
}

/** Domain size check in the terms of snarkjs: constraints plus one per public signal plus the constant. */
export function requireEnoughPowers(
  header: { nConstraints: number; nPubOut: number; nPubIn: number },
  power: number,
  circuit: string,
): void {
  const rows = header.nConstraints + header.nPubOut + header.nPubIn + 1;
  if (rows > 2 ** power) {
    throw new ArtifactError(
      ArtifactErrorCode.TooManyConstraints,
      `${circuit} needs ${rows} rows, the domain has 2^${power} = ${2 ** power}`,
      { where: circuit },
    );
  }
}

type Apply = (from: string, to: string, logger: ReturnType<typeof makingLogger>) => Promise<void>;

async function addStep(
  { directory, onProgress }: CeremonyFolder,
  name: string,
  kind: 'contribution' | 'beacon',
  apply: Apply,
): Promise<CeremonyTranscript> {
  if (!CONTRIBUTOR_NAME.test(name)) {
    throw stateError('a name is 1 to 48 letters, digits, blanks or . _ @ -, and starts with a letter or digit');
  }
  const transcript = await openCeremony(directory);
  if (transcript.steps.at(-1)?.kind === 'beacon') throw stateError('the beacon has closed this ceremony');
  if (kind === 'beacon' && transcript.steps.length === 0) throw stateError('a beacon needs a contribution before it');
  const count = transcript.steps.length;
  const from = ceremonyKey(directory, count);
  const expected = transcript.steps.at(-1)?.key ?? transcript.initialKey;
  if ((await hashFile(from)) !== expected) {
    throw new ArtifactError(ArtifactErrorCode.CeremonyInvalid, 'the last key is not the one of the transcript', {
      where: `key ${count}`,
    });
  }
  const logger = makingLogger(transcript.circuit, kind, onProgress);
  await makeKey(ceremonyKey(directory, count + 1), (part) => apply(from, part, logger));
  return recover(directory, transcript);
}

/** Adopts the key after the last recorded step if it is there and continues the chain; removes it otherwise. */
async function recover(directory: string, transcript: CeremonyTranscript): Promise<CeremonyTranscript> {
  const path = ceremonyKey(directory, transcript.steps.length + 1);
  await rm(`${path}.part`, { force: true });
  if (!(await exists(path))) return transcript;
  const key = new Uint8Array(await readFile(path));
  const { contributions } = readProvingKeyHeader(key);
  const earlier = contributions.slice(0, -1).map(({ hash }) => hash);
  const last = contributions.at(-1);
  if (last === undefined || earlier.join() !== transcript.steps.map(({ hash }) => hash).join()) {
    throw new ArtifactError(ArtifactErrorCode.CeremonyInvalid, 'the newest key does not continue the transcript', {
      where: `key ${transcript.steps.length + 1}`,
      hint: 'remove that key file and run the step again',
    });
  }
  const next = { ...transcript, steps: [...transcript.steps, stepOf(last, describeFile(key).sha256)] };
  await writeTranscript(join(directory, TRANSCRIPT_FILE), next);
  return next;
}

export function stepOf({ kind, name, hash, beacon }: ZkeyContribution, key: string): CeremonyStep {
  return { kind, name, hash, key, ...(beacon === undefined ? {} : { beacon }) };
}

/** Writes a key under a part name and renames it when it is whole and on disk. @returns its SHA-256 */
async function makeKey(path: string, make: (part: string) => Promise<void>): Promise<string> {
  const part = `${path}.part`;
  await make(part);
  const file = await open(part, 'r+');
  await file.sync();
  await file.close();
  await rename(part, path);
  return hashFile(path);
}

async function currentTranscript(directory: string): Promise<CeremonyTranscript | undefined> {
  return (await exists(join(directory, TRANSCRIPT_FILE))) ? openCeremony(directory) : undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function stateError(message: string, hint?: string): ArtifactError {
  return new ArtifactError(ArtifactErrorCode.CeremonyState, message, { hint });
}
