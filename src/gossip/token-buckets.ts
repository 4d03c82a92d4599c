import type { Clock } from '../base/clock.ts';
import { MAX_BUCKETS } from './constants.ts';

interface Bucket {
  tokens: number;
  at: number;
}

/** One token bucket per peer: `burst` at once, `rate` a second after that. Forgets whoever was quiet longest. */
export class TokenBuckets {
  readonly #rate: number;
  readonly #burst: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: number, burst: number, clock: Clock) {
    this.#rate = rate;
    this.#burst = burst;
    this.#clock = clock;
  }

  /** @returns false if the peer has none left */
  take(peer: string): boolean {
    const now = this.#clock.nowMs();
    const bucket = this.#buckets.get(peer) ?? { tokens: this.#burst, at: now };
    // A clock set back gives nothing.
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (Math.max(0, now - bucket.at) * this.#rate) / 1000);
    bucket.at = now;
    this.#buckets.delete(peer);
    this.#buckets.set(peer, bucket);
    for (const quietest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_BUCKETS) break;
      this.#buckets.delete(quietest);
    }
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
