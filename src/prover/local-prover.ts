import type { CircuitRegistry } from '../artifacts/index.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { copyInputs } from './inputs.ts';
import type { ProofRequest, ProofResult, ProveOptions, Prover } from './interface.ts';

/**
 * A `Prover` in the calling process, for commands that prove once: no process to start, nothing kept warm. Its witness
 * is made on the calling thread; a running proof of the WASM engine cannot be stopped, only forgotten.
 */
export class LocalProver implements Prover {
  readonly #engine: Engine;
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EngineOptions, { circuits }: { circuits: CircuitRegistry }) {
    this.#engine = new Engine(circuits, options);
  }

  async prove({ circuit, inputs }: ProofRequest, { signal, onProgress }: ProveOptions = {}): Promise<ProofResult> {
    const request = { circuit, inputs: copyInputs(inputs) };
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const turn = this.#last.then(async () => {
      try {
        this.#requireOpen(signal);
        return await this.#engine.prove(request, onProgress ?? (() => undefined), stop);
      } finally {
        // Errors keep the closures of their stack, so this one must hold no inputs when it ends.
        request.inputs = {};
        // Closing or cancelling is what the caller is told, whatever came of the work.
        this.#requireOpen(signal);
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort();
    await this.#last;
    const { closeCurve } = await import('../artifacts/snarkjs.ts');
    await closeCurve();
  }

  #requireOpen(signal: AbortSignal | undefined): void {
    if (this.#closing.signal.aborted) throw new ProverError(ProverErrorCode.Closed, 'the prover was closed');
    if (signal?.aborted === true) throw new ProverError(ProverErrorCode.Cancelled, 'the proof was cancelled');
  }
}
