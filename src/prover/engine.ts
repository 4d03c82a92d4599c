import type { CircuitRegistry } from '../artifacts/index.ts';
import { isCodedError } from '../base/errors.ts';
import { chooseEngine, type EngineChoice } from '../base/native/choose.ts';
import type { ProofBackend } from './backend.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { ProgressListener, ProofRequest, ProofResult } from './interface.ts';
import { NativeKey, type TableOptions } from './native-key.ts';
import { openWitnessSource } from './open-witness.ts';
import type { WitnessSource } from './witness-source.ts';

/** Plain data, so that it can be sent to the process that runs the engine. */
export interface EngineOptions {
  /** Default: the native engine where the addon is there. */
  engine?: EngineChoice | undefined;
  /** Native only; default: every core. */
  threads?: number | undefined;
  /** Native only; default: none are read or made. */
  tables?: TableOptions | undefined;
}

interface WarmCircuit {
  backend: ProofBackend;
  witnesses: WitnessSource;
}

/** Shares of a whole proof, measured on 26k constraints once everything is warm. */
const WITNESS_DONE = 0.03;
const PROOF_DONE = 0.99;

/**
 * The work itself, in whichever process it is: keys opened once, witness calculators and threads used again.
 * Holds one proof's secrets at a time and wipes the witness when it is done with it.
 */
export class Engine {
  readonly #circuits: CircuitRegistry;
  readonly #options: EngineOptions;
  readonly #warm = new Map<string, Promise<WarmCircuit>>();

  constructor(circuits: CircuitRegistry, options: EngineOptions = {}) {
    this.#circuits = circuits;
    this.#options = options;
  }

  /** Reads and checks a circuit's files ahead of its first proof. @throws ProverError as `prove` */
  async warm(circuit: string): Promise<void> {
    await this.#load(circuit);
  }

  /**
   * @throws ProverError PROVER_UNSATISFIED, PROVER_INPUT_INVALID, PROVER_UNKNOWN_CIRCUIT, PROVER_ARTIFACTS_UNUSABLE,
   * PROVER_CANCELLED
   */
  async prove(
    { circuit, inputs }: ProofRequest,
    onProgress: ProgressListener,
    signal?: AbortSignal,
  ): Promise<ProofResult> {
    onProgress('loading', 0);
    const { backend, witnesses } = await this.#load(circuit);
    onProgress('witness', 0);
    const witness = await witnesses.calculate(inputs);
    try {
      if (witness.length !== backend.wires * 32) {
        throw new ProverError(ProverErrorCode.ArtifactsUnusable, 'witness and proving key are of different circuits', {
          where: circuit,
        });
      }
      onProgress('polynomials', WITNESS_DONE);
      const onPart: ProgressListener = (stage, fraction) =>
        onProgress(stage, WITNESS_DONE + fraction * (PROOF_DONE - WITNESS_DONE));
      const result = await backend.prove(witness, onPart, signal);
      onProgress('finishing', 1);
      return result;
    } finally {
      witness.fill(0);
    }
  }

  /** Makes tables for the circuit's key where they are missing: seconds of work, best done between proofs. */
  async makeTables(circuit: string): Promise<void> {
    const { backend } = await this.#load(circuit);
    if (backend instanceof NativeKey) await backend.makeTables();
  }

  #load(circuit: string): Promise<WarmCircuit> {
    const loaded = this.#warm.get(circuit);
    if (loaded !== undefined) return loaded;
    const loading = this.#open(circuit);
    this.#warm.set(circuit, loading);
    // A file that was unreadable once may be there the next time.
    loading.catch(() => this.#warm.delete(circuit));
    return loading;
  }

  async #open(circuit: string): Promise<WarmCircuit> {
    requireCircuit(this.#circuits, circuit);
    const { engine, threads, tables } = this.#options;
    const { addon } = chooseEngine(engine);
    try {
      const { wasm, witnessGraph, provingKey, provingKeyPath } = await this.#circuits.openProving(circuit);
      const [backend, witnesses] = await Promise.all([
        addon === undefined
          ? import('./wasm-key.ts').then(({ WasmKey }) => WasmKey.open(provingKey))
          : NativeKey.open(addon, provingKeyPath, { threads, tables }),
        openWitnessSource({ wasm, witnessGraph }, addon),
      ]);
      return { backend, witnesses };
    } catch (error) {
      throw unusable(error);
    }
  }
}

/** @throws ProverError PROVER_UNKNOWN_CIRCUIT */
export function requireCircuit(circuits: CircuitRegistry, circuit: string): void {
  const names = circuits.list().map(({ name }) => name);
  if (!names.includes(circuit)) {
    throw new ProverError(ProverErrorCode.UnknownCircuit, 'there is no such circuit', {
      hint: `known circuits: ${names.join(', ')}`,
    });
  }
}

/** A refusal of `artifacts` in the prover's words. It names files and hashes, never inputs. */
export function unusable(error: unknown): ProverError {
  const { message, hint, where } = isCodedError(error)
    ? { message: `${error.code}: ${error.message}`, hint: error.hint, where: error.where }
    : { message: 'the circuit files cannot be used', hint: undefined, where: undefined };
  return new ProverError(ProverErrorCode.ArtifactsUnusable, message, { hint, where, cause: error });
}
