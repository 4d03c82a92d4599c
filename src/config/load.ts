import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { ConfigError } from './errors.ts';
import {
  ConfigErrorCode,
  type ConfigFile,
  type ConfigInput,
  type DataPaths,
  type ResolvedConfig,
} from './interface.ts';
import { resolveConfig } from './resolve.ts';
import type { Config } from './schema.ts';

export const CONFIG_FILE_NAME = 'zkbazaar.config.json';
// Settings fit a few KiB; a larger file is not ours.
const MAX_CONFIG_BYTES = 1_048_576;

export interface LoadConfigInput extends Omit<ConfigInput, 'file'> {
  /** `--config`; goes before `ZKBAZAAR_CONFIG`, which goes before the data folder's own file. */
  configPath?: string | undefined;
}

/**
 * Finds and reads the config file, then resolves. A named file must exist; the data folder's own may be missing.
 * @throws ConfigError
 */
export function loadConfig(input: LoadConfigInput = {}): ResolvedConfig {
  const named = input.configPath ?? input.env?.['ZKBAZAAR_CONFIG'];
  if (named !== undefined && named !== '')
    return resolveConfig({ ...input, file: read(resolve(input.cwd ?? '.', named)) });
  // The data folder is settled without a file first: its own file cannot move it elsewhere.
  const folder = resolveConfig({
    ...input,
    env: only(input.env, 'ZKBAZAAR_DATA_DIR'),
    flags: only(input.flags, 'dataDir'),
  });
  const path = join(folder.config.dataDir, CONFIG_FILE_NAME);
  if (!existsSync(path)) return resolveConfig(input);
  const resolved = resolveConfig({ ...input, file: read(path) });
  if (resolved.sources['dataDir']?.origin === 'file' && resolved.config.dataDir !== folder.config.dataDir) {
    throw new ConfigError(
      ConfigErrorCode.InvalidValue,
      'the config file inside a data folder names another data folder',
      {
        where: 'dataDir',
        hint: 'leave dataDir out, or pass the file with --config',
      },
    );
  }
  return resolved;
}

function only<T>(values: Readonly<Record<string, T>> | undefined, key: string): Record<string, T> {
  const value = values?.[key];
  return value === undefined ? {} : { [key]: value };
}

function read(path: string): ConfigFile {
  try {
    if (statSync(path).size > MAX_CONFIG_BYTES) throw new Error('larger than 1 MiB');
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new ConfigError(ConfigErrorCode.FileUnreadable, `cannot read the config file: ${messageOf(error)}`, {
      where: basename(path),
      hint: 'check the path given by --config or ZKBAZAAR_CONFIG',
    });
  }
}

/** Where each file of a data folder stands. */
export function dataPaths(config: Config): DataPaths {
  const dataDir = resolve(config.dataDir.replace(/^~(?=\/|$)/, homedir()));
  return {
    dataDir,
    configFile: join(dataDir, CONFIG_FILE_NAME),
    storeFile: join(dataDir, 'store.sqlite'),
    walletDir: join(dataDir, 'wallet'),
    issuersDir: join(dataDir, 'issuers'),
    registryDir: join(dataDir, 'registry'),
    overlayDir: join(dataDir, 'overlay'),
    tokenFile: config.api.tokenFile ?? join(dataDir, 'api-tokens.json'),
    tablesDir: config.prover.tableDir ?? join(dataDir, 'tables'),
    ledgerDir: join(dataDir, 'ledger'),
    ledgerKeysDir: join(dataDir, 'ledger-keys'),
    genesisFile: config.ledger.genesis ?? join(dataDir, 'ledger', 'genesis.json'),
  };
}
