/** One thread of the pool: takes jobs, gives outcomes. Holds no secret and keeps nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Outcome, PairingJob } from './engine.ts';
import { createMclEngine } from './mcl-engine.ts';
import type { VerifyingKey } from './verifying-key.ts';

export interface WorkerInit {
  /** Already checked by the pool. */
  readonly keys: readonly VerifyingKey[];
}

/** To the worker: what `PairingEngine.run` takes. */
export interface WorkerTask {
  readonly jobs: readonly PairingJob[];
  readonly search: boolean;
}

/** From the worker: outcomes, or undefined where the engine threw. */
export type WorkerReply = Outcome[] | undefined;

const port = parentPort;
if (port !== null) {
  const engine = await createMclEngine((workerData as WorkerInit).keys);
  port.on('message', ({ jobs, search }: WorkerTask) => {
    let reply: WorkerReply;
    try {
      reply = engine.run(jobs, search);
    } catch {
      reply = undefined;
    }
    port.postMessage(reply);
  });
}
