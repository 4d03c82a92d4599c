import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isCodedError } from '../../base/errors.ts';
import { readPrivateFile } from '../../base/private-file.ts';
import type { Node } from '../../node/interface.ts';
import type { CliContext, Settings } from '../context.ts';
import { fields } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

interface Options {
  host?: string;
  port?: string;
  api: boolean;
  listen?: string[];
  bootstrap?: string[];
  logLevel?: string;
  allowPublicBind?: boolean;
}

const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024;
/** Answers under way, streams and the running proof may each take their own grace. */
const STOP_MS = 30_000;

export const define: DefineVerb = (program, context) => {
  program
    .command('start')
    .summary('Run a peer with its REST API')
    .description(
      'Runs a peer until Ctrl-C or SIGTERM. Prints one line of JSON (with --json) or a few lines once it is up.',
    )
    .option('--host <address>', 'address of the REST API')
    .option('--port <port>', 'port of the REST API; 0 picks one')
    .option('--no-api', 'run without the REST API')
    .option('--allow-public-bind', 'let the REST API be reached from other machines, over plain HTTP')
    .option('--listen <multiaddr>', 'listen for peers here, can be repeated', collect)
    .option('--bootstrap <multiaddr>', 'first contact, can be repeated', collect)
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent')
    .action(async (options: Options) => {
      context.flag('api.host', options.host);
      context.flag('api.port', options.port);
      context.flag('api.enabled', options.api ? undefined : false);
      context.flag('api.allowPublicBind', options.allowPublicBind);
      context.flag('p2p.listen', options.listen);
      context.flag('p2p.bootstrap', options.bootstrap);
      context.flag('log.level', options.logLevel);
      await serve(context, await context.settings());
    });
};

async function serve(context: CliContext, settings: Settings): Promise<void> {
  const [{ createNode }, { serveApi }] = await Promise.all([
    import('../../node/index.ts'),
    import('../../api/index.ts'),
  ]);
  const node = await createNode(settings.config, { passphrase: await passphraseFor(context, settings) });
  const api = serveApi(node, {
    onUnexpected: ({ method, route, error }) => {
      process.stderr.write(`unexpected error in ${method} ${route}: ${error instanceof Error ? error.stack : error}\n`);
    },
  });
  context.graceMs = STOP_MS;
  try {
    await node.start();
    await takeSnapshot(context, settings, node);
    if (settings.config.api.enabled) await api.start();
    const { peerId, addresses, network, wallet, developmentKeys } = node.info();
    if (developmentKeys)
      context.note('DEVELOPMENT KEYS: made by one party, who could forge proofs. Not for real value.');
    context.result(
      {
        peerId,
        addresses,
        network,
        wallet,
        developmentKeys,
        api: api.url ?? null,
        docs: api.url === undefined ? null : `${api.url}/docs`,
      },
      fields([
        ['peer', peerId],
        ['network', network],
        ['addresses', addresses.join('\n           ') || '-'],
        ['wallet', wallet],
        ['api', api.url === undefined ? 'off' : `${api.url}  (reference: ${api.url}/docs)`],
      ]),
    );
    await aborted(context.signal);
    context.note('stopping');
  } finally {
    await api.stop();
    await node.stop();
  }
}

/** From environment or file, or by prompt where there is a wallet and somebody to ask; else the wallet stays locked. */
async function passphraseFor(context: CliContext, { config, paths }: Settings): Promise<string | undefined> {
  const { findPassphrase } = await import('../../node/passphrase.ts');
  const found = await findPassphrase(config.wallet, process.env);
  if (found !== undefined) return found;
  const hasWallet = existsSync(join(paths.walletDir, 'wallet.json'));
  if (!hasWallet || process.stdin.isTTY !== true || context.options.json === true) return undefined;
  const { askPassphrase } = await import('../passphrase.ts');
  return askPassphrase(context, { purpose: 'wallet' });
}

/** What `registry import` kept while no node ran. An older one than the node knows by now is simply not needed. */
async function takeSnapshot(context: CliContext, { paths }: Settings, node: Node): Promise<void> {
  const { snapshotFile } = await import('../registry-file.ts');
  const file = snapshotFile(paths.dataDir);
  if (!existsSync(file)) return;
  try {
    await node.registry.import(await readPrivateFile(file, MAX_SNAPSHOT_BYTES));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    context.note(`the imported registry snapshot was not taken: ${error.code}: ${error.message}`);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
