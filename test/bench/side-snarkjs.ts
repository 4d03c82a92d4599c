/**
 * snarkjs as its users call it; its curve and threads stay warm by themselves. `prove` gets key and witness in memory,
 * which is the faster way by some 5 %; `fullProve` gets file names, which it is not slower with.
 */
import { readFile } from 'node:fs/promises';
import { loadSnarkjs, type SnarkjsFile } from '../../src/artifacts/snarkjs.ts';
import type { CircuitInputs, ProofResult } from '../../src/prover/index.ts';
import type { SideEngine } from './side.ts';

/** Ours calls neither, so these parts of snarkjs are not in our types. */
interface Groth16 {
  prove(provingKey: SnarkjsFile, witness: SnarkjsFile): Promise<ProofResult>;
  fullProve(inputs: CircuitInputs, wasm: string, provingKey: string): Promise<ProofResult>;
}

export async function snarkjsSide(): Promise<SideEngine> {
  const groth16 = (await loadSnarkjs()).groth16 as unknown as Groth16;
  const keys = new Map<string, Uint8Array>();
  return {
    open: async () => {},
    async prove({ name, provingKey }, witness) {
      const key = keys.get(name) ?? new Uint8Array(await readFile(provingKey));
      keys.set(name, key);
      return groth16.prove({ type: 'mem', data: key }, { type: 'mem', data: witness });
    },
    full: ({ wasm, provingKey }, inputs) => groth16.fullProve(inputs, wasm, provingKey),
    close: async () => {},
  };
}
