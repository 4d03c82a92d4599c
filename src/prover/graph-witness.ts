import { ArtifactError, ArtifactErrorCode } from '../artifacts/errors.ts';
import { messageOf } from '../base/errors.ts';
import type { NativeAddon } from '../base/native/interface.ts';
import type { NativeWitnessGraph } from '../base/native/witness.ts';
import { flattenInputs } from './inputs.ts';
import type { CircuitInputs } from './interface.ts';
import { signalHash } from './signal-hash.ts';
import type { WasmWitness } from './wasm-witness.ts';
import type { WitnessSource } from './witness-source.ts';

const VALUE_BYTES = 32;

/**
 * Witnesses from a circuit's graph, made by the addon. Only for inputs that satisfy the circuit: whatever is wrong with
 * others, the WASM says what, so there is one place that words refusals and no second opinion on them.
 */
export class GraphWitness implements WitnessSource {
  readonly kind = 'graph';
  readonly #graph: NativeWitnessGraph;
  readonly #fallback: WasmWitness;
  /** Where each signal's values stand, and how many there are, by the hash of its name. */
  readonly #places = new Map<bigint, { start: number; size: number }>();
  readonly #count: number;

  private constructor(graph: NativeWitnessGraph, fallback: WasmWitness) {
    this.#graph = graph;
    this.#fallback = fallback;
    let start = 0;
    for (const { hash, size } of graph.signals()) {
      this.#places.set(hash, { start, size });
      start += size;
    }
    this.#count = start;
  }

  /** @throws ArtifactError ARTIFACT_FORMAT_INVALID */
  static async open(addon: NativeAddon, graph: Uint8Array, fallback: WasmWitness): Promise<GraphWitness> {
    try {
      return new GraphWitness(await addon.openWitnessGraph(graph), fallback);
    } catch (cause) {
      throw new ArtifactError(ArtifactErrorCode.FormatInvalid, messageOf(cause), {
        where: 'witness graph',
        hint: 'graph and addon are of different versions: install the package again',
        cause,
      });
    }
  }

  async calculate(inputs: CircuitInputs): Promise<Uint8Array> {
    const flat = flattenInputs(inputs);
    const packed = this.#pack(flat);
    if (packed === undefined) return this.#fallback.calculateFlat(flat);
    const working = this.#graph.evaluate(packed);
    packed.fill(0);
    return (await working.catch(() => null)) ?? this.#fallback.calculateFlat(flat);
  }

  /** Undefined for inputs that are not those of the circuit. */
  #pack(flat: ReadonlyMap<string, readonly bigint[]>): Uint8Array | undefined {
    if (flat.size !== this.#places.size) return undefined;
    const packed = new Uint8Array(this.#count * VALUE_BYTES);
    const view = new DataView(packed.buffer);
    for (const [name, values] of flat) {
      const place = this.#places.get(signalHash(name));
      if (place?.size !== values.length) {
        packed.fill(0);
        return undefined;
      }
      for (const [i, value] of values.entries()) {
        const at = (place.start + i) * VALUE_BYTES;
        for (let limb = 0; limb < 4; limb++) {
          view.setBigUint64(at + 8 * limb, value >> BigInt(64 * limb), true);
        }
      }
    }
    return packed;
  }
}
