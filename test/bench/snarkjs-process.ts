/** snarkjs's own way to prove, in a process of its own, as our engine is in one. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CircuitInputs, ProofResult } from '../../src/prover/index.ts';

export interface ProveOrder {
  inputs: CircuitInputs;
  wasm: string;
  provingKey: string;
}

export type ProveAnswer = { ok: true; result: ProofResult } | { ok: false; message: string };

/** One snarkjs process; the curve's threads stay between proofs, as in a server that proves for its users. */
export class SnarkjsProcess {
  readonly #child: ChildProcess;

  constructor() {
    const module = fileURLToPath(new URL('./snarkjs-worker.ts', import.meta.url));
    this.#child = fork(module, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** `snarkjs.groth16.fullProve(inputs, wasm, provingKey)` with file names, as its users call it. */
  prove(order: ProveOrder): Promise<ProofResult> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Error('the snarkjs process ended'));
      this.#child.once('exit', lost);
      this.#child.once('message', (message) => {
        this.#child.off('exit', lost);
        const answer = message as ProveAnswer;
        if (answer.ok) resolve(answer.result);
        else reject(new Error(`snarkjs: ${answer.message}`));
      });
      this.#child.send(order);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
