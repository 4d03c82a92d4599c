import type { CircuitInputs } from './interface.ts';

/** What makes a circuit's witnesses. Both kinds give the same bytes and the same refusals for every input. */
export interface WitnessSource {
  readonly kind: 'graph' | 'wasm';
  /**
   * The values of all wires, 32 bytes little-endian each. They hold every secret of the inputs: the caller wipes them.
   * @throws ProverError PROVER_INPUT_INVALID, PROVER_UNSATISFIED
   */
  calculate(inputs: CircuitInputs): Promise<Uint8Array>;
}
