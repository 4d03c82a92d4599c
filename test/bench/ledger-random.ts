/** Numbers that are the same in every run, and the shapes of load that the ledger is measured under. */

/** Uniform in [0, 1); mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const SHAPES = ['uniform', 'zipf-0.8', 'zipf-1.2', 'hot-30'] as const;
export type Shape = (typeof SHAPES)[number];

/** Share of `hot-30` that names the one key. */
const HOT = 0.3;
/** Prime, so that ranks are spread over all places of a number that it does not divide. */
const SPREAD = 7919;

/** Picks one of `count` by a shape: all alike, by Zipf's law (rank r with weight r^-s), or three of ten times the first. */
export function picker(shape: Shape, count: number, random: () => number): () => number {
  if (shape === 'uniform') return () => Math.floor(random() * count);
  if (shape === 'hot-30') return () => (random() < HOT ? 0 : Math.floor(random() * count));
  const sums = cumulative(count, shape === 'zipf-0.8' ? 0.8 : 1.2);
  const total = sums[count - 1] ?? 1;
  return () => (rankAt(sums, random() * total) * SPREAD) % count;
}

const made = new Map<string, Float64Array>();

function cumulative(count: number, exponent: number): Float64Array {
  const name = `${count} ${exponent}`;
  const found = made.get(name);
  if (found !== undefined) return found;
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) {
    sum += (rank + 1) ** -exponent;
    sums[rank] = sum;
  }
  made.set(name, sums);
  return sums;
}

/** First rank whose sum is above the value. */
function rankAt(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
