import type { NativeAddon } from '../base/native/interface.ts';
import { GraphWitness } from './graph-witness.ts';
import { WasmWitness } from './wasm-witness.ts';
import type { WitnessSource } from './witness-source.ts';

/**
 * The fastest source there is: the circuit's graph in the addon, else its WASM.
 * @throws ArtifactError ARTIFACT_FORMAT_INVALID for a graph that the addon cannot read
 */
export async function openWitnessSource(
  { wasm, witnessGraph }: { wasm: Uint8Array; witnessGraph: Uint8Array | undefined },
  addon: NativeAddon | undefined,
): Promise<WitnessSource> {
  const fallback = new WasmWitness(wasm);
  if (addon !== undefined && witnessGraph !== undefined) return GraphWitness.open(addon, witnessGraph, fallback);
  await fallback.warm();
  return fallback;
}
