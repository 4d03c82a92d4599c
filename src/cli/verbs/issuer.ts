import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePrivateDir } from '../../base/private-file.ts';
import { SHORT_NAME, SHORT_NAME_RULE } from '../../base/short-name.ts';
import type { Credential, SchemaName } from '../../claims/interface.ts';
import type { AccountField, IssueReport, Issuer, Registrations } from '../../issuer/interface.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode, Exit } from '../errors.ts';
import { readInput, readJson, writeOutput } from '../files.ts';
import { askPassphrase } from '../passphrase.ts';
import { fields, short, table, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

const DAY_SECONDS = 86_400;

interface IssueOptions {
  registrations?: string;
  out?: string;
  outDir?: string;
  validDays?: string;
  custodian?: string;
  asOf?: string;
  column?: string[];
  decimalMark?: string;
  force?: boolean;
}

export const define: DefineVerb = (program, context) => {
  const issuer = program
    .command('issuer')
    .summary('Issue and revoke credentials')
    .description(
      'An issuer attests balances or identities. Its key and its ledger stand in the data folder, encrypted.',
    );

  issuer
    .command('init')
    .argument('<id>', 'short name of its folder: a-z, 0-9 and inner hyphens')
    .requiredOption('--schema <schema>', 'what it attests: balance or identity')
    .option('--name <name>', 'its name for people; default: the id')
    .description('Makes an issuer with a fresh key.')
    .action(async (id: string, options: { schema: string; name?: string }) => {
      const { initIssuer } = await import('../../issuer/index.ts');
      const dir = await folderOf(context, id);
      await ensurePrivateDir(dir.slice(0, -id.length - 1));
      const passphrase = await askPassphrase(context, { purpose: `issuer ${id}`, fresh: true });
      const schema = options.schema as SchemaName;
      const made = await initIssuer({ dir, name: options.name ?? id, schema, passphrase });
      const { identity } = made;
      made.close();
      context.result(
        { id, ...identity },
        `issuer ${id} (${identity.schema})\nkey x ${identity.x}\nkey y ${identity.y}`,
      );
    });

  issuer
    .command('issue')
    .argument('<id>')
    .argument('<file>', 'account export (CSV) for balances, records (JSON) for identities; - for standard input')
    .option('--registrations <file>', 'JSON: customer id -> holder commitment')
    .option('--out <file>', 'write all credentials to one file')
    .option('--out-dir <folder>', 'write one file per holder, named by the commitment')
    .option('--valid-days <days>', 'life of the credentials')
    .option('--custodian <name>', 'who keeps the accounts; default: the issuer’s name')
    .option('--as-of <time>', 'when the balances were read, ISO 8601')
    .option('--column <field=header>', 'name a column of the export, can be repeated', collect)
    .option('--decimal-mark <mark>', '. or , where the export does not show it')
    .option('--force', 'overwrite the output')
    .description('Signs one credential per good line. Exits 1 if any line was refused, with the reasons.')
    .action(issue);

  async function issue(id: string, file: string, options: IssueOptions): Promise<void> {
    if (options.out === undefined && options.outDir === undefined) {
      throw new CliError(CliErrorCode.Usage, 'say where the credentials go: --out or --out-dir');
    }
    const validSeconds = options.validDays === undefined ? undefined : daysOf(options.validDays);
    const content = await readInput(file);
    const registrations = await registrationsOf(options.registrations);
    const report = await withIssuer(context, id, true, async (open) => {
      if (open.identity.schema === 'identity') {
        return open.issueIdentities(parseRecords(content, file), { registrations, validSeconds });
      }
      return open.issueBalances(content, {
        registrations,
        validSeconds,
        custodian: options.custodian,
        asOf: options.asOf === undefined ? undefined : secondsOf(options.asOf),
        columns: columnsOf(options.column ?? []),
        decimalMark: markOf(options.decimalMark),
      });
    });
    const files = await writeCredentials(report, options);
    const { rejected, unregistered } = report;
    const summary = { issued: report.issued.length, rejected, unregistered, files };
    const refused = rejected.map(({ at, code, reason }) => [String(at), code, reason]);
    context.result(
      summary,
      [
        `issued ${summary.issued}, refused ${rejected.length}, without a holder ${unregistered.length}`,
        ...(rejected.length === 0 ? [] : [table(['line', 'code', 'reason'], refused)]),
        ...files.map((name) => `wrote ${name}`),
      ].join('\n'),
    );
    if (rejected.length > 0) process.exitCode = Exit.Negative;
  }

  issuer
    .command('revoke')
    .argument('<id>')
    .argument('<serial...>')
    .description('Revokes credentials; takes effect with the next issuer publish and registry publish.')
    .action(async (id: string, serials: string[]) => {
      const revoked = await withIssuer(context, id, false, (open) => open.revoke(serials));
      context.result(
        { revoked },
        `revoked ${revoked.length} of ${serials.length}${revoked.length < serials.length ? ' (the others were before)' : ''}`,
      );
    });

  issuer
    .command('publish')
    .argument('<id>')
    .requiredOption('--out <file>', 'where to write the entry for the registry')
    .option('--force', 'overwrite the file')
    .description('Signs the issuer’s entry, with its revocations, for the registry.')
    .action(async (id: string, options: { out: string; force?: boolean }) => {
      const entry = await withIssuer(context, id, true, (open) => open.publish());
      await writeOutput(options.out, `${JSON.stringify(entry)}\n`, options.force);
      context.result(
        { file: options.out, sequence: entry.sequence, revoked: entry.revoked.length },
        `wrote ${options.out} (sequence ${entry.sequence}, ${entry.revoked.length} revoked)`,
      );
    });

  issuer
    .command('list')
    .argument('<id>')
    .description('Lists what was issued: serials and commitments, no names and no amounts.')
    .action(async (id: string) => {
      const { identity, issued } = await withIssuer(context, id, false, async (open) => ({
        identity: open.identity,
        issued: await open.issued(),
      }));
      const rows = issued.map((item) => [
        item.serial,
        short(item.holder),
        time(item.issuedAt),
        time(item.expiresAt),
        time(item.revokedAt),
      ]);
      context.result(
        { identity, issued },
        `${fields([
          ['issuer', identity.name],
          ['schema', identity.schema],
        ])}\n${table(['serial', 'holder', 'issued', 'expires', 'revoked'], rows)}`,
      );
    });
};

async function folderOf(context: CliContext, id: string): Promise<string> {
  if (!SHORT_NAME.test(id)) {
    throw new CliError(CliErrorCode.BadArgument, `an issuer’s id is ${SHORT_NAME_RULE}`, {
      where: id.slice(0, 40),
    });
  }
  return join((await context.settings()).paths.issuersDir, id);
}

async function withIssuer<T>(
  context: CliContext,
  id: string,
  unlocked: boolean,
  use: (issuer: Issuer) => Promise<T>,
): Promise<T> {
  const { openIssuer } = await import('../../issuer/index.ts');
  const dir = await folderOf(context, id);
  const passphrase = unlocked ? await askPassphrase(context, { purpose: `issuer ${id}` }) : undefined;
  const open = await openIssuer({ dir, passphrase });
  try {
    return await use(open);
  } finally {
    open.close();
  }
}

async function writeCredentials(report: IssueReport, options: IssueOptions): Promise<string[]> {
  const all = report.issued.map(({ credential }) => credential);
  const files: string[] = [];
  const write = async (path: string, credentials: Credential[]): Promise<void> => {
    await writeOutput(path, `${JSON.stringify({ credentials })}\n`, options.force);
    files.push(path);
  };
  if (options.out !== undefined) await write(options.out, all);
  if (options.outDir !== undefined) {
    await mkdir(options.outDir, { recursive: true, mode: 0o700 });
    for (const [holder, credentials] of Map.groupBy(all, (credential) => credential.holder)) {
      await write(join(options.outDir, `${holder}.json`), credentials);
    }
  }
  return files;
}

async function registrationsOf(file: string | undefined): Promise<Registrations | undefined> {
  if (file === undefined) return undefined;
  const { readRegistrations } = await import('../../issuer/index.ts');
  return readRegistrations(await readJson(file));
}

function parseRecords(content: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    throw new CliError(CliErrorCode.NotJson, 'the records are not JSON in UTF-8', { where: file });
  }
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 3650) {
    throw new CliError(CliErrorCode.BadArgument, '--valid-days takes 1 to 3650', { where: '--valid-days' });
  }
  return days * DAY_SECONDS;
}

function secondsOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    throw new CliError(CliErrorCode.BadArgument, '--as-of takes a time such as 2026-11-22T08:00:00Z', {
      where: '--as-of',
    });
  }
  return Math.floor(ms / 1000);
}

const ACCOUNT_FIELDS: readonly AccountField[] = ['account', 'currency', 'balance', 'customer', 'holder', 'asOf'];

function columnsOf(pairs: readonly string[]): Partial<Record<AccountField, string>> {
  const columns: Partial<Record<AccountField, string>> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const field = ACCOUNT_FIELDS.find((name) => name === pair.slice(0, at));
    if (field === undefined) {
      throw new CliError(
        CliErrorCode.BadArgument,
        `--column takes field=header; fields are ${ACCOUNT_FIELDS.join(', ')}`,
        {
          where: '--column',
        },
      );
    }
    columns[field] = pair.slice(at + 1);
  }
  return columns;
}

function markOf(text: string | undefined): ',' | '.' | undefined {
  if (text === undefined || text === ',' || text === '.') return text;
  throw new CliError(CliErrorCode.BadArgument, '--decimal-mark takes . or ,', { where: '--decimal-mark' });
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
