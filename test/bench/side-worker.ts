/** The process behind a `Side`: nothing in it but that one engine. */
import type { SideAnswer, SideCircuit, SideEngine, SideName, SideOrder, SideResult } from './side.ts';

const LOAD: Record<SideName, () => Promise<SideEngine>> = {
  snarkjs: async () => (await import('./side-snarkjs.ts')).snarkjsSide(),
  native: async () => (await import('./side-ours.ts')).ourSide('native'),
  addon: async () => (await import('./side-addon.ts')).addonSide(),
  wasm: async () => (await import('./side-ours.ts')).ourSide('wasm'),
};

const circuits = new Map<string, SideCircuit>();
const engine = LOAD[process.argv[2] as SideName]();
engine.catch(() => {});

process.on('message', (order: SideOrder) => {
  void answer(order).then((message) => process.send?.(message));
});
process.on('disconnect', () => {
  void engine.then((side) => side.close()).finally(() => process.exit(0));
});

async function answer(order: SideOrder): Promise<SideAnswer> {
  try {
    const start = performance.now();
    const value = await carryOut(order, await engine);
    return { ok: true, ms: performance.now() - start, ...value };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function carryOut(order: SideOrder, side: SideEngine): Promise<Partial<SideResult>> {
  if (order.do === 'ready') return {};
  if (order.do === 'held') return { heldBytes: (await side.held?.()) ?? 0 };
  if (order.do === 'open') {
    await side.open(order.circuit);
    circuits.set(order.circuit.name, order.circuit);
    return {};
  }
  const circuit = circuits.get(order.circuit);
  if (circuit === undefined) throw new Error(`${order.circuit} was not opened`);
  const result = order.do === 'prove' ? side.prove(circuit, order.witness) : side.full(circuit, order.inputs);
  return { result: await result };
}
