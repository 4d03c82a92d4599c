import { setPriority } from 'node:os';
import { loadArtifacts } from '../artifacts/load.ts';
import { Engine, unusable } from './engine.ts';
import { describeFailure, type FromEngine, type ToEngine } from './messages.ts';

/**
 * The engine process: reads requests from its parent's pipe, answers on it, says nothing anywhere else.
 * A process and not a worker thread, because ffjavascript starts its own threads through `web-worker`, which cannot
 * be nested in one; and because a killed process gives back every byte that held a secret.
 */
let engine: Promise<Engine> | undefined;

// A proof takes every core for a while: those who relay for others go first.
const NICENESS = 10;
try {
  setPriority(NICENESS);
} catch {
  // Not allowed here: then all are equal.
}

process.on('message', (message: ToEngine) => {
  void handle(message);
});

// The parent is gone: nobody could take the proof. Ctrl-C reaches the whole group and is the parent's to decide on.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function handle(message: ToEngine): Promise<void> {
  if (message.type === 'init') {
    engine = loadArtifacts(message.artifacts).then(
      (circuits) => new Engine(circuits, message.options),
      (error: unknown) => {
        throw unusable(error);
      },
    );
    engine.catch(() => {});
    return;
  }
  clearTimeout(quiet);
  const { id } = message;
  try {
    const ready = await engine;
    if (ready === undefined) throw new Error('no init');
    if (message.type === 'warm') {
      await ready.warm(message.circuit);
      send({ type: 'done', id, result: undefined });
      return;
    }
    const result = await ready.prove(message.request, (stage, fraction) => {
      send({ type: 'progress', id, stage, fraction });
    });
    send({ type: 'done', id, result });
    makeTablesWhenIdle(ready, message.request.circuit);
  } catch (error) {
    send({ type: 'failed', id, failure: describeFailure(error) });
  }
}

/** Nobody waits for tables, and the next proof must not wait for them either: they are begun in a quiet moment. */
const QUIET_MS = 1000;
let quiet: NodeJS.Timeout | undefined;

function makeTablesWhenIdle(ready: Engine, circuit: string): void {
  clearTimeout(quiet);
  // Without tables proofs are slower and just as right; doctor tells whether there are any.
  quiet = setTimeout(() => void ready.makeTables(circuit).catch(() => undefined), QUIET_MS);
}

function send(message: FromEngine): void {
  process.send?.(message);
}
