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
