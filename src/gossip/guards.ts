import { GossipError } from './errors.ts';

/** Ends waits: each at its own deadline, all of them at shutdown. */
export class Guards {
  readonly #open = new Set<(error: GossipError) => void>();
  #stopped = false;

  /**
   * `work`'s outcome, unless the deadline or the end comes first. What `work` does afterwards is nobody's business.
   * A fresh promise per wait: racing against one that lives as long as the node would keep every loser in memory.
   * @throws GossipError GOSSIP_TIMEOUT, GOSSIP_STOPPED
   */
  wait<T>(work: Promise<T>, ms: number): Promise<T> {
    if (this.#stopped) return Promise.reject(stopped());
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#open.delete(abort);
        settle();
      };
      const abort = (error: GossipError) => end(() => reject(error));
      const expired = () => abort(new GossipError('GOSSIP_TIMEOUT', 'validation took too long'));
      const timer = setTimeout(expired, Math.max(0, ms));
      this.#open.add(abort);
      work.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error)),
      );
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const abort of [...this.#open]) abort(stopped());
  }
}

export function stopped(): GossipError {
  return new GossipError('GOSSIP_STOPPED', 'the node is stopping');
}
