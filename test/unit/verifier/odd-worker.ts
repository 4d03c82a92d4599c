/**
 * A worker for tests of the pool, ruled by the first public signal of each job:
 * 1 dies, 2 throws, 3 waits until it is released, 4 answers nonsense, 5 fails the engine; else it says
 * "passed" to batches of one and "failed" to all longer ones, so that a test sees how jobs were gathered.
 */
import { parentPort } from 'node:worker_threads';
import { Outcome, type PairingJob } from '../../../src/verifier/engine.ts';

const port = parentPort;
let released: (() => void) | undefined;
new BroadcastChannel('odd-worker').onmessage = () => {
  released?.();
  released = undefined;
};
port?.on('message', (jobs: readonly PairingJob[]) => {
  const outcome = jobs.length === 1 ? Outcome.Passed : Outcome.Failed;
  const answer = () => port.postMessage(jobs.map(() => outcome));
  switch (jobs[0]?.signals[0]) {
    case 1n:
      return process.exit(3);
    case 2n:
      throw new Error('worker threw');
    case 3n:
      released = answer;
      return undefined;
    case 4n:
      return port.postMessage([]);
    case 5n:
      return port.postMessage(undefined);
    default:
      return answer();
  }
});
