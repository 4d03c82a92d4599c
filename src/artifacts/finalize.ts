import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CEREMONY_R1CS, type CeremonyFolder, ceremonyKey, openCeremony } from './ceremony.ts';
import { publicSignalsOf } from './circuit-list.ts';
import { ArtifactError, ArtifactErrorCode } from './errors.ts';
import type { CircuitDefinition, CircuitManifest, SetupKind } from './interface.ts';
import { checkProvingKey, parseVerifyingKey } from './key-checks.ts';
import { ARTIFACT_FILES, describeFile, formatManifest, MANIFEST_FILE } from './manifest.ts';
import type { PowersOfTau } from './powers-of-tau.ts';
import { makingLogger } from './progress.ts';
import { countLinear, readR1cs } from './r1cs.ts';
import { readBuiltR1cs } from './r1cs-file.ts';
import { loadSnarkjs, type SnarkjsFile, withoutConsole } from './snarkjs.ts';
import { toolVersions } from './tools.ts';
import { type CeremonyTranscript, writeTranscript } from './transcript.ts';
import { describeWitnessGraph } from './witness-graph.ts';
import { writeFileAtomically } from './write-file.ts';
import { readProvingKeyHeader } from './zkey.ts';

/** A production key needs this many parties besides the beacon: with one, that one could keep the secret. */
export const MIN_PRODUCTION_CONTRIBUTORS = 2;

/** Powers of tau for 2^17 take 150 MB. */
const MAX_FILE_IN_MEMORY = 2 ** 28;

export interface VerifyCeremony extends CeremonyFolder {
  powersOfTau: PowersOfTau;
}

/**
 * Checks a ceremony from its beginning: circuit, powers of tau, every recorded key that is still there, and with
 * snarkjs the whole chain of contributions from the circuit and the powers of tau to the last key.
 * @throws ArtifactError ARTIFACT_CEREMONY_INVALID naming the first check that failed
 */
export async function verifyCeremony(options: VerifyCeremony): Promise<CeremonyTranscript> {
  const { directory, powersOfTau, onProgress } = options;
  const transcript = await openCeremony(directory);
  const r1cs = new Uint8Array(await readFile(join(directory, CEREMONY_R1CS)));
  if (describeFile(r1cs).sha256 !== transcript.r1cs) throw invalid('the circuit is not the one of the transcript');
  if (powersOfTau.sha256 !== transcript.powersOfTau.sha256) {
    throw invalid('the powers of tau are not those of the transcript');
  }
  const count = transcript.steps.length;
  if (count === 0) throw invalid('there is no contribution yet');
  const key = new Uint8Array(await readFile(ceremonyKey(directory, count)));
  if (describeFile(key).sha256 !== transcript.steps.at(-1)?.key) throw invalid('the last key is not the recorded one');
  const inside = readProvingKeyHeader(key).contributions;
  const same = transcript.steps.every((step, index) => {
    const found = inside[index];
    return found !== undefined && found.hash === step.hash && found.kind === step.kind && found.name === step.name;
  });
  if (!same || inside.length !== count) throw invalid('the contributions in the key are not those of the transcript');
  const logger = makingLogger(transcript.circuit, 'verification', onProgress);
  const { zKey } = await loadSnarkjs();
  const phase1 = await memoryFile(powersOfTau.path);
  const good = await withoutConsole(
    () => zKey.verifyFromR1cs({ type: 'mem', data: r1cs }, phase1, { type: 'mem', data: key }, logger),
    (line) => logger.complaints.push(line),
  );
  if (!good)
    throw invalid(`the chain of contributions does not hold: ${logger.complaints.join('; ') || 'a ratio differs'}`);
  return transcript;
}

export interface FinalizeCeremony extends VerifyCeremony {
  definition: CircuitDefinition;
  /** Holds the circuit's build already. */
  proofsDirectory: string;
  /** `production` is refused unless the ceremony is worth the name. */
  setup: SetupKind;
}

/**
 * Verifies the ceremony and puts its result into `proofs/`: proving key, verifying key, manifest, transcript.
 * @throws ArtifactError as `verifyCeremony`; ARTIFACT_CEREMONY_STATE for a production setup with development powers of
 *   tau, without a beacon or with fewer than two contributors; the codes of the loader for a key that it would refuse
 */
export async function finalizeCeremony(options: FinalizeCeremony): Promise<CircuitManifest> {
  const { directory, definition, proofsDirectory, setup, onProgress } = options;
  const transcript = await verifyCeremony(options);
  if (transcript.circuit !== definition.name) throw invalid('the ceremony is of another circuit');
  if (setup === 'production') requireProduction(transcript);
  const folder = join(proofsDirectory, definition.name);
  const key = new Uint8Array(await readFile(ceremonyKey(directory, transcript.steps.length)));
  const logger = makingLogger(definition.name, 'export', onProgress);
  const { zKey } = await loadSnarkjs();
  const exported = await zKey.exportVerificationKey({ type: 'mem', data: key }, logger);
  const verifyingKey = new TextEncoder().encode(`${JSON.stringify(exported, null, 1)}\n`);
  const r1cs = await readBuiltR1cs(proofsDirectory, definition.name);
  const wasm = new Uint8Array(await readFile(join(folder, ARTIFACT_FILES.wasm)));
  if (describeFile(r1cs).sha256 !== transcript.r1cs) {
    throw invalid('the circuit built in proofs/ is not the circuit of the ceremony');
  }
  const header = readR1cs(r1cs);
  const linear = countLinear(header);
  const manifest: CircuitManifest = {
    version: 1,
    circuit: definition.name,
    publicSignals: publicSignalsOf(definition),
    constraints: {
      total: header.nConstraints,
      nonLinear: header.nConstraints - linear,
      linear,
      wires: header.nWires,
      privateInputs: header.nPrvIn,
    },
    files: {
      r1cs: describeFile(r1cs),
      wasm: describeFile(wasm),
      ...(await describeWitnessGraph(folder)),
      provingKey: describeFile(key),
      verifyingKey: describeFile(verifyingKey),
    },
    setup,
    contributions: transcript.steps.map(({ name, kind, hash }) => ({ name, kind, hash })),
    powersOfTau: { power: transcript.powersOfTau.power, sha256: transcript.powersOfTau.sha256 },
    tools: await toolVersions(),
  };
  // The loader's own checks, before anything is written: a key that nobody would load must not replace one.
  const parsed = parseVerifyingKey(verifyingKey, ARTIFACT_FILES.verifyingKey);
  checkProvingKey(readProvingKeyHeader(key), parsed, manifest, ARTIFACT_FILES.provingKey);
  await mkdir(join(proofsDirectory, 'setup'), { recursive: true });
  await writeFileAtomically(join(folder, ARTIFACT_FILES.provingKey), key);
  await writeFileAtomically(join(folder, ARTIFACT_FILES.verifyingKey), verifyingKey);
  await writeTranscript(join(proofsDirectory, 'setup', `${definition.name}.json`), transcript);
  await writeFileAtomically(join(folder, MANIFEST_FILE), formatManifest(manifest));
  return manifest;
}

function requireProduction(transcript: CeremonyTranscript): void {
  const refuse = (message: string) =>
    new ArtifactError(ArtifactErrorCode.CeremonyState, message, {
      hint: 'finalize as development, or go on with the ceremony',
    });
  const contributors = transcript.steps.filter(({ kind }) => kind === 'contribution').map(({ name }) => name);
  if (transcript.powersOfTau.origin !== 'external') {
    throw refuse('production keys need powers of tau of a public ceremony; these were made by one party');
  }
  if (new Set(contributors).size < MIN_PRODUCTION_CONTRIBUTORS) {
    throw refuse(`production keys need at least ${MIN_PRODUCTION_CONTRIBUTORS} contributors`);
  }
  if (transcript.steps.at(-1)?.kind !== 'beacon') throw refuse('production keys end with a beacon');
}

/** snarkjs 0.7.6 leaves files open when it verifies; what fits into memory is handed over there. */
async function memoryFile(path: string): Promise<SnarkjsFile> {
  const { size } = await stat(path);
  return size > MAX_FILE_IN_MEMORY ? path : { type: 'mem', data: new Uint8Array(await readFile(path)) };
}

function invalid(message: string): ArtifactError {
  return new ArtifactError(ArtifactErrorCode.CeremonyInvalid, message, { where: 'ceremony' });
}
