/** Ours with one engine: from a witness the engine's key as the prover holds it, from inputs the prover as a node has it. */
import { readFile } from 'node:fs/promises';
import { loadArtifacts } from '../../src/artifacts/index.ts';
import { readWitnessBody } from '../../src/artifacts/wtns.ts';
import { chooseEngine } from '../../src/base/native/choose.ts';
import type { ProofBackend } from '../../src/prover/backend.ts';
import { createProver, type Prover, type TableOptions } from '../../src/prover/index.ts';
import { NativeKey } from '../../src/prover/native-key.ts';
import { WasmKey } from '../../src/prover/wasm-key.ts';
import type { EngineName } from './engines.ts';
import { mappedOf } from './memory.ts';
import type { SideCircuit, SideEngine } from './side.ts';

/** More than all circuits of the suite need. */
const TABLE_LIMIT_BYTES = 2 ** 31;

interface Opened {
  backend: ProofBackend;
  prover: Prover;
  folders: readonly string[];
}

export async function ourSide(engine: EngineName): Promise<SideEngine> {
  const opened = new Map<string, Opened>();
  const get = ({ name }: SideCircuit): Opened => {
    const circuit = opened.get(name);
    if (circuit === undefined) throw new RangeError(`${name} was not opened`);
    return circuit;
  };
  return {
    async open({ name, provingKey, artifacts, tableDirectory }) {
      const tables = { directory: tableDirectory, limitBytes: TABLE_LIMIT_BYTES };
      const backend = await openKey(engine, provingKey, tables);
      const circuits = await loadArtifacts({ ...artifacts, circuits: [name] });
      const prover = createProver({ engine, tables }, { circuits });
      opened.set(name, { backend, prover, folders: [provingKey, tableDirectory] });
    },
    prove: (circuit, file) => get(circuit).backend.prove(readWitnessBody(file), () => {}),
    full: (circuit, inputs) => get(circuit).prover.prove({ circuit: circuit.name, inputs }),
    held: async () =>
      mappedOf(
        await readFile('/proc/self/smaps', 'utf8'),
        [...opened.values()].flatMap(({ folders }) => folders),
      ),
    async close() {
      await Promise.all([...opened.values()].map(({ prover }) => prover.close()));
    },
  };
}

/** Tables are made here where the folder has none: seconds, once per machine. */
async function openKey(engine: EngineName, path: string, tables: TableOptions): Promise<ProofBackend> {
  const { addon } = chooseEngine(engine);
  if (addon === undefined) return WasmKey.open(new Uint8Array(await readFile(path)));
  const key = await NativeKey.open(addon, path, { tables });
  await key.makeTables();
  return key;
}
