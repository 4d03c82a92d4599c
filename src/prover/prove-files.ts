import { readWitnessBody } from '../artifacts/wtns.ts';
import { chooseEngine, type EngineChoice } from '../base/native/choose.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { ProofResult, ProveOptions } from './interface.ts';
import { readSnarkjsInputs } from './snarkjs-inputs.ts';

/**
 * Groth16 over bn128 for any circuit, from snarkjs's own files and in this process: what `zkbazaar groth16` does.
 * Unlike the engines behind `Prover` it knows no manifest: the key is whatever the caller names. It proves no secret of
 * ours, so nothing here is wiped but the witness.
 */
export interface ProveFilesOptions extends ProveOptions {
  engine?: EngineChoice | undefined;
  /** Native only; default every core. */
  threads?: number | undefined;
  /** Native only: folder of tables that make proofs faster; those that are there are used. Default none. */
  tableDirectory?: string | undefined;
  /** Native only: makes the key's tables first, where they are missing. */
  makeTables?: boolean | undefined;
  tableLimitBytes?: number | undefined;
}

export interface FileProof extends ProofResult {
  engine: 'native' | 'wasm';
  /** What there is to tell about the engine, such as `tables: cached`. */
  notes: readonly string[];
}

/** Proves a witness (values of 32 bytes little-endian, one per wire) with the key at `path`, and verifies the proof. */
export type WitnessProver = (
  path: string,
  witness: Uint8Array,
  options: ProveFilesOptions,
) => Promise<ProofResult & { notes: readonly string[] }>;

/**
 * Proves a witness file.
 * @param provingKey path of a .zkey
 * @param witness bytes of a .wtns; wiped afterwards
 * @throws ProverError PROVER_WITNESS_INVALID (of another circuit or field), PROVER_UNSATISFIED, PROVER_CANCELLED;
 *   ArtifactError ARTIFACT_FORMAT_INVALID (damaged, another curve, another proof system); ENGINE_NOT_THERE
 */
export async function proveFiles(
  provingKey: string,
  witness: Uint8Array,
  options: ProveFilesOptions = {},
): Promise<FileProof> {
  try {
    return await proveBody(provingKey, readWitnessBody(witness), options);
  } finally {
    witness.fill(0);
  }
}

/**
 * Makes the witness with circom's WebAssembly and proves it.
 * @param inputs the parsed input.json, in all forms that snarkjs takes
 * @throws as `proveFiles`, and ProverError PROVER_INPUT_INVALID, PROVER_CIRCUIT_INVALID (not the WASM of a circom 2
 *   circuit over this field)
 */
export async function fullProveFiles(
  inputs: unknown,
  circuitWasm: Uint8Array,
  provingKey: string,
  options: ProveFilesOptions = {},
): Promise<FileProof> {
  const flat = readSnarkjsInputs(inputs);
  options.onProgress?.('witness', 0);
  const { makeWitness } = await import('./circuit-wasm.ts');
  const { file, body } = await makeWitness(circuitWasm, flat);
  try {
    return await proveBody(provingKey, body, options);
  } finally {
    file.fill(0);
  }
}

async function proveBody(provingKey: string, witness: Uint8Array, options: ProveFilesOptions): Promise<FileProof> {
  const { engine } = chooseEngine(options.engine);
  const prove: WitnessProver =
    engine === 'native'
      ? (await import('./native-files.ts')).proveNatively
      : (await import('./wasm-files.ts')).proveInWasm;
  options.onProgress?.('loading', 0.02);
  if (options.signal?.aborted === true) throw new ProverError(ProverErrorCode.Cancelled, 'cancelled');
  return { ...(await prove(provingKey, witness, options)), engine };
}
