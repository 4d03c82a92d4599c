/**
 * A worker for tests of the pool, ruled by the first public signal of each job:
 * 1 dies, 2 throws, 3 waits until it is released, 4 answers nonsense, 5 fails the engine, 6 is a bad proof that is told
 * from others only in a search; else it says "passed" to batches of one and "outside the subgroup" to all longer ones,
 * so that a test sees how jobs were gathered.
 */
import { parentPort } from 'node:worker_threads';
import { Outcome } from '../../../src/verifier/engine.ts';
import type { WorkerTask } from '../../../src/verifier/worker.ts';

const port = parentPort;
let released: (() => void) | undefined;
new BroadcastChannel('odd-worker').onmessage = () => {
  released?.();
  released = undefined;
};
port?.on('message', ({ jobs, search }: WorkerTask) => {
  const bad = jobs.filter(({ signals }) => signals[0] === 6n);
  if (bad.length > 0) {
    const groups = new Set(bad.map(({ group }) => group));
    const judge = (job: (typeof jobs)[number]) => {
      if (!groups.has(job.group)) return Outcome.Passed;
      if (!search) return Outcome.Suspect;
      return bad.includes(job) ? Outcome.Failed : Outcome.Passed;
    };
    return port.postMessage(jobs.map(judge));
  }
  const outcome = jobs.length === 1 ? Outcome.Passed : Outcome.OffSubgroup;
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
