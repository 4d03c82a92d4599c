import { join } from 'node:path';
import { unpack } from './brotli.ts';
import {
  type CircuitList,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  publicSignalsOf,
  readCircuitList,
} from './circuit-list.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import type {
  CircuitDefinition,
  CircuitManifest,
  CircuitRegistry,
  LoadArtifactsOptions,
  ProvingArtifacts,
  VerifyingArtifacts,
} from './interface.ts';
import { readArtifactFile } from './json.ts';
import { checkProvingKey, parseVerifyingKey } from './key-checks.ts';
import { ARTIFACT_FILES, type ArtifactFile, describeFile, MANIFEST_FILE, parseManifest } from './manifest.ts';
import { readR1csHeader } from './r1cs.ts';
import { readProvingKeyHeader } from './zkey.ts';

/**
 * Loads and checks the verifying side of every circuit; the proving side follows on demand.
 *
 * @throws ArtifactError
 * - ARTIFACT_FILE_MISSING, ARTIFACT_LIST_INVALID, ARTIFACT_MANIFEST_INVALID, ARTIFACT_UNKNOWN_CIRCUIT
 * - ARTIFACT_HASH_MISMATCH a file is not the one of the manifest
 * - ARTIFACT_GAMMA_EQUALS_DELTA, ARTIFACT_DELTA_IS_GENERATOR, ARTIFACT_NO_CONTRIBUTION phase 2 was skipped
 * - ARTIFACT_PUBLIC_SIGNALS_MISMATCH the key has other public signals than the list says
 * - ARTIFACT_DEVELOPMENT_KEY on a network configured as production
 * @example
 * const circuits = await loadArtifacts({ production: false });
 * circuits.get('balance').verifyingKeyId;
 */
export async function loadArtifacts(options: LoadArtifactsOptions): Promise<CircuitRegistry> {
  const list = await readCircuitList(options.circuitsDirectory ?? DEFAULT_CIRCUITS_DIRECTORY);
  const proofs = options.proofsDirectory ?? DEFAULT_PROOFS_DIRECTORY;
  const wanted = selectCircuits(list, options.circuits);
  const loaded = await Promise.all(wanted.map((circuit) => loadVerifying(circuit, proofs, options.production)));
  return new LoadedCircuits(options, proofs, loaded);
}

class LoadedCircuits implements CircuitRegistry {
  readonly options: LoadArtifactsOptions;
  readonly #proofs: string;
  readonly #byName: ReadonlyMap<string, VerifyingArtifacts>;
  readonly #byKey: ReadonlyMap<string, VerifyingArtifacts>;

  constructor(options: LoadArtifactsOptions, proofs: string, loaded: readonly VerifyingArtifacts[]) {
    const { circuitsDirectory, proofsDirectory, production, circuits } = options;
    // A copy of these fields alone: it is sent to other threads and processes as it is.
    this.options = { circuitsDirectory, proofsDirectory, production, circuits };
    this.#proofs = proofs;
    this.#byName = new Map(loaded.map((circuit) => [circuit.name, circuit]));
    this.#byKey = new Map(loaded.map((circuit) => [circuit.verifyingKeyId, circuit]));
  }

  list(): readonly VerifyingArtifacts[] {
    return [...this.#byName.values()];
  }

  get(name: string): VerifyingArtifacts {
    return this.#byName.get(name) ?? refuseUnknown(name, [...this.#byName.keys()]);
  }

  byVerifyingKey(id: string): VerifyingArtifacts | undefined {
    return this.#byKey.get(id);
  }

  async openProving(name: string): Promise<ProvingArtifacts> {
    const circuit = this.get(name);
    const [wasm, witnessGraph, provingKey] = await Promise.all([
      readChecked(this.#proofs, circuit.manifest, 'wasm'),
      circuit.manifest.files.witnessGraph && readChecked(this.#proofs, circuit.manifest, 'witnessGraph'),
      readChecked(this.#proofs, circuit.manifest, 'provingKey'),
    ]);
    const where = `${name}/${ARTIFACT_FILES.provingKey}`;
    checkProvingKey(readProvingKeyHeader(provingKey), circuit.verifyingKey, circuit.manifest, where);
    const provingKeyPath = join(this.#proofs, name, ARTIFACT_FILES.provingKey);
    return { ...circuit, wasm, witnessGraph, provingKey, provingKeyPath };
  }

  async openR1cs(name: string): Promise<Uint8Array> {
    const { definition, manifest } = this.get(name);
    const bytes = await readChecked(this.#proofs, manifest, 'r1cs');
    const header = readR1csHeader(bytes);
    if (header.nPubOut !== definition.outputs.length || header.nPubIn !== definition.publicInputs.length) {
      throw signalsMismatch(`${name}/${ARTIFACT_FILES.r1cs}`, header.nPubOut + header.nPubIn, definition);
    }
    return bytes;
  }
}

async function loadVerifying(
  definition: CircuitDefinition,
  proofs: string,
  production: boolean,
): Promise<VerifyingArtifacts> {
  const { name } = definition;
  const manifestBytes = await readArtifactFile(join(proofs, name, MANIFEST_FILE), `${name}/${MANIFEST_FILE}`);
  const manifest = parseManifest(manifestBytes, `${name}/${MANIFEST_FILE}`);
  const refuse = (code: ArtifactErrorCode, message: string, hint?: string) =>
    new ArtifactError(code, message, { where: `${name}/${MANIFEST_FILE}`, hint });
  if (manifest.circuit !== name) {
    throw refuse(ArtifactErrorCode.ManifestInvalid, `this is the manifest of circuit ${manifest.circuit}`);
  }
  if (production && manifest.setup !== 'production') {
    throw refuse(
      ArtifactErrorCode.DevelopmentKey,
      `the keys of ${name} are development keys, which one party made and could forge proofs with`,
      'make production keys with `zkbazaar ceremony`, or configure the network as a development network',
    );
  }
  if (!manifest.contributions.some(({ kind }) => kind === 'contribution')) {
    throw refuse(ArtifactErrorCode.NoContribution, `nobody contributed to the keys of ${name}`);
  }
  const where = `${name}/${ARTIFACT_FILES.verifyingKey}`;
  const bytes = await readChecked(proofs, manifest, 'verifyingKey');
  const verifyingKey = parseVerifyingKey(bytes, where);
  const names = publicSignalsOf(definition);
  if (verifyingKey.nPublic !== names.length) throw signalsMismatch(where, verifyingKey.nPublic, definition);
  if (manifest.publicSignals.join() !== names.join()) {
    throw refuse(ArtifactErrorCode.PublicSignalsMismatch, 'the public signals are not those of circuits.json');
  }
  const verifyingKeyId = manifest.files.verifyingKey.sha256;
  return { name, definition, manifest, verifyingKeyId, verifyingKey, verifyingKeyBytes: bytes };
}

async function readChecked(proofs: string, manifest: CircuitManifest, file: ArtifactFile): Promise<Uint8Array> {
  const where = `${manifest.circuit}/${ARTIFACT_FILES[file]}`;
  const expected = manifest.files[file];
  if (expected === undefined) throw new ArtifactError(ArtifactErrorCode.FileMissing, `there is no ${where}`, { where });
  const stored = await readArtifactFile(join(proofs, manifest.circuit, ARTIFACT_FILES[file]), where);
  const packed = ARTIFACT_FILES[file].endsWith('.br');
  const bytes = packed ? unpack(stored, where, expected.bytes) : stored;
  const found = describeFile(bytes);
  if (found.sha256 !== expected.sha256 || found.bytes !== expected.bytes) {
    throw new ArtifactError(
      ArtifactErrorCode.HashMismatch,
      `${where} has SHA-256 ${found.sha256}, the manifest says ${expected.sha256}`,
      { where, hint: 'the file was changed or damaged; install the package again' },
    );
  }
  return bytes;
}

function selectCircuits(list: CircuitList, names: readonly string[] | undefined): readonly CircuitDefinition[] {
  if (names === undefined) return list.circuits;
  const known = list.circuits.map((circuit) => circuit.name);
  return names.map((name) => list.circuits.find((circuit) => circuit.name === name) ?? refuseUnknown(name, known));
}

function refuseUnknown(name: string, known: readonly string[]): never {
  const hint = `known circuits: ${known.join(', ')}`;
  throw new ArtifactError(ArtifactErrorCode.UnknownCircuit, `there is no circuit ${JSON.stringify(name)}`, { hint });
}

function signalsMismatch(where: string, found: number, definition: CircuitDefinition): ArtifactError {
  const expected = publicSignalsOf(definition).length;
  return new ArtifactError(
    ArtifactErrorCode.PublicSignalsMismatch,
    `${found} public signals, but circuits.json lists ${expected}`,
    { where },
  );
}
