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
  if (options.makeTables === true) await key.makeTables();
  return {
    backend: key,
    notes: () => [`threads: ${key.threads}`, `tables: ${key.tables}`],
    close: async () => undefined,
  };
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
