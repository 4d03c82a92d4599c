import type { VerifyingKey } from '../artifacts/interface.ts';
import { type ProvingKey, readProvingKey } from '../artifacts/proving-key.ts';
import { openCurve } from '../artifacts/snarkjs.ts';
import type { PartListener, ProofBackend } from './backend.ts';
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

  /** As the proving key has it inside. */
  get verifyingKey(): VerifyingKey {
    return this.#key.header.verifyingKey;
  }

  /** Cannot be stopped midway; and the inputs were checked by the circuit's own assertions when the witness was made. */
  async prove(witness: Uint8Array, onPart: PartListener): Promise<ProofResult> {
    return proveGroth16(await openCurve(), this.#key, witness, onPart);
  }
}
