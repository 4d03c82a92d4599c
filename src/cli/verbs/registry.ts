import { nowSeconds, systemClock } from '../../base/clock.ts';
import { ensurePrivateDir, writePrivateFile } from '../../base/private-file.ts';
import type { Registry } from '../../issuer/interface.ts';
import type { CliContext } from '../context.ts';
import { CliErrorCode } from '../errors.ts';
import { readInput, readJson, writeOutput } from '../files.ts';
import { askPassphrase } from '../passphrase.ts';
import { fields, short, table, time } from '../text.ts';
import type { DefineVerb } from '../verbs.ts';

export const define: DefineVerb = (program, context) => {
  const registry = program
    .command('registry')
    .summary('Say which issuers and lists a network accepts')
    .description(
      'The registry is signed by one key per network. Its operator runs init to publish; everyone else runs import.',
    );

  registry
    .command('init')
    .description('Makes the registry of the configured network and prints its public key.')
    .action(async () => {
      const { initRegistry } = await import('../../issuer/index.ts');
      const { config, paths } = await context.settings();
      await ensurePrivateDir(paths.dataDir);
      const passphrase = await askPassphrase(context, { purpose: 'registry', fresh: true });
      const made = await initRegistry({ dir: paths.registryDir, network: config.network.name, passphrase });
      const { network, registryKey } = await made.state();
      made.close();
      context.result(
        { network, registryKey },
        `registry of ${network}\nevery node sets network.registryKey to ${registryKey}`,
      );
    });

  registry
    .command('add-issuer')
    .argument('<entry.json>', 'what issuer publish wrote')
    .description('Adds an issuer, or takes its newer entry.')
    .action(async (file: string) => {
      const entry = await readJson(file);
      await withRegistry(context, false, async (open) => {
        await open.putIssuer(entry);
        await showState(context, open);
      });
    });

  registry
    .command('remove-issuer')
    .argument('<name>', 'name, or the key’s x')
    .description('Removes an issuer with all its schemas.')
    .action((name: string) =>
      withRegistry(context, false, async (open) => {
        await open.removeIssuer(name);
        await showState(context, open);
      }),
    );

  registry
    .command('add-list')
    .argument('<name>', 'such as sanctions')
    .requiredOption('--sdn <file>', 'in the column layout of OFAC’s sdn.csv')
    .option('--alt <file>', 'OFAC’s alt.csv: further names of the same entries')
    .option('--vessels', 'take vessels and aircraft as well')
    .description('Adds or replaces a named list of people.')
    .action(async (name: string, options: { sdn: string; alt?: string; vessels?: boolean }) => {
      const { importSdn } = await import('../../issuer/index.ts');
      const list = importSdn(await readInput(options.sdn), {
        aliases: options.alt === undefined ? undefined : await readInput(options.alt),
        includeVessels: options.vessels === true,
      });
      const { rows, skipped, names, aliases, sourceHash, elements } = list;
      const report = { name, rows, skipped, names, aliases, keys: elements.length, sourceHash };
      await withRegistry(context, false, (open) =>
        open.putList(name, elements, `${options.sdn.split(/[\\/]/).at(-1) ?? ''} ${sourceHash.slice(0, 16)}`),
      );
      context.result(
        report,
        `list ${name}: ${elements.length} keys of ${names} names in ${rows} rows, ${skipped} skipped`,
      );
    });

  registry
    .command('publish')
    .requiredOption('--out <file>', 'where to write the signed snapshot')
    .option('--force', 'overwrite the file')
    .description('Signs the next snapshot.')
    .action(async (options: { out: string; force?: boolean }) => {
      const { registryFile } = await import('../../node/registry-publication.ts');
      const { published, bytes } = await withRegistry(context, true, async (open) => {
        const made = await open.publish();
        const { registryKey } = await open.state();
        // With the envelope in it, whichever node imports the file passes it on to the network.
        const file = registryFile(made, open, { registryKey, now: nowSeconds(systemClock) });
        return { published: made, bytes: file.bytes };
      });
      await writeOutput(options.out, Buffer.from(bytes).toString('utf8'), options.force);
      const { sequence, root } = published.snapshot;
      context.result(
        { file: options.out, sequence, root },
        `wrote ${options.out} (sequence ${sequence}, root ${short(root)})`,
      );
    });

  registry
    .command('show')
    .option('--operator', 'the operator’s own state instead of the snapshot in use')
    .description('Shows the snapshot in use here.')
    .action(async (options: { operator?: boolean }) => {
      if (options.operator === true) return withRegistry(context, false, (open) => showState(context, open));
      const { loadSnapshot } = await import('../registry-file.ts');
      const { snapshot, header } = await loadSnapshot(context);
      const issuers = snapshot.issuers.map(({ name, schema, x, revoked }) => ({
        name,
        schema,
        x,
        revoked: revoked.length,
      }));
      const lists = snapshot.lists.map(({ name, elements }) => ({ name, elements: elements.length }));
      const { network, sequence, issuedAt, root } = header;
      context.result(
        { network, sequence, issuedAt, root, issuers, lists },
        [
          fields([
            ['network', network],
            ['sequence', String(sequence)],
            ['issued', time(issuedAt)],
            ['root', root],
          ]),
          table(
            ['issuer', 'schema', 'key', 'revoked'],
            issuers.map((item) => [item.name, item.schema, short(item.x), String(item.revoked)]),
          ),
          table(
            ['list', 'elements'],
            lists.map((item) => [item.name, String(item.elements)]),
          ),
        ].join('\n'),
      );
    });

  registry
    .command('import')
    .argument('<snapshot.json>', 'what registry publish wrote')
    .option('--announce', 'let the running node announce it to the network')
    .description('Checks a signed snapshot and takes it into use, here and in the running node.')
    .action(async (file: string, options: { announce?: boolean }) => {
      const { checkNewSnapshot, snapshotFile } = await import('../registry-file.ts');
      const { paths } = await context.settings();
      const content = await readJson(file);
      const { header } = await checkNewSnapshot(context, content);
      await ensurePrivateDir(paths.dataDir);
      await writePrivateFile(snapshotFile(paths.dataDir), JSON.stringify(content));
      const node = await tellNode(context, content);
      const announced = options.announce === true ? await announce(context) : null;
      const { sequence, root, network } = header;
      context.result(
        { network, sequence, root, node, announced },
        `took sequence ${sequence} of ${network} (root ${short(root)}); running node: ${node}`,
      );
    });
};

async function withRegistry<T>(
  context: CliContext,
  unlocked: boolean,
  use: (registry: Registry) => Promise<T>,
): Promise<T> {
  const { openRegistry } = await import('../../issuer/index.ts');
  const { prepareHashing } = await import('../../crypto/index.ts');
  const { config, paths } = await context.settings();
  await prepareHashing(config.engine, { many: false });
  const passphrase = unlocked ? await askPassphrase(context, { purpose: 'registry' }) : undefined;
  const open = await openRegistry({ dir: paths.registryDir, passphrase });
  try {
    return await use(open);
  } finally {
    open.close();
  }
}

async function showState(context: CliContext, open: Registry): Promise<void> {
  const state = await open.state();
  const issuers = state.issuers.map(({ name, schema, x, revoked, sequence }) => ({
    name,
    schema,
    x,
    sequence,
    revoked: revoked.length,
  }));
  context.result(
    { ...state, issuers },
    [
      fields([
        ['network', state.network],
        ['key', state.registryKey],
        ['published', String(state.sequence)],
      ]),
      table(
        ['issuer', 'schema', 'key', 'revoked'],
        issuers.map((item) => [item.name, item.schema, short(item.x), String(item.revoked)]),
      ),
      table(
        ['list', 'elements', 'source'],
        state.lists.map(({ name, elements, source }) => [name, String(elements), source]),
      ),
    ].join('\n'),
  );
}

async function announce(context: CliContext): Promise<string> {
  const { connectNode } = await import('../client.ts');
  const report = await (await connectNode(context)).post<{ code: string }>('/v1/registry/announce');
  return report.code;
}

/** The running node takes it at once; without one, the next start does. */
async function tellNode(context: CliContext, content: unknown): Promise<'took it' | 'not running' | 'has a newer one'> {
  const { connectNode } = await import('../client.ts');
  try {
    await (await connectNode(context)).post('/v1/registry', content);
    return 'took it';
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === CliErrorCode.NodeUnreachable || code === 'API_TOKEN_FILE') return 'not running';
    if (code === 'REGISTRY_ROLLED_BACK' || code === 'NODE_REGISTRY_FILE') return 'has a newer one';
    throw error;
  }
}
