import { loadArtifacts } from '../artifacts/index.ts';
import { Engine, unusable } from './engine.ts';
import { describeFailure, type FromEngine, type ToEngine } from './messages.ts';

/**
 * The engine process: reads requests from its parent's pipe, answers on it, says nothing anywhere else.
 * A process and not a worker thread, because ffjavascript starts its own threads through `web-worker`, which cannot
 * be nested in one; and because a killed process gives back every byte that held a secret.
 */
let engine: Promise<Engine> | undefined;

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
      (circuits) => new Engine(circuits),
      (error: unknown) => {
        throw unusable(error);
      },
    );
    engine.catch(() => {});
    return;
  }
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
  } catch (error) {
    send({ type: 'failed', id, failure: describeFailure(error) });
  }
}

function send(message: FromEngine): void {
  process.send?.(message);
}
