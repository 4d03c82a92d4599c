import { mkdir, readFile } from 'node:fs/promises';
import { ensurePrivateDir } from '../../base/private-file.ts';
import { writeOutput } from '../files.ts';
import type { DefineVerb } from '../verbs.ts';

interface Options {
  network: string;
  registryKey?: string;
  production?: boolean;
  force?: boolean;
}

/** What stands in the config file; `settings` has checked it already. Nothing where there is none. */
async function written(file: string): Promise<object> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as object;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

export const define: DefineVerb = (program, context) => {
  program
    .command('init')
    .summary('Make a data folder with its config file')
    .description('Makes the data folder (mode 0700), a config file, and the tokens of the REST API.')
    .option('--network <name>', 'network to join', 'local')
    .option('--registry-key <hex>', 'Ed25519 public key that signs the network’s registry')
    .option('--production', 'refuse development keys on this network')
    .option('--force', 'set the network anew in an existing config file; its other settings stay')
    .action(async (options: Options) => {
      context.flag('network.name', options.network);
      context.flag('network.registryKey', options.registryKey);
      context.flag('network.production', options.production);
      // Checks what was given before anything is written.
      const { config, paths } = await context.settings();
      await mkdir(paths.dataDir, { recursive: true, mode: 0o700 });
      await ensurePrivateDir(paths.dataDir);
      const content = { ...(options.force === true ? await written(paths.configFile) : {}), network: config.network };
      await writeOutput(paths.configFile, `${JSON.stringify(content, null, 2)}\n`, options.force);
      const { openTokenFile } = await import('../../api/tokens.ts');
      await openTokenFile(paths.tokenFile);
      context.result(
        { dataDir: paths.dataDir, configFile: paths.configFile, tokenFile: paths.tokenFile, network: config.network },
        `made ${paths.dataDir} for network ${config.network.name}\nnext: zkbazaar wallet init, then zkbazaar start`,
      );
    });
};
