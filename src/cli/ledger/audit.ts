import { type Command, Option } from 'commander';
import { isCodedError } from '../../base/errors.ts';
import { pathExists } from '../../base/private-file.ts';
import type { Audit, AuditStep } from '../../ledger/shards/audit.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Refusal } from '../errors.ts';
import { readJson } from '../files.ts';
import type { Progress } from '../progress.ts';
import { fields } from '../text.ts';

const SHARDS = ['1', '2', '4', '8', '16'];

interface AuditFlags {
  shards?: string;
  from?: 'genesis' | 'snapshot';
}

export function defineAudit(ledger: Command, context: CliContext): void {
  ledger
    .command('audit')
    .addOption(
      new Option('--shards <n>', 'threads, each with its part of the state; default: one a core').choices(SHARDS),
    )
    .addOption(
      new Option(
        '--from <state>',
        'what to begin with; default: the genesis, or where the log was pruned the oldest snapshot',
      ).choices(['genesis', 'snapshot']),
    )
    .description(
      'Executes the log of this data folder a second time, apart from any node, and compares every header. ' +
        'Reads only: the node may run. Exits 1 at the first difference.',
    )
    .action(async (flags: AuditFlags) => {
      const progress = context.progress('auditing');
      try {
        const audit = await run(context, flags, progress);
        progress.done();
        context.result(viewOf(audit), textOf(audit));
      } catch (error) {
        // The question was in order, and the answer is no.
        if (isCodedError(error) && error.code === 'LEDGER_ROOT_MISMATCH') {
          throw new Refusal(error.code, error.message, { where: error.where, hint: error.hint });
        }
        throw error;
      } finally {
        progress.done();
      }
    });
}

async function run(context: CliContext, { shards, from }: AuditFlags, progress: Progress): Promise<Audit> {
  const { auditLedger } = await import('../../ledger/shards/audit.ts');
  const { config, paths } = await context.settings();
  if (!(await pathExists(paths.genesisFile))) {
    throw new CliError(CliErrorCode.NothingThere, 'this data folder has no ledger', {
      where: paths.genesisFile,
      hint: 'name the folder of a node that keeps one: --data-dir',
    });
  }
  return auditLedger({
    folder: paths.ledgerDir,
    genesis: await readJson(paths.genesisFile),
    capacity: config.ledger.capacity,
    signal: context.signal,
    onProgress: (step) => show(progress, step),
    ...(shards === undefined ? {} : { shards: Number(shards) }),
    ...(from === undefined ? {} : { from }),
  });
}

function show(progress: Progress, step: AuditStep): void {
  if (step.doing === 'blocks') {
    const { height, from, to } = step;
    progress.update(`block ${height} of ${to}`, Number(height - from) / Number(to - from));
  } else {
    progress.update(step.doing === 'log' ? 'reading the log through' : 'giving the shards their state');
  }
}

function rates({ blocks, transactions, seconds }: Audit) {
  return { blocksPerSecond: rounded(blocks / seconds), transactionsPerSecond: rounded(transactions / seconds) };
}

function viewOf(audit: Audit) {
  const { from, to, unsealed, seconds } = audit;
  const heights = { from: String(from), to: String(to), unsealed: String(unsealed) };
  return { ok: true, ...audit, ...heights, seconds: Number(seconds.toFixed(3)), ...rates(audit) };
}

function textOf(audit: Audit): string {
  const { network, shards, start, from, to, blocks, transactions, records, stateRoot, unsealed, seconds } = audit;
  const { blocksPerSecond, transactionsPerSecond } = rates(audit);
  const begun = start === 'genesis' ? 'the genesis' : `the snapshot of height ${from}`;
  return fields([
    ['network', network],
    ['replayed', blocks === 0 ? `nothing behind ${begun}` : `blocks ${from + 1n} to ${to}, from ${begun}`],
    ['result', 'every header is what these blocks come to'],
    ['blocks', `${blocks} (${blocksPerSecond} a second)`],
    ['transactions', `${transactions} (${transactionsPerSecond} a second)`],
    ...(unsealed === 0n ? [] : [['left out', `${unsealed} blocks at the end that have no header yet`] as const]),
    ['records', String(records)],
    ['state root', stateRoot],
    ['threads', `${shards}, ${seconds.toFixed(1)} s`],
  ]);
}

/** A rate as people read it; 0 where nothing was measured. */
function rounded(rate: number): number {
  if (!Number.isFinite(rate)) return 0;
  return rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate);
}
