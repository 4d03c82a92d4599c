import { type Clock, nowSeconds } from '../base/clock.ts';
import type { AcceptEntry, AcceptResult, Store } from '../store/interface.ts';

interface Waiting {
  entry: AcceptEntry;
  resolve: (result: AcceptResult) => void;
  reject: (error: unknown) => void;
}

/**
 * Writes what was found valid in the same turn of the event loop in one transaction: a flush of the disk costs
 * milliseconds, whether it carries one envelope or sixteen.
 */
export class Committer {
  readonly #store: Store;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #soon: NodeJS.Immediate | undefined;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Resolves once the entry is on the disk. @throws StoreError */
  commit(entry: AcceptEntry): Promise<AcceptResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#soon ??= setImmediate(() => {
        this.#soon = undefined;
        void this.#flush();
      });
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0);
    const now = nowSeconds(this.#clock);
    try {
      const results = await this.#store.accept(
        batch.map(({ entry }) => entry),
        now,
      );
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('the store gave no result'));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
