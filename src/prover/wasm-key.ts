import { type ProvingKey, readProvingKey } from '../artifacts/proving-key.ts';
import { loadSnarkjs, openCurve } from '../artifacts/snarkjs.ts';
import type { PartListener, ProofBackend } from './backend.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { proveGroth16 } from './groth16.ts';
import type { ProofResult } from './interface.ts';

/** A proving key in memory, for ffjavascript's WebAssembly threads. */
export class WasmKey implements ProofBackend {
  readonly kind = 'wasm';
  readonly #key: ProvingKey;

  private constructor(key: ProvingKey) {
    this.#key = key;
  }

  /** Starts the threads, too. @throws ArtifactError ARTIFACT_FORMAT_INVALID */
  static async open(file: Uint8Array): Promise<WasmKey> {
    const key = new WasmKey(readProvingKey(file));
    await openCurve();
    return key;
  }

  get wires(): number {
    return this.#key.header.nWires;
  }

  /** Cannot be stopped midway. A witness that breaks a rule of the circuit gives a proof all the same, and a wrong one. */
  async prove(witness: Uint8Array, onPart: PartListener): Promise<ProofResult> {
    const result = await proveGroth16(await openCurve(), this.#key, witness, (stage, part) =>
      onPart(stage, part * 0.98),
    );
    const { groth16 } = await loadSnarkjs();
    const { proof, publicSignals } = result;
    if (await groth16.verify(this.#key.header.verifyingKey, publicSignals, proof)) return result;
    throw new ProverError(ProverErrorCode.Unsatisfied, 'the witness does not satisfy the circuit of this key', {
      where: 'witness',
      hint: 'witness and key are of different circuits, or the witness was changed',
    });
  }
}
