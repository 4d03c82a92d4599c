import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { type CircuitName, type Claim, PUBLIC_SIGNALS } from '../../../src/claims/index.ts';
import { WitnessCalculator } from '../../../src/prover/witness-calculator.ts';

const calculators = new Map<CircuitName, Promise<WitnessCalculator>>();

/** The public signals that the real circuit computes from a claim's inputs. @throws ProverError where they break a rule */
export async function publicSignalsOf({ circuit, inputs }: Pick<Claim, 'circuit' | 'inputs'>): Promise<string[]> {
  const wasm = join(PACKAGE_ROOT, 'proofs', circuit, 'circuit.wasm');
  const calculator = calculators.get(circuit) ?? readFile(wasm).then((bytes) => WitnessCalculator.create(bytes));
  calculators.set(circuit, calculator);
  const { body } = (await calculator).calculate(inputs);
  // Signal 0 of every witness is the constant 1; outputs and public inputs follow.
  return PUBLIC_SIGNALS[circuit].map((_, i) => {
    const little = body.subarray((i + 1) * 32, (i + 2) * 32);
    return BigInt(`0x${Buffer.from(little).reverse().toString('hex')}`).toString();
  });
}
