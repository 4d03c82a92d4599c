import { join } from 'node:path';
import { ArtifactErrorCode } from './errors.ts';
import type { ManifestContribution } from './interface.ts';
import { Fields, failIn, parseJson, readArtifactFile } from './json.ts';
import type { PowersOfTauOrigin } from './powers-of-tau.ts';
import { writeFileAtomically } from './write-file.ts';

/** One contribution or beacon, with the key that came out of it. */
export interface CeremonyStep extends ManifestContribution {
  /** SHA-256 of the key file after this step. */
  key: string;
  /** Beacons only. `value` is hex; SHA-256 was iterated 2^iterationsExp times over it. */
  beacon?: { value: string; iterationsExp: number } | undefined;
}

/**
 * What happened in one circuit's phase 2, in order: `transcript.json` of a ceremony folder, and
 * `proofs/setup/<circuit>.json` once it is final. Everything in it can be checked against circuit, powers of tau and
 * proving key by anybody.
 */
export interface CeremonyTranscript {
  version: 1;
  circuit: string;
  /** SHA-256 of circuit.r1cs. */
  r1cs: string;
  powersOfTau: { power: number; sha256: string; origin: PowersOfTauOrigin };
  /** SHA-256 of the key before any contribution. */
  initialKey: string;
  steps: readonly CeremonyStep[];
}

export const TRANSCRIPT_FILE = 'transcript.json';

const SHA256 = /^[0-9a-f]{64}$/;
const BLAKE2B = /^[0-9a-f]{128}$/;
/** snarkjs cuts names at 64 characters and stores their length in one byte. */
export const CONTRIBUTOR_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,47}$/u;

export async function writeTranscript(path: string, transcript: CeremonyTranscript): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(transcript, null, 2)}\n`);
}

/** @throws ArtifactError ARTIFACT_FILE_MISSING, ARTIFACT_CEREMONY_INVALID */
export async function readTranscript(directory: string): Promise<CeremonyTranscript> {
  return parseTranscript(await readArtifactFile(join(directory, TRANSCRIPT_FILE)), TRANSCRIPT_FILE);
}

/** @throws ArtifactError ARTIFACT_CEREMONY_INVALID */
export function parseTranscript(bytes: Uint8Array, where: string): CeremonyTranscript {
  const fail = failIn(ArtifactErrorCode.CeremonyInvalid, where);
  const root = new Fields(parseJson(bytes, fail), '', fail).only(
    'version',
    'circuit',
    'r1cs',
    'powersOfTau',
    'initialKey',
    'steps',
  );
  const powersOfTau = root.object('powersOfTau').only('power', 'sha256', 'origin');
  return {
    version: root.oneOf('version', [1]),
    circuit: root.text('circuit', /^[a-z][a-z0-9-]{0,63}$/, 'a circuit name'),
    r1cs: root.text('r1cs', SHA256, 'a SHA-256 in hex'),
    powersOfTau: {
      power: powersOfTau.integer('power', 1, 28),
      sha256: powersOfTau.text('sha256', SHA256, 'a SHA-256 in hex'),
      origin: powersOfTau.oneOf('origin', ['development', 'external']),
    },
    initialKey: root.text('initialKey', SHA256, 'a SHA-256 in hex'),
    steps: root.list('steps', (value, path) => {
      const fields = new Fields(value, path, fail).only('kind', 'name', 'hash', 'key', 'beacon');
      const step: CeremonyStep = {
        kind: fields.oneOf('kind', ['contribution', 'beacon']),
        name: fields.text('name', CONTRIBUTOR_NAME, 'a contributor name'),
        hash: fields.text('hash', BLAKE2B, 'a BLAKE2b-512 in hex'),
        key: fields.text('key', SHA256, 'a SHA-256 in hex'),
      };
      if (step.kind === 'contribution') return step;
      const beacon = fields.object('beacon').only('value', 'iterationsExp');
      return {
        ...step,
        beacon: {
          value: beacon.text('value', /^(?:[0-9a-f]{2}){1,255}$/, 'hex'),
          iterationsExp: beacon.integer('iterationsExp', 10, 63),
        },
      };
    }),
  };
}
