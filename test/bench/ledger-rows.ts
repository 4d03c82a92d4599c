/** Rows of the ledger: transactions and operations a second together, and how many units of the same moment that is. */
import { measureUnit } from './ledger-unit.ts';
import type { Row } from './report.ts';
import { ratioOf, rounded, summarise } from './stats.ts';

/** Some transactions that took so long. */
export interface Sample {
  readonly transactions: number;
  readonly operations: number;
  readonly ms: number;
}

export interface Measured {
  readonly samples: readonly Sample[];
  /** Verifications a second right before and right after. */
  readonly unit: number;
  /** Microseconds of all threads of the process per transaction; waiting for others costs none. */
  readonly cpu: number;
}

const UNIT = 'Ed25519 verifications/s, node:crypto, one core';

/** Runs a measurement between two readings of the unit. @param skip samples at the beginning that do not count */
export async function measured<T>(
  unitMs: number,
  run: (input: T) => Promise<readonly Sample[]>,
  input: T,
  skip = 0,
): Promise<Measured> {
  const before = measureUnit(unitMs);
  const start = process.cpuUsage();
  const samples = await run(input);
  const { user, system } = process.cpuUsage(start);
  const count = samples.reduce((sum, { transactions }) => sum + transactions, 0);
  return { samples: samples.slice(skip), unit: (before + measureUnit(unitMs)) / 2, cpu: (user + system) / count };
}

export function joined(parts: readonly Measured[]): Measured {
  const mean = (of: 'unit' | 'cpu') => parts.reduce((sum, part) => sum + part[of], 0) / parts.length;
  return { samples: parts.flatMap(({ samples }) => samples), unit: mean('unit'), cpu: mean('cpu') };
}

export const perSecond = ({ transactions, ms }: Sample): number => (transactions / ms) * 1000;

export function rateRow(id: string, what: string, { samples, unit, cpu }: Measured, note?: string): Row {
  const rates = samples.map(perSecond);
  const { median, min, max } = summarise(samples.map(({ operations, ms }) => (operations / ms) * 1000));
  return {
    id,
    what,
    unit: 'tx/s',
    ...summarise(rates),
    operations: { median, min, max },
    cpu: rounded(cpu),
    // `ratioOf` is for what is better when it is less: turned round, it says how many units a rate is.
    ratio: ratioOf(
      UNIT,
      rates,
      rates.map(() => unit),
    ),
    ...(note === undefined ? {} : { note }),
  };
}

/** How many times as fast `ours` is as `theirs`, pair by pair in the order in which they were measured. */
export function speedUpRow(id: string, what: string, ours: Measured, theirs: Measured, note?: string): Row {
  const count = Math.min(ours.samples.length, theirs.samples.length);
  const speedUps = Array.from({ length: count }, (_, i) => {
    const [mine, other] = [ours.samples[i], theirs.samples[i]];
    return mine === undefined || other === undefined ? Number.NaN : perSecond(mine) / perSecond(other);
  });
  return { id, what, unit: 'x', ...summarise(speedUps), ...(note === undefined ? {} : { note }) };
}

export function unitRow(unitMs: number): Row {
  const rates = Array.from({ length: 5 }, () => rounded(measureUnit(unitMs)));
  return { id: 'ledger.unit', what: `the unit: ${UNIT}`, unit: '1/s', ...summarise(rates) };
}
