import type { Clock } from '../../base/clock.ts';
import { SYNC_DECLINED_MS, SYNC_MAX_ITEMS_PER_RUN } from '../constants.ts';

/**
 * What our validator did not take lately, by peer and id: others keep it, and each run would fetch it again. By peer,
 * because a liar can serve rubbish under the id of something good. Bounded.
 */
export class Declined {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(peerId: string, id: string): void {
    const key = `${peerId} ${id}`;
    this.#until.delete(key);
    this.#until.set(key, this.#clock.nowMs() + SYNC_DECLINED_MS);
    const oldest = this.#until.keys().next().value;
    if (this.#until.size > SYNC_MAX_ITEMS_PER_RUN && oldest !== undefined) this.#until.delete(oldest);
  }

  has(peerId: string, id: string): boolean {
    const key = `${peerId} ${id}`;
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.#clock.nowMs()) return true;
    this.#until.delete(key);
    return false;
  }
}
