import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { chooseEngine } from '../base/native/choose.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { NativeKey } from './native-key.ts';
import type { WitnessProver } from './prove-files.ts';
import { requireWires } from './wasm-files.ts';

/** Any key with the addon, which maps the file, works off this thread and verifies its own proof. */
export const proveNatively: WitnessProver = async (path, witness, options) => {
  const { addon } = chooseEngine('native');
  if (addon === undefined) throw new ProverError(ProverErrorCode.Crashed, 'the addon went away');
  const {
    threads,
    tableDirectory: directory,
    tableLimitBytes: limitBytes = 0,
    makeTables,
    signal,
    onProgress,
  } = options;
  await requireFile(path);
  const tables = directory === undefined ? undefined : { directory, limitBytes };
  const key = await NativeKey.open(addon, path, { threads, tables });
  requireWires(witness, key.wires);
  if (makeTables === true) await key.makeTables();
  const result = await key.prove(witness, (stage, fraction) => onProgress?.(stage, 0.05 + 0.95 * fraction), signal);
  const why = key.tables === 'none' && key.tablesNote !== undefined ? ` (${key.tablesNote})` : '';
  return { ...result, notes: [`threads: ${key.threads}`, `tables: ${key.tables}${why}`] };
};

/** A mapping of nothing has no words for people. */
async function requireFile(path: string): Promise<void> {
  const where = basename(path);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error) && found.isFile()) return;
  const reason = !(found instanceof Error) || found.code !== 'ENOENT' ? messageOf(found) : 'there is no such file';
  throw new ProverError(ProverErrorCode.KeyUnreadable, `cannot read ${where}: ${reason}`, { where: path });
}
