import { Worker } from 'node:worker_threads';
import type { PairingJob } from './engine.ts';
import { deadline, type Lane } from './lane.ts';
import type { WorkerInit, WorkerReply, WorkerTask } from './worker.ts';

/** A worker thread. It starts with its first batch. */
export class WorkerThread implements Lane {
  readonly #module: URL;
  readonly #init: WorkerInit;
  readonly #timeoutMs: number;
  #worker: Worker | undefined;
  #settle: ((reply: WorkerReply) => void) | undefined;

  constructor(module: URL, init: WorkerInit, timeoutMs: number) {
    this.#module = module;
    this.#init = init;
    this.#timeoutMs = timeoutMs;
  }

  get busy(): boolean {
    return this.#settle !== undefined;
  }

  run(jobs: readonly PairingJob[], search: boolean): Promise<WorkerReply> {
    return new Promise((resolve) => {
      const inTime = deadline(this.#timeoutMs, () => void this.stop());
      this.#settle = (reply) => {
        inTime();
        this.#settle = undefined;
        this.#worker?.unref();
        resolve(reply);
      };
      try {
        this.#worker ??= this.#start();
        this.#worker.ref();
        this.#worker.postMessage({ jobs, search } satisfies WorkerTask);
      } catch {
        this.#settle(undefined);
      }
    });
  }

  #start(): Worker {
    // Flags of the main thread's own program (-e, --input-type, --test) would not let a worker start.
    const worker = new Worker(this.#module, { workerData: this.#init, execArgv: [] });
    const lost = () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#settle?.(undefined);
    };
    worker.on('message', (reply: WorkerReply) => {
      if (this.#worker === worker) this.#settle?.(reply);
    });
    worker.on('messageerror', () => void this.stop());
    // An 'error' is always followed by 'exit'; without a listener it would end the process.
    worker.on('error', lost);
    worker.on('exit', lost);
    return worker;
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#settle?.(undefined);
    await worker?.terminate();
  }
}
