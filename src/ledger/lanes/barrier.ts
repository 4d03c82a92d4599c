/** Turns of waiting that spin before the thread sleeps: about ten microseconds, what waking a thread costs. */
const SPINS = 2_000;

/** Arrivals at 0, generation at 1. */
export const BARRIER_WORDS = 2;

/**
 * Waits until all parties have come: the last one begins the next generation (sense-reversing barrier, Hensgen et al.
 * 1988). Only for worker threads: it may put the thread to sleep.
 */
export function arrive(words: Int32Array, parties: number): void {
  if (parties === 1) return;
  const generation = Atomics.load(words, 1);
  if (Atomics.add(words, 0, 1) === parties - 1) {
    Atomics.store(words, 0, 0);
    Atomics.add(words, 1, 1);
    Atomics.notify(words, 1);
    return;
  }
  for (let spin = 0; spin < SPINS; spin += 1) if (Atomics.load(words, 1) !== generation) return;
  while (Atomics.load(words, 1) === generation) Atomics.wait(words, 1, generation);
}
