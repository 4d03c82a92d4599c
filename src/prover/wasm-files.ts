import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { closeCurve } from '../artifacts/snarkjs.ts';
import { messageOf } from '../base/errors.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { requireFile } from './native-files.ts';
import type { FileKey } from './prove-files.ts';
import { WasmKey } from './wasm-key.ts';

/** What Node reads in one piece; ffjavascript's WebAssembly memory ends near there, too. */
const MAX_KEY_BYTES = 2 ** 31 - 1;

/** Any key with snarkjs's arithmetic. Its threads start with the key and end with `close`. */
export async function openInWasm(path: string): Promise<FileKey> {
  const backend = await WasmKey.open(await readKey(path));
  return {
    backend,
    withoutTables: () => 'the WASM engine has none',
    notes: () => [],
    makeTables: async () => undefined,
    close: closeCurve,
  };
}

async function readKey(path: string): Promise<Uint8Array> {
  const where = basename(path);
  const bytes = await requireFile(path);
  try {
    if (bytes <= MAX_KEY_BYTES) return await readFile(path);
    throw new Error('it is larger than 2 GiB, which only the native engine can use');
  } catch (error) {
    throw new ProverError(ProverErrorCode.KeyUnreadable, `cannot read ${where}: ${messageOf(error)}`, { where: path });
  }
}
