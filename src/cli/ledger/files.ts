import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { toHex } from '../../base/bytes.ts';
import { messageOf } from '../../base/errors.ts';
import { ensurePrivateDir, pathExists } from '../../base/private-file.ts';
import type { CliContext } from '../context.ts';
import { CliError, CliErrorCode } from '../errors.ts';
import { readJson, writeOutput } from '../files.ts';

export function defineFiles(ledger: Command, context: CliContext): void {
  ledger
    .command('genesis')
    .option('--name <text>', 'for people', 'local')
    .requiredOption('--fee-account <account>', 'where fees go: address, or name of a key here')
    .requiredOption('--account <account=amount>', 'who has how much of the native asset, can be repeated', collect)
    .option('--no-circuits', 'do not bind the ledger to the verifying keys that are here')
    .option('--out <file>', 'default: the place where the node looks for it')
    .option('--force', 'overwrite the file')
    .description('Makes a genesis file: the first state of a ledger. Every peer of the ledger needs the same bytes.')
    .action(genesis(context));

  ledger
    .command('export')
    .argument('<file>', 'where to write it')
    .option('--force', 'overwrite the file')
    .description('Lets the running node write a snapshot of the state, and copies it.')
    .action(async (file: string, options: { force?: boolean }) => {
      const [{ connectNode }, { snapshotPath }] = await Promise.all([
        import('../client.ts'),
        import('../../ledger/state/snapshot-folder.ts'),
      ]);
      const { paths } = await context.settings();
      if (options.force !== true && (await pathExists(file))) throw exists(file);
      const progress = context.progress('writing the snapshot');
      try {
        const { height } = await (await connectNode(context)).post<{ height: string }>('/v1/ledger/snapshots');
        const from = snapshotPath(join(paths.ledgerDir, 'snapshots'), BigInt(height));
        await copy(from, file);
        context.result({ file, height }, `wrote ${file}: the state after block ${height}`);
      } finally {
        progress.done();
      }
    });

  ledger
    .command('import')
    .argument('<file>', 'as ledger export wrote it')
    .description('Checks a snapshot and begins the ledger of this data folder with it. The node must not run.')
    .action(async (file: string) => {
      const progress = context.progress('checking the snapshot');
      try {
        const { height, records, network } = await importInto(context, file);
        context.result(
          { height, records, network },
          `the ledger begins behind block ${height}, with ${records} records of network ${network}`,
        );
      } finally {
        progress.done();
      }
    });
}

interface GenesisOptions {
  name: string;
  feeAccount: string;
  account: string[];
  circuits: boolean;
  out?: string;
  force?: boolean;
}

function genesis(context: CliContext) {
  return async (options: GenesisOptions): Promise<void> => {
    const [{ openGenesis }, { addressFrom }] = await Promise.all([
      import('../../ledger/genesis.ts'),
      import('./keys.ts'),
    ]);
    const balances: Record<string, string> = {};
    for (const pair of options.account) {
      const at = pair.lastIndexOf('=');
      if (at < 1) {
        throw new CliError(CliErrorCode.BadArgument, `--account takes account=amount, not "${pair}"`, {
          where: '--account',
        });
      }
      const address = await addressFrom(context, pair.slice(0, at));
      if (Object.hasOwn(balances, address)) {
        throw new CliError(CliErrorCode.BadArgument, `${address} is named twice`, { where: '--account' });
      }
      balances[address] = pair.slice(at + 1);
    }
    const feeAccount = await addressFrom(context, options.feeAccount);
    const bound = options.circuits ? { circuits: await circuitKeys(context) } : {};
    const content = { name: options.name, time: Date.now(), feeAccount, balances, ...bound };
    const network = toHex(openGenesis(content).network);
    const { paths } = await context.settings();
    const file = options.out ?? paths.genesisFile;
    if (options.out === undefined) {
      await ensurePrivateDir(paths.dataDir);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    }
    await writeOutput(file, `${JSON.stringify(content, null, 2)}\n`, options.force);
    context.result({ file, network }, `wrote ${file}\nnetwork ${network}`);
  };
}

/** The verifying keys of this installation, by the ledger's numbers of circuits. */
async function circuitKeys(context: CliContext): Promise<Record<string, string>> {
  const [{ loadArtifacts }, { LEDGER_CIRCUITS }] = await Promise.all([
    import('../../artifacts/load.ts'),
    import('../../node/ledger-circuits.ts'),
  ]);
  const { config } = await context.settings();
  const circuits = await loadArtifacts({
    proofsDirectory: config.artifacts.dir ?? undefined,
    production: config.network.production,
  });
  return Object.fromEntries(
    Object.entries(LEDGER_CIRCUITS).map(([number, name]) => [number, circuits.get(name).verifyingKeyId]),
  );
}

async function importInto(context: CliContext, file: string) {
  const [{ openGenesis }, { importSnapshot }, { snapshotPath }, { StateTable }, { hasherHere }, blocks, log] =
    await Promise.all([
      import('../../ledger/genesis.ts'),
      import('../../ledger/state/snapshot.ts'),
      import('../../ledger/state/snapshot-folder.ts'),
      import('../../ledger/state/table.ts'),
      import('../../ledger/hasher/hasher.ts'),
      import('../../ledger/block/header.ts'),
      import('../../ledger/log/block-log.ts'),
    ]);
  const { config, paths } = await context.settings();
  const { network } = openGenesis(await readJson(paths.genesisFile));
  const folder = join(paths.ledgerDir, 'log');
  if (await pathExists(folder)) {
    throw new CliError(CliErrorCode.FileExists, 'this data folder has a ledger already', {
      where: folder,
      hint: 'move its folder away first; a snapshot is where a ledger begins',
    });
  }
  const { capacity } = config.ledger;
  const table = new StateTable(capacity);
  const hasher = hasherHere(capacity);
  const head = await importSnapshot(file, {
    network,
    capacity,
    stateRootOf: ({ header }) => blocks.decodeHeader(header).stateRoot,
    put: (key, value) => table.put(key, value),
    build: (records) => hasher.build(records),
  });
  await ensurePrivateDir(paths.ledgerDir);
  const snapshots = join(paths.ledgerDir, 'snapshots');
  await mkdir(snapshots, { recursive: true, mode: 0o700 });
  await copy(file, snapshotPath(snapshots, head.height));
  const begun = await log.openBlockLog({ folder, network, firstHeight: head.height + 1n });
  await begun.close();
  return { height: String(head.height), records: head.entries, network: toHex(network) };
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    throw new CliError(CliErrorCode.WriteFailed, `cannot copy the snapshot: ${messageOf(error)}`, { where: to });
  }
}

function exists(file: string): CliError {
  return new CliError(CliErrorCode.FileExists, `${file} exists already`, {
    where: file,
    hint: 'choose another name, or add --force',
  });
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
