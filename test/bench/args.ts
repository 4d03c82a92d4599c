import { parseArgs } from 'node:util';
import { CIRCUIT_NAMES, type CircuitName } from '../../src/claims/interface.ts';

export const SECTIONS = ['prove', 'verify', 'gossip', 'relay', 'cli'] as const;
export type Section = (typeof SECTIONS)[number];

export interface CoreOptions {
  command: 'core';
  json: boolean;
  /** Each thing once or twice: to see that it runs, not how fast. */
  quick: boolean;
  only: readonly Section[];
  circuits: readonly CircuitName[];
}

export interface ShowOptions {
  command: 'show';
  /** What an earlier run printed with --json. */
  file: string;
}

export const USAGE = `usage: npm run bench -- core [--json] [--quick] [--only ${SECTIONS.join(',')}] [--circuits ${CIRCUIT_NAMES.join(',')}]
       npm run bench -- show <results.json>
`;

/** A command line that cannot be used; the message says what is wrong with it. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseBenchArgs(argv: readonly string[]): CoreOptions | ShowOptions {
  const { values, positionals } = read(argv);
  const [command, ...rest] = positionals;
  if (command === 'show') {
    const [file, ...more] = rest;
    if (file === undefined || more.length > 0) throw new UsageError('show takes one file');
    return { command, file };
  }
  if (command !== 'core' || rest.length > 0) throw new UsageError(`unknown suite: ${positionals.join(' ') || 'none'}`);
  return {
    command,
    json: values.json === true,
    quick: values.quick === true,
    only: chosen('--only', values.only, SECTIONS),
    circuits: chosen('--circuits', values.circuits, CIRCUIT_NAMES),
  };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        only: { type: 'string' },
        circuits: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A comma-separated part of `all`, in the order of `all`; without a text all of it. */
function chosen<T extends string>(option: string, text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined) return all;
  const names = text.split(',');
  const unknown = names.filter((name) => !(all as readonly string[]).includes(name));
  if (unknown.length > 0) throw new UsageError(`${option}: ${unknown.join(', ')} is none of ${all.join(', ')}`);
  return all.filter((name) => names.includes(name));
}
