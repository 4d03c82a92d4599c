/** The process behind the event loop rows: prover service and verifier pool with a node's settings, and a watch. */
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { loadArtifacts } from '../../src/artifacts/index.ts';
import { resolveConfig } from '../../src/config/index.ts';
import { type CircuitInputs, createProverService } from '../../src/prover/index.ts';
import { createVerifierPool, type Verifier, type VerifyRequest } from '../../src/verifier/index.ts';
import type { LoopAnswer, LoopOrder, LoopReport } from './loop.ts';
import { type LoopDelay, watchLoop } from './loop-delay.ts';
import { tableDirectory } from './reference-keys.ts';

process.on('message', (order: LoopOrder) => {
  void measure(order).then(
    (report) => send({ ok: true, report }),
    (error: unknown) => send({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

function send(answer: LoopAnswer): void {
  process.send?.(answer);
}

async function measure(order: LoopOrder): Promise<LoopReport> {
  const circuits = await loadArtifacts(order.artifacts);
  const { config } = resolveConfig({ env: {} });
  const { threads, queue } = config.prover;
  // As `src/node/create-node.ts` does it.
  const service = createProverService(
    {
      maxQueued: queue,
      engine: config.engine,
      threads: threads ?? Math.max(1, availableParallelism() - 1),
      tables: { directory: tableDirectory(), limitBytes: config.prover.tableMegabytes * 1_000_000 },
    },
    { circuits },
  );
  const pool = createVerifierPool({
    keys: circuits.list().map(({ verifyingKeyBytes }) => verifyingKeyBytes),
    workers: config.verifier.workers,
    maxQueueItems: config.verifier.queue,
  });
  try {
    const { circuit } = order;
    const prove = (statements: readonly CircuitInputs[]) =>
      Promise.all(statements.map((inputs) => service.wait(service.submit({ circuit, inputs }).id)));
    const { requests } = order;
    // Loads keys and compiles.
    await prove(order.inputs.slice(0, 2));
    await pool.verifyBatch(requests);
    const idleWatch = watchLoop();
    await sleep(order.idleMs);
    const idle = idleWatch.stop();
    const loaded: (LoopDelay & { verified: number })[] = [];
    for (let round = 0; round < order.rounds; round++) {
      const watch = watchLoop();
      const feed = keepFull(pool, requests);
      await prove(order.inputs);
      const verified = await feed.stop();
      loaded.push({ ...watch.stop(), verified });
    }
    return { idle, loaded };
  } finally {
    await service.close();
    await pool.close();
  }
}

/** Keeps the verifier's queue full, one request per turn of the event loop: as messages come from a socket. */
function keepFull(pool: Verifier, requests: readonly VerifyRequest[]): { stop(): Promise<number> } {
  let stopped = false;
  let verified = 0;
  let answered = () => {};
  const running = (async () => {
    const pending = new Set<Promise<void>>();
    for (let i = 0; !stopped; i++) {
      const request = requests[i % requests.length];
      if (request === undefined) throw new RangeError('no proof');
      const verdict = pool.verify(request).then(({ valid, code }) => {
        if (!valid) throw new Error(`a valid proof is refused: ${code}`);
        verified += 1;
        pending.delete(verdict);
        answered();
      });
      pending.add(verdict);
      await nextTurn();
      while (!stopped && !pool.canAcceptWork()) {
        await new Promise<void>((resolve) => {
          answered = resolve;
        });
        await nextTurn();
      }
    }
    await Promise.all(pending);
  })();
  return {
    async stop() {
      stopped = true;
      answered();
      await running;
      return verified;
    },
  };
}
