import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readProvingKey } from '../artifacts/proving-key.ts';
import { closeCurve, loadSnarkjs, openCurve } from '../artifacts/snarkjs.ts';
import { messageOf } from '../base/errors.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { proveGroth16 } from './groth16.ts';
import type { WitnessProver } from './prove-files.ts';

/** What Node reads in one piece; ffjavascript's WebAssembly memory ends near there, too. */
const MAX_KEY_BYTES = 2 ** 31 - 1;

/** Any key with snarkjs's arithmetic. Its threads are started for this proof and ended after it. */
export const proveInWasm: WitnessProver = async (path, witness, { onProgress }) => {
  const key = readProvingKey(await readKey(path));
  requireWires(witness, key.header.nWires);
  try {
    const curve = await openCurve();
    const result = await proveGroth16(curve, key, witness, (stage, fraction) => onProgress?.(stage, fraction * 0.97));
    onProgress?.('finishing', 0.98);
    // A witness that breaks a rule of the circuit gives a proof all the same, and a wrong one.
    const { groth16 } = await loadSnarkjs();
    if (!(await groth16.verify(key.header.verifyingKey, result.publicSignals, result.proof))) throw unsatisfied();
    return { ...result, notes: [] };
  } finally {
    await closeCurve();
  }
};

async function readKey(path: string): Promise<Uint8Array> {
  const where = basename(path);
  try {
    const { size } = await stat(path);
    if (size <= MAX_KEY_BYTES) return await readFile(path);
    throw new Error('it is larger than 2 GiB, which only the native engine can use');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new ProverError(ProverErrorCode.KeyUnreadable, `cannot read ${where}: ${reason}`, { where: path });
  }
}

/** @throws ProverError PROVER_WITNESS_INVALID */
export function requireWires(witness: Uint8Array, wires: number): void {
  if (witness.length === wires * 32) return;
  throw new ProverError(
    ProverErrorCode.WitnessInvalid,
    `the witness has ${witness.length / 32} values, the circuit of this key ${wires}`,
    { where: 'witness', hint: 'witness and key are of different circuits' },
  );
}

export function unsatisfied(): ProverError {
  return new ProverError(ProverErrorCode.Unsatisfied, 'the witness does not satisfy the circuit of this key', {
    where: 'witness',
    hint: 'witness and key are of different circuits, or the witness was changed',
  });
}
