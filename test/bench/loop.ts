/** The event loop of a process that is wired as a node is, while it proves and verifies as much as it can take. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadArtifactsOptions } from '../../src/artifacts/index.ts';
import type { CircuitInputs } from '../../src/prover/index.ts';
import type { VerifyRequest } from '../../src/verifier/index.ts';
import { nativeProverMissing } from './engines.ts';
import type { LoopDelay } from './loop-delay.ts';
import type { ProverBench } from './prover-suite.ts';
import { makeRequests } from './requests.ts';
import { summarise } from './stats.ts';

export interface LoopOrder {
  artifacts: LoadArtifactsOptions;
  circuit: string;
  /** One per proof. */
  inputs: readonly CircuitInputs[];
  /** What fills the verifier's queue, over and over. */
  requests: readonly VerifyRequest[];
  idleMs: number;
  rounds: number;
}

export interface LoopReport {
  idle: LoopDelay;
  loaded: readonly (LoopDelay & { verified: number })[];
}

export type LoopAnswer = { ok: true; report: LoopReport } | { ok: false; message: string };

/** As many as the issue says. */
const PROOFS = 8;

export async function loopSection({ list, sizes, rows, progress }: ProverBench): Promise<void> {
  const subject = list.find(({ name }) => name === 'reference-30k') ?? list[0];
  if (subject === undefined) return;
  progress(`event loop: ${PROOFS} proofs of ${subject.name} and a full verify queue`);
  const { idle, loaded } = await inProcess({
    artifacts: { ...subject.circuits.options, circuits: [subject.name] },
    circuit: subject.name,
    requests: await makeRequests(subject, 2, progress),
    inputs: Array.from({ length: PROOFS }, () => subject.next().inputs),
    idleMs: sizes.loopIdleMs,
    // By WebAssembly a round takes half a minute.
    rounds: nativeProverMissing() === undefined ? sizes.loopRounds : 1,
  });
  const verified = Math.round(
    loaded.reduce((sum, { verified: count, seconds }) => sum + count / seconds, 0) / loaded.length,
  );
  const row = (id: string, what: string, pick: (delay: LoopDelay) => number, note?: string) =>
    rows.push({
      id: `prover.loop.${id}`,
      what: `main thread while ${PROOFS} proofs and a full verify queue run: ${what}`,
      unit: 'ms',
      ...summarise(loaded.map(pick)),
      ...(note === undefined ? {} : { note }),
    });
  row(
    'p99',
    'p99 of the event loop delay',
    ({ p99 }) => p99,
    `monitorEventLoopDelay, resolution 1 ms, less the 1 ms it sleeps; idle just before: ${idle.p99.toFixed(2)} ms; ` +
      `${verified} verifications a second beside the proofs`,
  );
  row(
    'random-p99',
    'p99 of what something that comes at a random moment waits',
    ({ randomP99 }) => randomP99,
    'from the gaps between timers of 1 ms: a long block counts by its length, where p99 of samples counts it once',
  );
  row('max', 'longest single block', ({ max }) => max);
  row(
    'own-max',
    'most CPU time of this thread between two turns of its loop',
    ({ ownMax }) => ownMax,
    'what of the longest blocks is our own work, and not waiting for a core',
  );
}

function inProcess(order: LoopOrder): Promise<LoopReport> {
  const module = fileURLToPath(new URL('./loop-worker.ts', import.meta.url));
  const child: ChildProcess = fork(module, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the process of the event loop rows ended')));
    child.once('message', (message) => {
      const answer = message as LoopAnswer;
      if (answer.ok) resolve(answer.report);
      else reject(new Error(answer.message));
      child.disconnect();
    });
    child.send(order);
  });
}
