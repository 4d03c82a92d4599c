import type { Header } from './header.ts';
import { type Ratio, rounded, type Summary } from './stats.ts';
import type { JudgedTarget } from './targets.ts';

export interface Row extends Summary {
  /** Stable: what a later run is compared by. */
  id: string;
  /** One line for people. */
  what: string;
  unit: 'ms' | 'ms/proof' | 'msg/s' | 'MiB' | 'tx/s' | '1/s' | 'x' | 's';
  /** Of a rate of transactions: the same in operations a second. */
  operations?: { median: number; min: number; max: number };
  /** Microseconds of CPU time of all threads per transaction. */
  cpu?: number;
  ratio?: Ratio;
  /** What a reader must know to read the row right. */
  note?: string;
  /** Where the issue sets a bound: what it is and whether this run meets it. */
  target?: JudgedTarget;
}

/** What could not be measured here, so that nobody takes its absence for a figure. */
export interface Absent {
  id: string;
  why: string;
}

export interface Report {
  v: 1;
  suite: 'core' | 'prover' | 'verifier' | 'ledger' | 'all';
  /** Set by --quick: the figures only show that everything runs. */
  quick: boolean;
  header: Header;
  warnings: string[];
  rows: Row[];
  absent?: Absent[];
  /** Sections that broke, with why; the rows of the others stand. */
  failures: { section: string; message: string }[];
  seconds: number;
}

/** A Markdown table: readable as it is, and what docs/benchmarks.md takes. */
export function toMarkdown({ header, rows, absent = [], warnings, failures, quick, seconds }: Report): string {
  const bounds = rows.some(({ target }) => target !== undefined);
  const lines = [
    `zkbazaar ${header.zkbazaar} at ${header.commit ?? 'an unknown commit'}${header.dirty === true ? ' (with changes)' : ''}, ${header.date}.`,
    `${header.cores} x ${header.cpu}, ${header.memoryGiB} GiB, ${header.os}; Node ${header.node}, ` +
      `${Object.entries(header.packages)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.${header.engine === undefined ? '' : ` Default engine: ${header.engine}.`}`,
    `Load at start ${header.loadAtStart.join(' ')}; ${seconds} s.${quick ? ' QUICK: these are no measurements.' : ''}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
    `| row | | median | min | max | p95 | n | ratio |${bounds ? ' bound |' : ''}`,
    `|---|---|--:|--:|--:|--:|--:|---|${bounds ? '---|' : ''}`,
    ...rows.map(
      (row) =>
        `| \`${row.id}\` | ${row.what} | ${row.median} ${row.unit}${operationsText(row)} | ${row.min} | ${row.max} | ${row.p95 ?? ''} | ${row.n} | ${ratioText(row)} |${bounds ? ` ${boundText(row)} |` : ''}`,
    ),
    '',
    ...rows.flatMap(({ id, note }) => (note === undefined ? [] : [`- \`${id}\`: ${note}`])),
    ...absent.map(({ id, why }) => `NOT MEASURED \`${id}\`: ${why}`),
    ...failures.map(({ section, message }) => `FAILED ${section}: ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

function operationsText({ operations, cpu }: Row): string {
  const more = [
    operations === undefined ? [] : `${operations.median} op/s`,
    cpu === undefined ? [] : `CPU ${cpu} us/tx`,
  ];
  return more
    .flat()
    .map((text) => `, ${text}`)
    .join('');
}

function ratioText({ ratio }: Row): string {
  if (ratio === undefined) return '';
  const { median, min, max, against } = ratio;
  return `${rounded(median)} x ${against} (${min} to ${max})`;
}

const RESULTS = { aim: 'aim met', floor: 'floor met', missed: 'MISSED' } as const;

function boundText({ target, unit }: Row): string {
  if (target === undefined) return '';
  const { of, floor, aim, result } = target;
  const ends = { ratio: 'x', value: ` ${unit}`, rate: ` ${unit}`, operations: ' op/s' };
  const [sign, end] = [of === 'value' ? '<=' : '>=', ends[of]];
  return `${RESULTS[result]} (${sign} ${floor}${end}${aim === floor ? '' : `, aim ${aim}${end}`})`;
}
