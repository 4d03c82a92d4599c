import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type EngineChoice, isEngineChoice } from '../base/native/choose.ts';
import type { CliContext } from './context.ts';

/** What a verb that proves or verifies here goes by. */
export interface EngineSettings {
  engine: EngineChoice;
  /** Of one proof; undefined: all cores. */
  threads: number | undefined;
  tableDirectory: string | undefined;
  tableLimitBytes: number;
}

/**
 * The engine's settings. Reading all settings takes longer than verifying a proof, so they are read only where a file,
 * a variable or --set could say something: defaults, ENGINE and --engine need no more than this function.
 * @throws ConfigError
 */
export async function engineSettings(context: CliContext): Promise<EngineSettings> {
  const { options } = context;
  const { env } = process;
  const dataDir = options.dataDir ?? (env['ZKBAZAAR_DATA_DIR'] || join(homedir(), '.zkbazaar'));
  const asked = options.engine ?? (env['ZKBAZAAR_ENGINE'] || env['ENGINE'] || 'auto');
  const plain =
    isEngineChoice(asked) &&
    options.set === undefined &&
    options.config === undefined &&
    !Object.keys(env).some((name) => name.startsWith('ZKBAZAAR_PROVER_') || name === 'ZKBAZAAR_CONFIG') &&
    !existsSync(join(dataDir, 'zkbazaar.config.json'));
  if (plain) {
    return {
      engine: asked,
      threads: undefined,
      tableDirectory: join(dataDir, 'tables'),
      tableLimitBytes: DEFAULT_TABLE_BYTES,
    };
  }
  const { config, paths } = await context.settings();
  const { threads, tableMegabytes } = config.prover;
  return {
    engine: config.engine,
    threads: threads ?? undefined,
    tableDirectory: tableMegabytes === 0 ? undefined : paths.tablesDir,
    tableLimitBytes: tableMegabytes * MEGABYTE,
  };
}

const MEGABYTE = 1_000_000;
/** As in the schema of settings; a test holds the two equal. */
export const DEFAULT_TABLE_BYTES = 2048 * MEGABYTE;
