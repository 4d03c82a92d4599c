import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { chooseEngine } from '../base/native/choose.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { NativeKey } from './native-key.ts';
import type { FileKey, ProveFilesOptions } from './prove-files.ts';

/** Any key with the addon, which maps the file, works off this thread and verifies its own proofs. */
export async function openNatively(path: string, options: ProveFilesOptions): Promise<FileKey> {
  const { addon } = chooseEngine('native');
  if (addon === undefined) throw new ProverError(ProverErrorCode.Crashed, 'the addon went away');
  await requireFile(path);
  const { threads, tableDirectory: directory, tableLimitBytes: limitBytes = 0 } = options;
  const tables = directory === undefined ? undefined : { directory, limitBytes };
  const key = await NativeKey.open(addon, path, { threads, tables });
  let why = limitBytes === 0 ? 'prover.tableMegabytes is 0' : 'none were made yet';
  return {
    backend: key,
    withoutTables: () => (key.tables === 'in use' ? undefined : why),
    makeTables: async () => {
      why = (await makeTables(key)) ?? why;
    },
    notes: () => [`threads: ${key.threads}`, `tables: ${key.tables}`],
    close: async () => undefined,
  };
}

/** Without tables a proof merely takes longer. @returns why there are none */
async function makeTables(key: NativeKey): Promise<string | undefined> {
  try {
    await key.makeTables();
    return undefined;
  } catch (error) {
    if (error instanceof ProverError && error.code === ProverErrorCode.TablesUnavailable) return error.message;
    throw error;
  }
}

/** A mapping of nothing has no words for people. @throws ProverError PROVER_KEY_UNREADABLE */
export async function requireFile(path: string): Promise<number> {
  const where = basename(path);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error) && found.isFile()) return found.size;
  const reason = !(found instanceof Error)
    ? 'it is no file'
    : found.code === 'ENOENT'
      ? 'there is no such file'
      : messageOf(found);
  throw new ProverError(ProverErrorCode.KeyUnreadable, `cannot read ${where}: ${reason}`, { where: path });
}
