/** The process behind `SnarkjsProcess`: nothing in it but snarkjs. */
import { loadSnarkjs } from '../../src/artifacts/snarkjs.ts';
import type { ProofResult } from '../../src/prover/index.ts';
import type { ProveAnswer, ProveOrder } from './snarkjs-process.ts';

/** Ours calls `prove` alone, so this part of snarkjs is not in our types. */
interface FullProve {
  fullProve(inputs: unknown, wasm: string, provingKey: string): Promise<ProofResult>;
}

process.on('message', async ({ inputs, wasm, provingKey }: ProveOrder) => {
  let answer: ProveAnswer;
  try {
    const groth16 = (await loadSnarkjs()).groth16 as unknown as FullProve;
    answer = { ok: true, result: await groth16.fullProve(inputs, wasm, provingKey) };
  } catch (error) {
    answer = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(answer);
});
process.on('disconnect', () => process.exit(0));
