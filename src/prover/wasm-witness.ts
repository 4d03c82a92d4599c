import { flattenInputs } from './inputs.ts';
import type { CircuitInputs } from './interface.ts';
import { WitnessCalculator } from './witness-calculator.ts';
import type { WitnessSource } from './witness-source.ts';

/** circom's own WebAssembly, compiled with the first use and kept. */
export class WasmWitness implements WitnessSource {
  readonly kind = 'wasm';
  readonly #wasm: Uint8Array;
  #calculator: Promise<WitnessCalculator> | undefined;

  constructor(wasm: Uint8Array) {
    this.#wasm = wasm;
  }

  /** Compiles ahead of the first use. */
  async warm(): Promise<void> {
    this.#calculator ??= WitnessCalculator.create(this.#wasm);
    await this.#calculator;
  }

  async calculate(inputs: CircuitInputs): Promise<Uint8Array> {
    return this.calculateFlat(flattenInputs(inputs));
  }

  /** The same from values in [0, r) by signal name, row-major. */
  async calculateFlat(flat: ReadonlyMap<string, readonly bigint[]>): Promise<Uint8Array> {
    this.#calculator ??= WitnessCalculator.create(this.#wasm);
    return (await this.#calculator).calculateFlat(flat).body;
  }
}
