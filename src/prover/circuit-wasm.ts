import { setImmediate as turn } from 'node:timers/promises';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { ProveFilesOptions } from './prove-files.ts';
import { WitnessCalculator } from './witness-calculator.ts';

/**
 * The witness of any circuit that circom 2 compiled for this field.
 * @throws ProverError PROVER_CIRCUIT_INVALID, PROVER_INPUT_INVALID, PROVER_UNSATISFIED, PROVER_CANCELLED
 */
export async function makeWitness(
  wasm: Uint8Array,
  inputs: ReadonlyMap<string, readonly bigint[]>,
  { signal, blocking = (work) => work() }: Pick<ProveFilesOptions, 'signal' | 'blocking'> = {},
): Promise<{ file: Uint8Array; body: Uint8Array }> {
  const calculator = await WitnessCalculator.create(wasm).catch((error: unknown) => {
    throw new ProverError(ProverErrorCode.CircuitInvalid, 'this is not the WebAssembly of a circuit', {
      where: 'circuit',
      hint: 'circom 2 makes it with --wasm: circuit_js/circuit.wasm',
      cause: error,
    });
  });
  // The last chance to hear of a signal.
  await turn();
  if (signal?.aborted === true) throw new ProverError(ProverErrorCode.Cancelled, 'the proof was cancelled');
  try {
    return blocking(() => calculator.calculateFlat(inputs));
  } catch (error) {
    if (!(error instanceof ProverError) || error.code !== ProverErrorCode.Unsatisfied) throw error;
    // The calculator's hint speaks of credentials; this circuit may be about anything.
    throw new ProverError(error.code, error.message, {
      where: error.where,
      hint: 'the inputs break a rule of the circuit, in the template and line that are named',
    });
  }
}
