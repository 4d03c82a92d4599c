import type { Header } from './header.ts';
import { type Ratio, rounded, type Summary } from './stats.ts';

export interface Row extends Summary {
  /** Stable: what a later run is compared by. */
  id: string;
  /** One line for people. */
  what: string;
  unit: 'ms' | 'ms/proof' | 'msg/s' | 'MiB';
  ratio?: Ratio;
  /** What a reader must know to read the row right. */
  note?: string;
}

export interface Report {
  v: 1;
  suite: 'core';
  /** Set by --quick: the figures only show that everything runs. */
  quick: boolean;
  header: Header;
  warnings: string[];
  rows: Row[];
  /** Sections that broke, with why; the rows of the others stand. */
  failures: { section: string; message: string }[];
  seconds: number;
}

/** A Markdown table: readable as it is, and what docs/benchmarks.md takes. */
export function toMarkdown({ header, rows, warnings, failures, quick, seconds }: Report): string {
  const lines = [
    `zkbazaar ${header.zkbazaar} at ${header.commit ?? 'an unknown commit'}${header.dirty === true ? ' (with changes)' : ''}, ${header.date}.`,
    `${header.cores} x ${header.cpu}, ${header.memoryGiB} GiB, ${header.os}; Node ${header.node}, ` +
      `${Object.entries(header.packages)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
    `Load at start ${header.loadAtStart.join(' ')}; ${seconds} s.${quick ? ' QUICK: these are no measurements.' : ''}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    '',
    '| row | | median | min | max | p95 | n | ratio |',
    '|---|---|--:|--:|--:|--:|--:|---|',
    ...rows.map(
      (row) =>
        `| \`${row.id}\` | ${row.what} | ${row.median} ${row.unit} | ${row.min} | ${row.max} | ${row.p95 ?? ''} | ${row.n} | ${ratioText(row)} |`,
    ),
    '',
    ...rows.flatMap(({ id, note }) => (note === undefined ? [] : [`- \`${id}\`: ${note}`])),
    ...failures.map(({ section, message }) => `FAILED ${section}: ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}

function ratioText({ ratio }: Row): string {
  if (ratio === undefined) return '';
  const { median, min, max, against } = ratio;
  return `${rounded(median)} x ${against} (${min} to ${max})`;
}
