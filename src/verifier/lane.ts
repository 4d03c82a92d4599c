import type { Outcome, PairingJob } from './engine.ts';

/** Where a pool sends batches: a thread with at most one in hand. It keeps the process alive only while it has one. */
export interface Lane {
  readonly busy: boolean;
  /**
   * Resolves to the outcomes as of `PairingEngine.run`, or to undefined if the lane failed, crashed or hung; the next
   * call starts afresh.
   */
  run(jobs: readonly PairingJob[], search: boolean): Promise<readonly Outcome[] | undefined>;
  /** Ends what is under way, which is lost, and frees the thread. */
  stop(): Promise<void>;
}

/**
 * Calls `late` when `ms` have passed, but not before an answer that has come meanwhile: where this thread was held up for
 * so long, the lane was not. @returns what calls it off
 */
export function deadline(ms: number, late: () => void): () => void {
  let grace: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // Immediates come after what other threads have sent, timers before.
    grace = setImmediate(late);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(grace);
  };
}
