import type { AccountQueue, Pending } from './account-queue.ts';
import { LazyHeap } from './heap.ts';

/**
 * What waits, least worth first, the newest of equals first. Only a full pool asks: it is sorted then, and let go when
 * the pool has emptied again, so that nothing is kept in order for nobody.
 */
export class Cheapest {
  #heap: LazyHeap<Pending> | undefined;

  /** One that waits, or whose worth has changed. */
  note(pending: Pending): void {
    this.#heap?.push(pending, pending.worth, -pending.arrival);
  }

  /** @param queues all that waits, as of now */
  least(queues: Iterable<AccountQueue>): Pending | undefined {
    if (this.#heap === undefined) {
      this.#heap = new LazyHeap((pending, worth) => pending.state !== 'waiting' || pending.worth !== worth);
      for (const { numbered, tagged } of queues) {
        for (const pending of numbered) this.note(pending);
        for (const pending of tagged?.values() ?? []) this.note(pending);
      }
    }
    return this.#heap.peek();
  }

  sweep(live: number): void {
    this.#heap?.sweep(live);
  }

  forget(): void {
    this.#heap = undefined;
  }
}
