import { chooseEngine } from '../base/native/choose.ts';
import type { CliContext } from './context.ts';
import { engineSettings } from './engine.ts';
import { readInput } from './files.ts';

/**
 * Verifies three files of snarkjs: verification key, public signals, proof. What cannot be read is a verdict, too, since
 * --json promises one form of answer for whatever is wrong.
 * @throws ConfigError, ENGINE_NOT_THERE
 */
export async function verifyNamedFiles(
  context: CliContext,
  paths: readonly string[],
  maxBytes: number,
): Promise<{ valid: boolean; code: string; reason: string; unusable: boolean; engine: 'native' | 'wasm' }> {
  const { engine } = chooseEngine((await engineSettings(context)).engine);
  const parts = await Promise.all(paths.map((path) => readInput(path, maxBytes).catch((error: Error) => error)));
  const unread = parts.find((part): part is Error => part instanceof Error);
  if (unread !== undefined) {
    return { valid: false, code: 'CLI_FILE_UNREADABLE', reason: unread.message, unusable: true, engine };
  }
  const [verifyingKey, publicSignals, proof] = parts as Uint8Array[] as [Uint8Array, Uint8Array, Uint8Array];
  const { verifyFiles } = await import('../verifier/verify-files.ts');
  return { ...(await verifyFiles({ verifyingKey, publicSignals, proof }, engine)), engine };
}
