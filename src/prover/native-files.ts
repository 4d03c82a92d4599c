import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { ArtifactError, ArtifactErrorCode } from '../artifacts/errors.ts';
import { readPublicSignals } from '../artifacts/wtns.ts';
import { messageOf } from '../base/errors.ts';
import { bytesToInteger } from '../base/field.ts';
import { chooseEngine } from '../base/native/choose.ts';
import type { Groth16Proof } from '../claims/interface.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { WitnessProver } from './prove-files.ts';
import { requireWires, unsatisfied } from './wasm-files.ts';

/** Any key with the addon, which maps the file, works off this thread and verifies its own proof. */
export const proveNatively: WitnessProver = async (path, witness, options) => {
  const { addon } = chooseEngine('native');
  if (addon === undefined) throw new ProverError(ProverErrorCode.Crashed, 'the addon went away');
  const threads = options.threads ?? availableParallelism();
  const { signal, onProgress } = options;
  const cancel = new addon.NativeCancel();
  const onAbort = (): void => cancel.cancel();
  try {
    await requireFile(path);
    const key = await addon.openProvingKey(path, {
      threads,
      tableDirectory: options.tableDirectory,
      tableLimitBytes: options.tableLimitBytes,
      makeTables: options.makeTables === true,
    });
    requireWires(witness, key.wires);
    signal?.addEventListener('abort', onAbort, { once: true });
    const proof = await key.prove(witness, {
      threads,
      cancel,
      onProgress: (fraction) => onProgress?.('multiexp', 0.05 + 0.95 * fraction),
    });
    const publicSignals = readPublicSignals(witness, key.publicSignals);
    const note = key.tablesNote === undefined ? '' : ` (${key.tablesNote})`;
    return { proof: formatProof(proof), publicSignals, notes: [`threads: ${threads}`, `tables: ${key.tables}${note}`] };
  } catch (error) {
    throw translate(error, basename(path));
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
};

/** A mapping of nothing has no words for people. */
async function requireFile(path: string): Promise<void> {
  const where = basename(path);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error) && found.isFile()) return;
  const reason = !(found instanceof Error) || found.code !== 'ENOENT' ? messageOf(found) : 'there is no such file';
  throw new ProverError(ProverErrorCode.KeyUnreadable, `cannot read ${where}: ${reason}`, { where: path });
}

/** snarkjs's proof.json of A (64), B (128), C (64 bytes). */
function formatProof(bytes: Uint8Array): Groth16Proof {
  const [ax, ay, bx0, bx1, by0, by1, cx, cy] = Array.from({ length: 8 }, (_, i) =>
    bytesToInteger(bytes.subarray(i * 32, i * 32 + 32)).toString(),
  ) as [string, string, string, string, string, string, string, string];
  return {
    pi_a: [ax, ay, '1'],
    pi_b: [
      [bx0, bx1],
      [by0, by1],
      ['1', '0'],
    ],
    pi_c: [cx, cy, '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}

/** `CODE: text` of the addon in the words of this folder; codes as those of the WASM engine. */
function translate(error: unknown, where: string): unknown {
  const [, code = '', text = ''] = /^(NATIVE_[A-Z_]+): (.*)$/s.exec(messageOf(error)) ?? [];
  switch (code) {
    case '':
      return error;
    case 'NATIVE_FORMAT_INVALID':
    case 'NATIVE_PROTOCOL_UNSUPPORTED':
    case 'NATIVE_CURVE_UNSUPPORTED':
      return new ArtifactError(ArtifactErrorCode.FormatInvalid, text, { where });
    case 'NATIVE_WITNESS_LENGTH':
    case 'NATIVE_WITNESS_RANGE':
      return new ProverError(ProverErrorCode.WitnessInvalid, text, { where: 'witness' });
    case 'NATIVE_UNSATISFIED':
      return unsatisfied();
    case 'NATIVE_CANCELLED':
      return new ProverError(ProverErrorCode.Cancelled, 'cancelled');
    default:
      return new ProverError(ProverErrorCode.Crashed, `${code}: ${text}`);
  }
}
