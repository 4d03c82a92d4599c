import { type ChildProcess, fork } from 'node:child_process';
import type { CircuitRegistry } from '../artifacts/index.ts';
import { siblingModule } from '../base/sibling.ts';
import { type EngineOptions, requireCircuit } from './engine.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { copyInputs } from './inputs.ts';
import type { ProgressListener, ProofRequest, ProofResult, ProveOptions, Prover } from './interface.ts';
import { type FromEngine, failureError, type ToEngine } from './messages.ts';

export interface ProcessProverInit extends EngineOptions {
  /**
   * How long an idle engine keeps its keys, milliseconds. Warm it holds up to 570 MB with all three circuits, and a
   * cold start costs about 1 s of CPU: five minutes keep a negotiation warm and an idle node small.
   */
  idleMs?: number | undefined;
}

export interface ProcessProverComponents {
  circuits: CircuitRegistry;
}

const DEFAULT_IDLE_MS = 300_000;

type Work = { type: 'warm'; circuit: string } | { type: 'prove'; request: ProofRequest };

interface Task {
  work: Work;
  onProgress: ProgressListener | undefined;
  resolve(result: ProofResult | undefined): void;
  reject(error: ProverError): void;
}

/**
 * A `Prover` whose engine is a process of its own, started with the first proof. One proof at a time, in order.
 * Cancelling a running proof kills the engine; the next one starts a fresh one.
 */
export class ProcessProver implements Prover {
  readonly #circuits: CircuitRegistry;
  readonly #idleMs: number;
  readonly #options: EngineOptions;
  readonly #waiting: Task[] = [];
  #running: { id: number; task: Task } | undefined;
  #engine: ChildProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #closed = false;

  constructor(init: ProcessProverInit, { circuits }: ProcessProverComponents) {
    const { idleMs = DEFAULT_IDLE_MS, engine, threads, tables } = init;
    this.#circuits = circuits;
    this.#options = { engine, threads, tables };
    this.#idleMs = idleMs;
  }

  async prove(request: ProofRequest, options: ProveOptions = {}): Promise<ProofResult> {
    requireCircuit(this.#circuits, request.circuit);
    const inputs = copyInputs(request.inputs);
    const result = await this.#submit({ type: 'prove', request: { circuit: request.circuit, inputs } }, options);
    if (result === undefined) throw crashed();
    return result;
  }

  /** Loads a circuit's keys before they are needed. */
  async warm(circuit: string, signal?: AbortSignal): Promise<void> {
    requireCircuit(this.#circuits, circuit);
    await this.#submit({ type: 'warm', circuit }, { signal });
  }

  /** Process id of the engine, for diagnostics; undefined while there is none. */
  get enginePid(): number | undefined {
    return this.#engine?.pid;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = new ProverError(ProverErrorCode.Closed, 'the prover was closed');
    for (const task of this.#waiting.splice(0)) task.reject(closed);
    const running = this.#running;
    this.#running = undefined;
    const engine = this.#engine;
    this.#dropEngine();
    running?.task.reject(closed);
    if (engine !== undefined && engine.exitCode === null && engine.signalCode === null) {
      // A resting engine holds nothing open; waiting for its end must, or a short program ends in mid-wait.
      engine.ref();
      await new Promise<void>((resolve) => engine.once('exit', () => resolve()));
    }
  }

  #submit(work: Work, { signal, onProgress }: ProveOptions): Promise<ProofResult | undefined> {
    if (this.#closed) return Promise.reject(new ProverError(ProverErrorCode.Closed, 'the prover was closed'));
    const cancelled = () => new ProverError(ProverErrorCode.Cancelled, 'the proof was cancelled');
    if (signal?.aborted === true) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      const finish = () => signal?.removeEventListener('abort', abort);
      const task: Task = {
        work,
        onProgress,
        resolve: (result) => {
          finish();
          resolve(result);
        },
        reject: (error) => {
          finish();
          reject(error);
        },
      };
      const abort = () => {
        const index = this.#waiting.indexOf(task);
        if (index >= 0) this.#waiting.splice(index, 1);
        if (this.#running?.task === task) {
          this.#running = undefined;
          this.#dropEngine();
        }
        task.reject(cancelled());
        this.#next();
      };
      signal?.addEventListener('abort', abort);
      this.#waiting.push(task);
      this.#next();
    });
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const task = this.#waiting.shift();
    clearTimeout(this.#idleTimer);
    if (task === undefined) {
      this.#rest();
      return;
    }
    this.#lastId += 1;
    const id = this.#lastId;
    this.#running = { id, task };
    const engine = this.#startEngine();
    engine.ref();
    engine.channel?.ref();
    this.#send(engine, { id, ...task.work });
  }

  /** Lets the process end although an engine waits, and ends the engine when it has waited long enough. */
  #rest(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    engine.unref();
    engine.channel?.unref();
    this.#idleTimer = setTimeout(() => this.#dropEngine(), this.#idleMs);
    this.#idleTimer.unref();
  }

  #startEngine(): ChildProcess {
    if (this.#engine !== undefined) return this.#engine;
    const systemRoot = process.env['SystemRoot'];
    const engine = fork(siblingModule(import.meta.url, 'engine-worker'), [], {
      serialization: 'advanced',
      // Nothing it or its libraries print can reach a log, and our environment (tokens, passphrases) is not its affair.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: systemRoot === undefined ? {} : { SystemRoot: systemRoot },
      execArgv: [],
    });
    this.#engine = engine;
    engine.on('message', (message) => this.#receive(engine, message as FromEngine));
    engine.on('error', () => this.#lost(engine));
    engine.on('exit', () => this.#lost(engine));
    this.#send(engine, { type: 'init', artifacts: this.#circuits.options, options: this.#options });
    return engine;
  }

  #send(engine: ChildProcess, message: ToEngine): void {
    // A failed write means that the engine is gone, which its exit event reports.
    engine.send(message, () => {});
  }

  #receive(engine: ChildProcess, message: FromEngine): void {
    if (engine !== this.#engine || message.id !== this.#running?.id) return;
    const { task } = this.#running;
    if (message.type === 'progress') {
      task.onProgress?.(message.stage, message.fraction);
      return;
    }
    this.#running = undefined;
    if (message.type === 'done') task.resolve(message.result);
    else task.reject(failureError(message.failure));
    this.#next();
  }

  /** The engine died by itself: its proof fails, the next one gets a fresh engine. */
  #lost(engine: ChildProcess): void {
    if (engine !== this.#engine) return;
    this.#engine = undefined;
    const running = this.#running;
    this.#running = undefined;
    running?.task.reject(crashed());
    this.#next();
  }

  #dropEngine(): void {
    clearTimeout(this.#idleTimer);
    const engine = this.#engine;
    this.#engine = undefined;
    engine?.kill('SIGKILL');
  }
}

function crashed(): ProverError {
  return new ProverError(ProverErrorCode.Crashed, 'the proving engine stopped', {
    hint: 'try again; if it repeats, check the memory that is left (a proof needs about 500 MB)',
  });
}
