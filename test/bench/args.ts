import { parseArgs } from 'node:util';
import { CIRCUIT_NAMES, type CircuitName } from '../../src/claims/interface.ts';

/** The circuits of `circuits/`, which only the benchmarks use. */
export const REFERENCE_NAMES = ['reference-5k', 'reference-30k'] as const;
export type ReferenceName = (typeof REFERENCE_NAMES)[number];

export const SECTIONS = ['prove', 'verify', 'gossip', 'relay', 'cli'] as const;
export type Section = (typeof SECTIONS)[number];
export const PROVER_SECTIONS = ['prove', 'memory', 'loop', 'cold'] as const;
export type ProverSection = (typeof PROVER_SECTIONS)[number];
export const VERIFIER_SECTIONS = ['single', 'batch', 'cold'] as const;
export type VerifierSection = (typeof VERIFIER_SECTIONS)[number];
export const LEDGER_SECTIONS = [
  'execution',
  'parallel',
  'programs',
  'pipeline',
  'quantum',
  'recovery',
  'shards',
  'live',
] as const;
export type LedgerSection = (typeof LEDGER_SECTIONS)[number];
/** What the engines are measured on: the reference circuits first, they are what the floors are about. */
export const SUBJECT_NAMES = [...REFERENCE_NAMES, ...CIRCUIT_NAMES] as const;
export type SubjectName = ReferenceName | CircuitName;

interface Common<Suite extends string, Part, Circuit> {
  command: Suite;
  json: boolean;
  /** Each thing once or twice: to see that it runs, not how fast. */
  quick: boolean;
  only: readonly Part[];
  circuits: readonly Circuit[];
}

export type CoreOptions = Common<'core', Section, CircuitName>;
export type ProverOptions = Common<'prover', ProverSection, SubjectName>;
export type VerifierOptions = Common<'verifier', VerifierSection, SubjectName>;
export type LedgerOptions = Common<'ledger', LedgerSection, never>;
/** Every suite whole. */
export type AllOptions = Pick<CoreOptions, 'json' | 'quick'> & { command: 'all' };

export interface ShowOptions {
  command: 'show';
  /** What an earlier run printed with --json. */
  file: string;
}

export type BenchOptions = CoreOptions | ProverOptions | VerifierOptions | LedgerOptions | AllOptions | ShowOptions;

export const USAGE = `usage: npm run bench -- core [--json] [--quick] [--only ${SECTIONS.join(',')}] [--circuits ${CIRCUIT_NAMES.join(',')}]
       npm run bench -- prover [--json] [--quick] [--only ${PROVER_SECTIONS.join(',')}] [--circuits ${SUBJECT_NAMES.join(',')}]
       npm run bench -- verifier [--json] [--quick] [--only ${VERIFIER_SECTIONS.join(',')}] [--circuits as above]
       npm run bench -- ledger [--json] [--quick] [--only ${LEDGER_SECTIONS.join(',')}]
       npm run bench -- all [--json] [--quick]
       npm run bench -- show <results.json>
`;

/** A command line that cannot be used; the message says what is wrong with it. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseBenchArgs(argv: readonly string[]): BenchOptions {
  const { values, positionals } = read(argv);
  const [command, ...rest] = positionals;
  if (command === 'show') {
    const [file, ...more] = rest;
    if (file === undefined || more.length > 0) throw new UsageError('show takes one file');
    return { command, file };
  }
  const suites = ['core', 'prover', 'verifier', 'ledger', 'all'];
  if (command === undefined || !suites.includes(command) || rest.length > 0) {
    throw new UsageError(`unknown suite: ${positionals.join(' ') || 'none'}`);
  }
  const common = { json: values.json === true, quick: values.quick === true };
  if (command === 'prover') {
    const only = chosen('--only', values.only, PROVER_SECTIONS);
    return { command, ...common, only, circuits: chosen('--circuits', values.circuits, SUBJECT_NAMES) };
  }
  if (command === 'verifier') {
    const only = chosen('--only', values.only, VERIFIER_SECTIONS);
    return { command, ...common, only, circuits: chosen('--circuits', values.circuits, SUBJECT_NAMES) };
  }
  if (command === 'ledger') {
    if (values.circuits !== undefined) throw new UsageError('ledger has no circuits');
    return { command, ...common, only: chosen('--only', values.only, LEDGER_SECTIONS), circuits: [] };
  }
  if (command === 'all') {
    if (values.only !== undefined || values.circuits !== undefined) throw new UsageError('all takes no parts');
    return { command, ...common };
  }
  const only = chosen('--only', values.only, SECTIONS);
  return { command: 'core', ...common, only, circuits: chosen('--circuits', values.circuits, CIRCUIT_NAMES) };
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
