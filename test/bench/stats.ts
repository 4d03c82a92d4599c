/** Numbers of repeated measurements. Medians, since a busy machine has outliers on one side only. */

export interface Summary {
  median: number;
  min: number;
  max: number;
  n: number;
  /** Nearest rank; only where the row is about a distribution. */
  p95?: number;
}

/** How many times the other side's value is ours: above 1 we are better, whatever the unit. */
export interface Ratio {
  /** Whom we are held against. */
  against: string;
  median: number;
  min: number;
  max: number;
  /** Pairs measured one right after the other. */
  n: number;
}

/** The value at share `q` of the sorted values: the middle two's mean for the median of an even count, else nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? Number.NaN;
  if (q === 0.5 && sorted.length % 2 === 0) return (at(sorted.length / 2 - 1) + at(sorted.length / 2)) / 2;
  return at(Math.ceil(q * sorted.length) - 1);
}

/** Four significant digits: more is noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function summarise(values: readonly number[], { p95 = false } = {}): Summary {
  const summary = {
    median: rounded(quantile(values, 0.5)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    n: values.length,
  };
  return p95 ? { ...summary, p95: rounded(quantile(values, 0.95)) } : summary;
}

/**
 * Ratio of paired measurements of something where less is better (time, memory).
 * @throws RangeError if the two lists are not pairs
 */
export function ratioOf(against: string, theirs: readonly number[], ours: readonly number[]): Ratio {
  if (theirs.length !== ours.length || ours.length === 0) throw new RangeError('ratios need pairs');
  const { median, min, max, n } = summarise(theirs.map((value, i) => value / (ours[i] ?? Number.NaN)));
  return { against, median, min, max, n };
}
