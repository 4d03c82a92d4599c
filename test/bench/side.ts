/** One way to prove (ours with one engine, or snarkjs) in a process of its own, which times itself. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadArtifactsOptions } from '../../src/artifacts/index.ts';
import type { CircuitInputs, ProofResult } from '../../src/prover/index.ts';

export type SideName = 'snarkjs' | 'native' | 'wasm' | 'addon';

/** What a side needs of a circuit: snarkjs takes the files, ours loads and checks what the options name. */
export interface SideCircuit {
  name: string;
  wasm: string;
  provingKey: string;
  artifacts: LoadArtifactsOptions;
  /** Of the native engine: read, and made where they are missing. */
  tableDirectory: string;
}

/** What stands behind a side. Both calls return when the proof is there as snarkjs's JSON. */
export interface SideEngine {
  open(circuit: SideCircuit): Promise<void>;
  /** From a .wtns file in memory. */
  prove(circuit: SideCircuit, witness: Uint8Array): Promise<ProofResult | undefined>;
  /** From inputs, as a caller of the library would. */
  full(circuit: SideCircuit, inputs: CircuitInputs): Promise<ProofResult>;
  /** Bytes of keys and tables that are resident now; without it nobody knows. */
  held?(): Promise<number>;
  close(): Promise<void>;
}

export type SideOrder =
  | { do: 'ready' }
  | { do: 'held' }
  | { do: 'open'; circuit: SideCircuit }
  | { do: 'prove'; circuit: string; witness: Uint8Array }
  | { do: 'full'; circuit: string; inputs: CircuitInputs };

export interface SideResult {
  /** The call alone, by the side's own clock. */
  ms: number;
  result?: ProofResult | undefined;
  heldBytes?: number;
}

export type SideAnswer = ({ ok: true } & SideResult) | { ok: false; message: string };

export interface TimedProof extends ProofResult {
  ms: number;
}

/** Threads and whatever is warm stay between calls, as in a server that proves for its users. */
export class Side {
  readonly name: SideName;
  readonly #child: ChildProcess;
  readonly #open = new Set<string>();

  constructor(name: SideName) {
    this.name = name;
    const module = fileURLToPath(new URL('./side-worker.ts', import.meta.url));
    this.#child = fork(module, [name], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** When the engine's code is loaded. */
  async ready(): Promise<void> {
    await this.#order({ do: 'ready' });
  }

  /** Bytes of keys and tables that are resident; 0 where that is not known. */
  async held(): Promise<number> {
    return (await this.#order({ do: 'held' })).heldBytes ?? 0;
  }

  /** Reads a circuit ahead of its first proof, where the side can; milliseconds that took. Again it does nothing. */
  async open(circuit: SideCircuit): Promise<number> {
    if (this.#open.has(circuit.name)) return 0;
    const { ms } = await this.#order({ do: 'open', circuit });
    this.#open.add(circuit.name);
    return ms;
  }

  prove(circuit: string, witness: Uint8Array): Promise<TimedProof> {
    return this.#proof({ do: 'prove', circuit, witness });
  }

  /** The same where nobody looks at the proof. */
  async proveOnly(circuit: string, witness: Uint8Array): Promise<void> {
    await this.#order({ do: 'prove', circuit, witness });
  }

  full(circuit: string, inputs: CircuitInputs): Promise<TimedProof> {
    return this.#proof({ do: 'full', circuit, inputs });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    // It ends by itself when the pipe does, and takes what it has started along.
    this.#child.disconnect();
    await ended;
  }

  async #proof(order: SideOrder): Promise<TimedProof> {
    const { ms, result } = await this.#order(order);
    if (result === undefined) throw new Error(`${this.name}: no proof`);
    return { ...result, ms };
  }

  #order(order: SideOrder): Promise<SideResult> {
    return new Promise((resolve, reject) => {
      const lost = () => reject(new Error(`the ${this.name} process ended`));
      this.#child.once('exit', lost);
      this.#child.once('message', (message) => {
        this.#child.off('exit', lost);
        const answer = message as SideAnswer;
        if (answer.ok) resolve(answer);
        else reject(new Error(`${this.name}: ${answer.message}`));
      });
      this.#child.send(order);
    });
  }
}
