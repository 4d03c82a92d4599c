/** Ours with the WASM engine: from a witness the engine's own function, from inputs the prover as a node has it. */
import { readFile } from 'node:fs/promises';
import { loadArtifacts, openCurve, type ProvingKey, readProvingKey } from '../../src/artifacts/index.ts';
import { proveGroth16 } from '../../src/prover/groth16.ts';
import { createProver, type Prover } from '../../src/prover/index.ts';
import type { SideEngine } from './side.ts';

/** Values of a .wtns file follow its header, at the end. */
const VALUE_BYTES = 32;

export async function wasmSide(): Promise<SideEngine> {
  const keys = new Map<string, ProvingKey>();
  const provers = new Map<string, Prover>();
  return {
    async open({ name, provingKey, artifacts }) {
      keys.set(name, readProvingKey(new Uint8Array(await readFile(provingKey))));
      const circuits = await loadArtifacts({ ...artifacts, circuits: [name] });
      provers.set(name, createProver({}, { circuits }));
    },
    async prove({ name }, file) {
      const key = keys.get(name);
      if (key === undefined) throw new RangeError(`${name} was not opened`);
      const values = file.subarray(file.length - key.header.nWires * VALUE_BYTES);
      return proveGroth16(await openCurve(), key, values, () => {});
    },
    async full({ name }, inputs) {
      const prover = provers.get(name);
      if (prover === undefined) throw new RangeError(`${name} was not opened`);
      return prover.prove({ circuit: name, inputs });
    },
    async close() {
      await Promise.all([...provers.values()].map((prover) => prover.close()));
    },
  };
}
