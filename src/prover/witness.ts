import type { CircuitRegistry } from '../artifacts/index.ts';
import { readWitnessFile } from '../artifacts/wtns.ts';
import type { CircuitInputs } from './interface.ts';
import { WitnessCalculator } from './witness-calculator.ts';

/**
 * The witness of a circuit, one value per wire (0: the constant 1, then outputs, public and private inputs, the rest).
 * For tests and tools: a witness holds every secret of its inputs.
 * @throws ProverError PROVER_INPUT_INVALID, PROVER_UNSATISFIED; ArtifactError
 */
export async function calculateWitness(
  circuits: CircuitRegistry,
  circuit: string,
  inputs: CircuitInputs,
): Promise<bigint[]> {
  const { wasm } = await circuits.openProving(circuit);
  return calculateWitnessFrom(wasm, inputs);
}

/** The same from a circuit's WebAssembly, for circuits that have no keys yet. */
export async function calculateWitnessFrom(wasm: Uint8Array, inputs: CircuitInputs): Promise<bigint[]> {
  return readWitnessFile((await WitnessCalculator.create(wasm)).calculate(inputs).file);
}
