import type { Config } from './schema.ts';

export type { Config } from './schema.ts';

export type ConfigOrigin = 'default' | 'file' | 'env' | 'flag';

/** Where one setting's value came from. */
export interface ConfigSource {
  origin: ConfigOrigin;
  /** The environment variable, the file's path, or the flag's dotted path; absent for defaults. */
  name?: string;
}

export interface ResolvedConfig {
  config: Config;
  /** By dotted path, e.g. `api.port`; one entry for every setting. */
  sources: Readonly<Record<string, ConfigSource>>;
  /** Things that are not errors but probably not meant: an unknown `ZKBAZAAR_*` variable. */
  warnings: readonly string[];
}

export interface ConfigFile {
  /** Shown in errors by its base name; relative paths inside the file start from its folder. */
  path: string;
  text: string;
}

/** Weakest first: defaults < file < environment < flags. */
export interface ConfigInput {
  file?: ConfigFile | undefined;
  /** Usually `process.env`; only `ENGINE` and names that begin with `ZKBAZAAR_` are read. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** By dotted path (`'api.port'`); text is converted as for the environment; undefined is "not given". */
  flags?: Readonly<Record<string, unknown>> | undefined;
  /** Home folder for `~`; default `os.homedir()`. */
  home?: string | undefined;
  /** Base of relative paths given by environment and flags; default `process.cwd()`. */
  cwd?: string | undefined;
}

/** Where the parts of a data folder stand, absolute. */
export interface DataPaths {
  dataDir: string;
  configFile: string;
  storeFile: string;
  walletDir: string;
  /** One folder per issuer. */
  issuersDir: string;
  /** The operator's registry; peers keep what they learn in the store. */
  registryDir: string;
  /** The overlay's `peer.key` and `peers/`. */
  overlayDir: string;
  tokenFile: string;
  /** Tables of proving keys; made again when they are missing. */
  tablesDir: string;
  /** Log and snapshots of the ledger. */
  ledgerDir: string;
  /** Keys that sign transactions, one file each. */
  ledgerKeysDir: string;
  genesisFile: string;
}

export const ConfigErrorCode = {
  FileUnreadable: 'CONFIG_FILE_UNREADABLE',
  FileNotJson: 'CONFIG_FILE_NOT_JSON',
  UnknownSetting: 'CONFIG_UNKNOWN_SETTING',
  InvalidValue: 'CONFIG_INVALID_VALUE',
  PublicBind: 'CONFIG_PUBLIC_BIND',
  ProductionNeedsRegistryKey: 'CONFIG_PRODUCTION_NEEDS_REGISTRY_KEY',
  LoopbackTest: 'CONFIG_LOOPBACK_TEST',
} as const;
