import type { Clock } from '../base/clock.ts';

/** Tokens per key (a peer id): `burst` at once, `perSecond` on end. Full buckets are forgotten, so idle keys cost nothing. */
export class TokenBuckets {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #maxKeys: number;
  readonly #levels = new Map<string, { tokens: number; atMs: number }>();

  constructor(clock: Clock, limits: { burst: number; perSecond: number; maxKeys: number }) {
    this.#clock = clock;
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#maxKeys = limits.maxKeys;
  }

  /** Takes one token; false if there is none. */
  take(key: string): boolean {
    const level = this.#refill(key) ?? { tokens: this.#burst, atMs: this.#clock.nowMs() };
    // Re-inserted last, so that the first entry is the one longest unused.
    this.#levels.delete(key);
    this.#levels.set(key, level);
    if (this.#levels.size > this.#maxKeys) this.#evict();
    if (level.tokens < 1) return false;
    level.tokens -= 1;
    return true;
  }

  get size(): number {
    return this.#levels.size;
  }

  #refill(key: string): { tokens: number; atMs: number } | undefined {
    const level = this.#levels.get(key);
    if (level === undefined) return undefined;
    const now = this.#clock.nowMs();
    // A clock set back gives no tokens and takes none.
    level.tokens = Math.min(this.#burst, level.tokens + (Math.max(0, now - level.atMs) * this.#perSecond) / 1000);
    level.atMs = now;
    if (level.tokens < this.#burst) return level;
    this.#levels.delete(key);
    return undefined;
  }

  #evict(): void {
    for (const key of this.#levels.keys()) {
      if (this.#refill(key) !== undefined) break;
    }
    if (this.#levels.size <= this.#maxKeys) return;
    const oldest = this.#levels.keys().next().value;
    if (oldest !== undefined) this.#levels.delete(oldest);
  }
}
