import { SCALAR_FIELD_ORDER } from '../base/field.ts';
import { invalid } from './inputs.ts';

/** Circuits with more input values than this exceed the largest ceremony; nesting is what circom can declare. */
const MAX_VALUES = 1 << 26;
const MAX_DEPTH = 64;
/** Enough digits for any value that is meant; keeps BigInt() off megabyte texts, whose time grows with their square. */
const MAX_DIGITS = 4_096;

/**
 * Inputs as snarkjs takes them from a JSON file: integers as numbers or as text (decimal, 0x, 0o, 0b, sign, blanks
 * around, empty for 0), true and false, arrays nested at will; all reduced modulo r. One difference: a number beyond
 * 2^53 is refused, since JSON has rounded it already, and snarkjs would prove the rounded one.
 * For our own circuits `flattenInputs` is the gate, which takes one spelling per value.
 * @throws ProverError PROVER_INPUT_INVALID; names the signal, never its value
 */
export function readSnarkjsInputs(inputs: unknown): Map<string, bigint[]> {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
    throw invalid('the inputs must be an object: signal names and their values');
  }
  const flat = new Map<string, bigint[]>();
  let count = 0;
  const collect = (name: string, into: bigint[], value: unknown, depth: number): void => {
    if (Array.isArray(value)) {
      if (depth >= MAX_DEPTH) throw invalid(`signal ${name} is nested too deep`, name);
      for (const item of value) collect(name, into, item, depth + 1);
      return;
    }
    count += 1;
    if (count > MAX_VALUES) throw invalid(`more than ${MAX_VALUES} values`);
    into.push(toField(name, value));
  };
  for (const [name, value] of Object.entries(inputs)) {
    const values: bigint[] = [];
    collect(name, values, value, 0);
    flat.set(name, values);
  }
  return flat;
}

function toField(name: string, value: unknown): bigint {
  const integer = toInteger(name, value) % SCALAR_FIELD_ORDER;
  return integer < 0n ? integer + SCALAR_FIELD_ORDER : integer;
}

function toInteger(name: string, value: unknown): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return BigInt(value);
    throw invalid(`signal ${name} holds a number that JSON does not carry exactly: write it as text`, name);
  }
  if (typeof value === 'string' && value.length <= MAX_DIGITS) {
    try {
      return BigInt(value);
    } catch {
      // The parser's own words would repeat the value.
    }
  }
  throw invalid(`signal ${name} must hold integers: numbers, text, true or false, or arrays of them`, name);
}
