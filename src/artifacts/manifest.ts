import { createHash } from 'node:crypto';
import { ArtifactErrorCode } from './errors.ts';
import type { CircuitManifest, ManifestFile } from './interface.ts';
import { Fields, failIn, parseJson } from './json.ts';

/** File names below `proofs/<circuit>/`. The manifest hashes a `.br` file as it is before compression. */
export const ARTIFACT_FILES = {
  r1cs: 'circuit.r1cs.br',
  wasm: 'circuit.wasm',
  witnessGraph: 'witness-graph.bin.br',
  provingKey: 'proving-key.zkey',
  verifyingKey: 'verifying-key.json',
} as const;

export type ArtifactFile = keyof typeof ARTIFACT_FILES;

export const MANIFEST_FILE = 'manifest.json';

const SHA256 = /^[0-9a-f]{64}$/;
const BLAKE2B = /^[0-9a-f]{128}$/;
const SIGNAL = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const LINE = /^[^\n]{0,256}$/;
const MAX_COUNT = 2 ** 32 - 1;

/** Hash and size of a file's bytes. */
export function describeFile(bytes: Uint8Array): ManifestFile {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** The one text form of a manifest, so that an unchanged one stays byte for byte the same. */
export function formatManifest(manifest: CircuitManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @throws ArtifactError ARTIFACT_MANIFEST_INVALID with the field in `where` */
export function parseManifest(bytes: Uint8Array, where: string = MANIFEST_FILE): CircuitManifest {
  const fail = failIn(ArtifactErrorCode.ManifestInvalid, where);
  const root = new Fields(parseJson(bytes, fail), '', fail).only(
    'version',
    'circuit',
    'publicSignals',
    'constraints',
    'files',
    'setup',
    'contributions',
    'powersOfTau',
    'tools',
  );
  const constraints = root.object('constraints').only('total', 'nonLinear', 'linear', 'wires', 'privateInputs');
  const files = root.object('files').only('r1cs', 'wasm', 'witnessGraph', 'provingKey', 'verifyingKey');
  const file = (name: ArtifactFile): ManifestFile => {
    const fields = files.object(name).only('sha256', 'bytes');
    return { sha256: fields.text('sha256', SHA256, 'a SHA-256 in hex'), bytes: fields.integer('bytes', 1, 2 ** 40) };
  };
  const powersOfTau = root.object('powersOfTau').only('power', 'sha256');
  const tools = root.object('tools');
  return {
    version: root.oneOf('version', [1]),
    circuit: root.text('circuit', /^[a-z][a-z0-9-]{0,63}$/, 'a circuit name'),
    publicSignals: root.texts('publicSignals', SIGNAL, 'a signal name'),
    constraints: {
      total: constraints.integer('total', 1, MAX_COUNT),
      nonLinear: constraints.integer('nonLinear', 0, MAX_COUNT),
      linear: constraints.integer('linear', 0, MAX_COUNT),
      wires: constraints.integer('wires', 1, MAX_COUNT),
      privateInputs: constraints.integer('privateInputs', 0, MAX_COUNT),
    },
    files: {
      r1cs: file('r1cs'),
      wasm: file('wasm'),
      ...(files.has('witnessGraph') ? { witnessGraph: file('witnessGraph') } : {}),
      provingKey: file('provingKey'),
      verifyingKey: file('verifyingKey'),
    },
    setup: root.oneOf('setup', ['development', 'production']),
    contributions: root.list('contributions', (value, path) => {
      const fields = new Fields(value, path, fail).only('name', 'kind', 'hash');
      return {
        name: fields.text('name', LINE, 'one line'),
        kind: fields.oneOf('kind', ['contribution', 'beacon']),
        hash: fields.text('hash', BLAKE2B, 'a BLAKE2b-512 in hex'),
      };
    }),
    powersOfTau: {
      power: powersOfTau.integer('power', 1, 28),
      sha256: powersOfTau.text('sha256', SHA256, 'a SHA-256 in hex'),
    },
    tools: Object.fromEntries(tools.keys().map((key) => [key, tools.text(key, LINE, 'one line')])),
  };
}
