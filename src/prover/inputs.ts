import { parseDecimal } from '../base/field.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { CircuitInputs, InputValue } from './interface.ts';

/** Signal names of circom; a message may repeat them, since they name circuit inputs and hold no values. */
const SIGNAL_NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/;
/** The largest circuit has some 600 inputs; the bounds only keep a hostile request from costing more than its parse. */
const MAX_SIGNALS = 256;
const MAX_VALUES = 65_536;
const MAX_DEPTH = 8;

/**
 * Flattens inputs to integers, row-major as circom wants them.
 * Every value must be a canonical decimal below r: a second spelling would be a second witness for one claim.
 * @throws ProverError PROVER_INPUT_INVALID; names the signal, never its value
 */
export function flattenInputs(inputs: CircuitInputs): Map<string, bigint[]> {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) throw invalid('inputs must be an object');
  const names = Object.keys(inputs);
  if (names.length > MAX_SIGNALS) throw invalid(`more than ${MAX_SIGNALS} signals`);
  const flat = new Map<string, bigint[]>();
  let count = 0;
  for (const name of names) {
    if (!SIGNAL_NAME.test(name)) throw invalid('an input has a name that no signal can have');
    const values: bigint[] = [];
    collect(inputs[name], 0);
    flat.set(name, values);

    function collect(value: InputValue | undefined, depth: number): void {
      if (Array.isArray(value) && depth < MAX_DEPTH) {
        for (const item of value as readonly InputValue[]) collect(item, depth + 1);
        return;
      }
      const parsed = parseDecimal(value);
      if (parsed === undefined) {
        throw invalid(`signal ${name} must hold canonical decimals below the field order`, name);
      }
      count += 1;
      if (count > MAX_VALUES) throw invalid(`more than ${MAX_VALUES} values`);
      values.push(parsed);
    }
  }
  return flat;
}

export function invalid(message: string, where?: string): ProverError {
  return new ProverError(ProverErrorCode.InputInvalid, message, { where });
}

/**
 * A plain copy in canonical decimals, arrays laid flat: what the caller changes afterwards does not matter, and it always
 * fits through a pipe.
 * @throws ProverError PROVER_INPUT_INVALID
 */
export function copyInputs(inputs: CircuitInputs): CircuitInputs {
  return Object.fromEntries([...flattenInputs(inputs)].map(([name, values]) => [name, values.map(String)]));
}
