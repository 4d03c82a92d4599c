import { type CircuitRegistry, openCurve, type ProvingKey, readProvingKey } from '../artifacts/index.ts';
import { isCodedError } from '../base/errors.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { proveGroth16 } from './groth16.ts';
import type { ProgressListener, ProofRequest, ProofResult } from './interface.ts';
import { WitnessCalculator } from './witness-calculator.ts';

interface WarmCircuit {
  key: ProvingKey;
  calculator: WitnessCalculator;
}

/** Shares of a whole proof, measured on 26k constraints once everything is warm. */
const WITNESS_DONE = 0.03;
const PROOF_DONE = 0.99;

/**
 * The work itself, in whichever process it is: keys parsed once, witness calculators and curve threads used again.
 * Holds one proof's secrets at a time and wipes the witness when it is done with it.
 */
export class Engine {
  readonly #circuits: CircuitRegistry;
  readonly #warm = new Map<string, Promise<WarmCircuit>>();

  constructor(circuits: CircuitRegistry) {
    this.#circuits = circuits;
  }

  /** Reads and checks a circuit's files ahead of its first proof. @throws ProverError as `prove` */
  async warm(circuit: string): Promise<void> {
    await this.#load(circuit);
    await openCurve();
  }

  /** @throws ProverError PROVER_UNSATISFIED, PROVER_INPUT_INVALID, PROVER_UNKNOWN_CIRCUIT, PROVER_ARTIFACTS_UNUSABLE */
  async prove({ circuit, inputs }: ProofRequest, onProgress: ProgressListener): Promise<ProofResult> {
    onProgress('loading', 0);
    const { key, calculator } = await this.#load(circuit);
    const curve = await openCurve();
    onProgress('witness', 0);
    const { file, body, size } = calculator.calculate(inputs);
    try {
      if (size !== key.header.nWires) {
        throw new ProverError(ProverErrorCode.ArtifactsUnusable, 'WASM and proving key are of different circuits', {
          where: circuit,
        });
      }
      onProgress('polynomials', WITNESS_DONE);
      const result = await proveGroth16(curve, key, body, (stage, fraction) => {
        onProgress(stage, WITNESS_DONE + fraction * (PROOF_DONE - WITNESS_DONE));
      });
      onProgress('finishing', 1);
      return result;
    } finally {
      file.fill(0);
    }
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
    try {
      const { wasm, provingKey } = await this.#circuits.openProving(circuit);
      return { key: readProvingKey(provingKey), calculator: await WitnessCalculator.create(wasm) };
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
