import { access, constants, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { isCodedError, messageOf } from '../../base/errors.ts';
import type { CliContext } from '../context.ts';
import { Exit } from '../errors.ts';
import { bytes, table } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

type Status = 'ok' | 'warn' | 'fail';
interface Finding {
  check: string;
  status: Status;
  detail: string;
}

const REQUIRED_MAJOR = 24;
/** Store, logs and keys of a busy peer stay far below. */
const MIN_FREE_BYTES = 1024 ** 3;

export const define: DefineVerb = (program, context) => {
  program
    .command('doctor')
    .summary('Check this machine and this data folder')
    .description(
      'Checks runtime, settings, engine, data folder, circuits, wallet, registry, ledger and the running node. Exits 1 if a check fails.',
    )
    .action(async () => {
      const progress = context.progress('checking');
      const findings: Finding[] = [];
      for (const [name, check] of CHECKS) {
        progress.update(name);
        findings.push({ check: name, ...(await guarded(() => check(context))) });
      }
      progress.done();
      const failed = findings.filter(({ status }) => status === 'fail').length;
      context.result(
        { ok: failed === 0, findings },
        table(
          ['check', 'status', 'detail'],
          findings.map(({ check, status, detail }) => [check, status, detail]),
        ),
      );
      if (failed > 0) process.exitCode = Exit.Negative;
    });
};

type Result = Omit<Finding, 'check'>;
const ok = (detail: string): Result => ({ status: 'ok', detail });
const warn = (detail: string): Result => ({ status: 'warn', detail });
const failed = (detail: string): Result => ({ status: 'fail', detail });

async function guarded(check: () => Promise<Result>): Promise<Result> {
  try {
    return await check();
  } catch (error) {
    const hint = isCodedError(error) && error.hint !== undefined ? ` (${error.hint})` : '';
    return failed(`${isCodedError(error) ? `${error.code}: ` : ''}${messageOf(error)}${hint}`);
  }
}

const CHECKS: readonly (readonly [string, (context: CliContext) => Promise<Result>])[] = [
  ['runtime', checkRuntime],
  ['settings', checkSettings],
  ['engine', checkEngine],
  ['witnesses', async (context) => ok(await (await import('../engine-report.ts')).describeWitnesses(context))],
  ['threads', async (context) => ok(await (await import('../engine-report.ts')).describeThreads(context))],
  ['tables', async (context) => ok(await (await import('../engine-report.ts')).describeTables(context))],
  ['data folder', checkDataFolder],
  ['disk', checkDisk],
  ['circuits', checkCircuits],
  ['wallet', checkWallet],
  ['registry', checkRegistry],
  ['ledger', checkLedger],
  ['api port', checkPort],
  ['node', checkNode],
];

async function checkRuntime(): Promise<Result> {
  const major = Number.parseInt(process.versions.node, 10);
  const text = `Node ${process.version} for ${process.platform}-${process.arch}`;
  return major >= REQUIRED_MAJOR ? ok(text) : failed(`${text}; ${REQUIRED_MAJOR} is needed`);
}

async function checkSettings(context: CliContext): Promise<Result> {
  const { config, warnings } = await context.settings();
  if (warnings.length > 0) return warn(warnings.join('; '));
  return ok(`network ${config.network.name}${config.network.production ? ', production' : ''}`);
}

async function checkEngine(context: CliContext): Promise<Result> {
  const { describeEngine } = await import('../engine-report.ts');
  const { best, detail } = await describeEngine(context);
  return best ? ok(detail) : warn(detail);
}

async function checkDataFolder(context: CliContext): Promise<Result> {
  const { paths } = await context.settings();
  const found = await stat(paths.dataDir).catch(() => undefined);
  if (found === undefined) return warn(`${paths.dataDir} is not there yet; zkbazaar init makes it`);
  if (!found.isDirectory()) return failed(`${paths.dataDir} is no folder`);
  await access(paths.dataDir, constants.W_OK);
  const open = process.platform !== 'win32' && (found.mode & 0o077) !== 0;
  return open ? failed(`others can read ${paths.dataDir}: chmod 700 it`) : ok(paths.dataDir);
}

async function checkDisk(context: CliContext): Promise<Result> {
  let folder = (await context.settings()).paths.dataDir;
  while ((await stat(folder).catch(() => undefined)) === undefined && dirname(folder) !== folder)
    folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return free < MIN_FREE_BYTES ? warn(`only ${bytes(free)} free`) : ok(`${bytes(free)} free`);
}

async function checkCircuits(context: CliContext): Promise<Result> {
  const { loadArtifacts } = await import('../../artifacts/load.ts');
  const { config } = await context.settings();
  const circuits = await loadArtifacts({
    proofsDirectory: config.artifacts.dir ?? undefined,
    production: config.network.production,
  });
  for (const { name } of circuits.list()) await circuits.openProving(name);
  const list = circuits.list();
  const development = list.filter(({ manifest }) => manifest.setup === 'development').map(({ name }) => name);
  const text = `${list.length} circuits, all hashes and keys good`;
  return development.length === 0 ? ok(text) : warn(`${text}; DEVELOPMENT KEYS: ${development.join(', ')}`);
}

async function checkWallet(context: CliContext): Promise<Result> {
  const { readPrivateFile } = await import('../../base/private-file.ts');
  const { paths } = await context.settings();
  try {
    const file = await readPrivateFile(join(paths.walletDir, 'wallet.json'), 128 * 1024 * 1024);
    return ok(`there, ${bytes(file.length)}, encrypted, mode 0600`);
  } catch (error) {
    if (isCodedError(error) && error.code === 'FILE_NOT_FOUND') return warn('none; needed to prove, not to relay');
    throw error;
  }
}

async function checkRegistry(context: CliContext): Promise<Result> {
  const { loadSnapshot } = await import('../registry-file.ts');
  try {
    const { header, snapshot } = await loadSnapshot(context);
    return ok(`sequence ${header.sequence}, ${snapshot.issuers.length} issuers, ${snapshot.lists.length} lists`);
  } catch (error) {
    if (isCodedError(error) && error.code === 'CLI_NOTHING_THERE')
      return warn(`${error.message}; needed to prove here`);
    throw error;
  }
}

async function checkLedger(context: CliContext): Promise<Result> {
  const { config, paths } = await context.settings();
  if (!config.ledger.enabled) return ok('switched off by ledger.enabled');
  if ((await stat(paths.genesisFile).catch(() => undefined)) === undefined) {
    return config.ledger.genesis === null
      ? ok('none: there is no genesis file')
      : failed(`${paths.genesisFile} is missing`);
  }
  const { describeLedger } = await import('../ledger/report.ts');
  const { good, detail } = await describeLedger(context, paths.genesisFile);
  return good ? ok(detail) : failed(detail);
}

async function checkPort(context: CliContext): Promise<Result> {
  const { config } = await context.settings();
  const { host, port } = config.api;
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
  return ok(`${host}:${port} is ${free ? 'free' : 'in use (by the running node, if the next line says so)'}`);
}

async function checkNode(context: CliContext): Promise<Result> {
  const { connectNode } = await import('../client.ts');
  try {
    const node = await connectNode(context);
    const [{ peerId }, { items }] = await Promise.all([
      node.get<{ peerId: string }>('/v1/node'),
      node.get<{ items: unknown[] }>('/v1/peers'),
    ]);
    return ok(`runs as ${peerId} with ${items.length} peers`);
  } catch (error) {
    if (isCodedError(error) && (error.code === 'CLI_NODE_UNREACHABLE' || error.code === 'API_TOKEN_FILE')) {
      return ok('not running');
    }
    throw error;
  }
}
