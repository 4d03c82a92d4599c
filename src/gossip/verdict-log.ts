import type { GossipCode } from './codes.ts';
import { KEPT_VERDICTS } from './constants.ts';
import type { CodeCounter, LoggedVerdict } from './interface.ts';

/** The last verdicts, and counters by code; both bounded, whatever arrives. */
export class VerdictLog {
  readonly #ring: LoggedVerdict[] = [];
  #next = 0;
  readonly #counters = new Map<GossipCode, CodeCounter>();

  add(verdict: LoggedVerdict): void {
    this.#ring[this.#next] = verdict;
    this.#next = (this.#next + 1) % KEPT_VERDICTS;
    const { code, action, micros } = verdict;
    const counter = this.#counters.get(code) ?? { code, action, count: 0, totalMicros: 0, maxMicros: 0 };
    counter.count++;
    counter.totalMicros += micros;
    counter.maxMicros = Math.max(counter.maxMicros, micros);
    this.#counters.set(code, counter);
  }

  /** Newest first. */
  recent(limit: number): LoggedVerdict[] {
    const newest = [...this.#ring.slice(0, this.#next).reverse(), ...this.#ring.slice(this.#next).reverse()];
    return newest.slice(0, Math.max(0, limit));
  }

  counters(): CodeCounter[] {
    return [...this.#counters.values()].map((counter) => ({ ...counter })).sort((a, b) => (a.code < b.code ? -1 : 1));
  }
}
