import type { TransactionRunner } from '../execute/runner.ts';

/** One transaction of so many is timed: a reading of the clock costs a tenth of a cheap one. */
const EVERY = 61;
const MOST = 512;
/** Transactions whose accounts are fetched together; more would push each other out of the cache. */
const AHEAD = 32;

/** Times of some transactions of a block, for the cost model. */
export class Sampler {
  readonly #pairs = new Float64Array(MOST * 2);
  #count = 0;

  begin(): void {
    this.#count = 0;
  }

  add(index: number, nanoseconds: number): void {
    if (this.#count === MOST) return;
    this.#pairs[this.#count * 2] = index;
    this.#pairs[this.#count * 2 + 1] = nanoseconds;
    this.#count += 1;
  }

  /** Pairs of transaction and nanoseconds, a copy. */
  take(): Float64Array {
    return this.#pairs.slice(0, this.#count * 2);
  }
}

/** Runs a part of an order and times every `EVERY`-th. An empty order is the block's own. */
export function runSampled(
  runner: TransactionRunner,
  sampler: Sampler,
  order: Int32Array | undefined,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    if ((i - from) % AHEAD === 0) {
      const end = Math.min(i + AHEAD, to);
      for (let next = i; next < end; next += 1) runner.fetch(order === undefined ? next : (order[next] as number));
    }
    const index = order === undefined ? i : (order[i] as number);
    if (i % EVERY !== 0) {
      runner.run(index);
      continue;
    }
    const before = performance.now();
    runner.run(index);
    sampler.add(index, (performance.now() - before) * 1e6);
  }
}
