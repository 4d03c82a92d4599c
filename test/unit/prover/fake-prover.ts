/** A prover whose proofs end when the test says so. */
import {
  type ProofRequest,
  type ProofResult,
  type ProveOptions,
  type Prover,
  ProverError,
  ProverErrorCode,
} from '../../../src/prover/index.ts';

export const PROOF: ProofResult = {
  proof: {
    pi_a: ['1', '2', '1'],
    pi_b: [
      ['1', '2'],
      ['3', '4'],
      ['1', '0'],
    ],
    pi_c: ['5', '6', '1'],
    protocol: 'groth16',
    curve: 'bn128',
  },
  publicSignals: ['7'],
};

export class FakeProver implements Prover {
  readonly calls: { request: ProofRequest; options: ProveOptions }[] = [];
  readonly #open: { resolve(result: ProofResult): void; reject(error: unknown): void }[] = [];
  closed = 0;
  aborted = 0;

  prove(request: ProofRequest, options: ProveOptions = {}): Promise<ProofResult> {
    this.calls.push({ request, options });
    return new Promise((resolve, reject) => {
      const entry = { resolve, reject };
      this.#open.push(entry);
      options.signal?.addEventListener('abort', () => {
        this.aborted += 1;
        this.#open.splice(this.#open.indexOf(entry), 1);
        reject(new ProverError(ProverErrorCode.Cancelled, 'the proof was cancelled'));
      });
    });
  }

  /** Ends the running proof. */
  finish(outcome: ProofResult | Error = PROOF): void {
    const entry = this.#open.shift();
    if (entry === undefined) throw new Error('nothing runs');
    if (outcome instanceof Error) entry.reject(outcome);
    else entry.resolve(outcome);
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}
