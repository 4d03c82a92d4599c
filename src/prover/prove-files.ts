import { readWitnessBody } from '../artifacts/wtns.ts';
import { chooseEngine, type EngineChoice } from '../base/native/choose.ts';
import type { ProofBackend } from './backend.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { ProofResult, ProveOptions } from './interface.ts';
import { readSnarkjsInputs } from './snarkjs-inputs.ts';

/**
 * Groth16 over bn128 for any circuit, from snarkjs's own files and in this process: what `zkbazaar groth16` does.
 * Unlike the engines behind `Prover` it knows no manifest: the key is whatever the caller names.
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
  /** Runs what holds the calling thread up: the witness, for as long as the circuit likes. Nothing else runs then. */
  blocking?: Blocking | undefined;
}

export type Blocking = <T>(work: () => T) => T;

export interface FileProof extends ProofResult {
  engine: 'native' | 'wasm';
  /** Why no tables of the key were used; undefined where they were. */
  withoutTables: string | undefined;
  /** What there is to tell about the engine, such as `tables: in use`. */
  notes: readonly string[];
}

/** A proving key that was opened for one proof. */
export interface FileKey {
  backend: ProofBackend;
  withoutTables(): string | undefined;
  notes(): string[];
  /** Where the engine has such a thing and it was asked for. */
  makeTables(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Proves a witness file.
 * @param provingKey path of a .zkey
 * @param witness bytes of a .wtns; wiped afterwards
 * @throws ProverError PROVER_WITNESS_INVALID (of another circuit or field), PROVER_UNSATISFIED, PROVER_CANCELLED,
 *   PROVER_KEY_UNREADABLE; ArtifactError ARTIFACT_FORMAT_INVALID (damaged, another curve, another proof system);
 *   ENGINE_NOT_THERE
 */
export async function proveFiles(
  provingKey: string,
  witness: Uint8Array,
  options: ProveFilesOptions = {},
): Promise<FileProof> {
  try {
    const body = readWitnessBody(witness);
    return await withKey(provingKey, options, async () => body);
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
  let file: Uint8Array | undefined;
  try {
    return await withKey(provingKey, options, async () => {
      options.onProgress?.('witness', 0);
      const { makeWitness } = await import('./circuit-wasm.ts');
      const made = await makeWitness(circuitWasm, flat, options);
      file = made.file;
      return made.body;
    });
  } finally {
    file?.fill(0);
  }
}

/** Opens the key while `makeBody` makes the witness: neither needs the other. */
async function withKey(
  path: string,
  options: ProveFilesOptions,
  makeBody: () => Promise<Uint8Array>,
): Promise<FileProof> {
  const { engine } = chooseEngine(options.engine);
  const opening: Promise<FileKey> =
    engine === 'native'
      ? import('./native-files.ts').then(({ openNatively }) => openNatively(path, options))
      : import('./wasm-files.ts').then(({ openInWasm }) => openInWasm(path));
  const [body, opened] = await Promise.allSettled([makeBody(), opening]);
  if (opened.status === 'rejected') throw opened.reason;
  const { backend, withoutTables, notes, makeTables, close } = opened.value;
  try {
    if (body.status === 'rejected') throw body.reason;
    requireWires(body.value, backend.wires);
    const { signal, onProgress } = options;
    if (signal?.aborted === true) throw new ProverError(ProverErrorCode.Cancelled, 'the proof was cancelled');
    // Only now: while a witness was made, this process may have been ended without a chance to tidy up.
    if (options.makeTables === true) await makeTables();
    const result = await backend.prove(
      body.value,
      (stage, fraction) => onProgress?.(stage, 0.05 + 0.95 * fraction),
      signal,
    );
    return { ...result, engine, withoutTables: withoutTables(), notes: notes() };
  } finally {
    await close();
  }
}

/** @throws ProverError PROVER_WITNESS_INVALID */
function requireWires(witness: Uint8Array, wires: number): void {
  if (witness.length === wires * 32) return;
  throw new ProverError(
    ProverErrorCode.WitnessInvalid,
    `the witness has ${witness.length / 32} values, the circuit of this key ${wires}`,
    { where: 'witness', hint: 'witness and key are of different circuits' },
  );
}
