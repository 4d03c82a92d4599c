/** The native prover and next to nothing else, for its memory: no circuits, no service, no process between. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { NativeProvingKey } from '../../src/base/native/interface.ts';
import { loadNative } from '../../src/base/native/load.ts';
import { mappedOf } from './memory.ts';
import type { SideCircuit, SideEngine } from './side.ts';

export async function addonSide(): Promise<SideEngine> {
  const { addon, reason } = loadNative();
  if (addon === undefined) throw new Error(reason);
  let opened: { key: NativeProvingKey; circuit: SideCircuit } | undefined;
  const threads = availableParallelism();
  return {
    async open(circuit) {
      const { provingKey, tableDirectory } = circuit;
      opened = { circuit, key: await addon.openProvingKey(provingKey, { threads, tableDirectory }) };
      if (!opened.key.hasTables) throw new Error(`no tables: ${opened.key.tablesNote}`);
    },
    async prove(_circuit, witness) {
      await opened?.key.prove(witness, threads);
      return undefined;
    },
    full: async () => {
      throw new RangeError('the addon alone makes no witness');
    },
    async held() {
      const { provingKey = '', tableDirectory = '' } = opened?.circuit ?? {};
      return mappedOf(await readFile('/proc/self/smaps', 'utf8'), [provingKey, tableDirectory]);
    },
    close: async () => {},
  };
}
