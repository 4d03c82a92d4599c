/** Compiled circuits and their witnesses for the tests of this folder. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CircuitDefinition,
  compileCircuit,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  firstBrokenConstraint,
  listCircomFiles,
  type R1cs,
  readBuiltR1cs,
  readCircuitList,
  readR1cs,
  readWitnessFile,
  stageCircuits,
} from '../../src/artifacts/index.ts';
import { WitnessCalculator } from '../../src/prover/witness-calculator.ts';
import type { Inputs } from './fixtures.ts';

export type Texts = string | Texts[];

/** Decimals for the witness calculator; negative and over-large values are passed on as they are. */
export function asDecimals(inputs: Inputs): Record<string, Texts> {
  const write = (value: unknown): Texts => (Array.isArray(value) ? value.map(write) : String(value));
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, write(value)]));
}

/** A circuit as it is committed: the wasm that users run, and the constraints that their proofs are made of. */
export class Circuit {
  readonly r1cs: R1cs;
  readonly #calculator: WitnessCalculator;
  /** Wire of the calculator for each wire of the constraints, where the two were compiled apart. */
  readonly #order: readonly number[] | undefined;

  constructor(r1cs: R1cs, calculator: WitnessCalculator, order?: readonly number[]) {
    this.r1cs = r1cs;
    this.#calculator = calculator;
    this.#order = order;
  }

  static async committed(name: string): Promise<Circuit> {
    const folder = join(DEFAULT_PROOFS_DIRECTORY, name);
    const wasm = new Uint8Array(await readFile(join(folder, 'circuit.wasm')));
    return new Circuit(
      readR1cs(await readBuiltR1cs(DEFAULT_PROOFS_DIRECTORY, name)),
      await WitnessCalculator.create(wasm),
    );
  }

  /** @throws ProverError PROVER_UNSATISFIED when an assertion fails. */
  witness(inputs: Inputs): bigint[] {
    const values = readWitnessFile(this.#calculator.calculate(asDecimals(inputs) as never).file);
    return this.#order?.map((wire) => values[wire] ?? 0n) ?? values;
  }

  /** True when the calculator finds a witness and every constraint holds for it. */
  accepts(inputs: Inputs): boolean {
    let witness: bigint[];
    try {
      witness = this.witness(inputs);
    } catch (error) {
      if ((error as { code?: string }).code === 'PROVER_UNSATISFIED') return false;
      throw error;
    }
    return firstBrokenConstraint(this.r1cs, witness) === -1;
  }
}

/**
 * The attacker's build of a circuit: the same constraints, and a calculator that computes on where an assertion fails.
 * circom writes an assertion for every `===`, so the calculator comes from sources without them, unoptimised so that it
 * keeps every signal; labels (the compiler's numbering of signals) carry its values over.
 */
export async function compileWithoutAssertions(name: string): Promise<{ circuit: Circuit; wireNames: string[] }> {
  const list = await readCircuitList();
  const definition = list.circuits.find((item: CircuitDefinition) => item.name === name);
  if (definition === undefined) throw new Error(`no circuit ${name} in circuits.json`);
  const stage = await stageCircuits(DEFAULT_CIRCUITS_DIRECTORY);
  try {
    const built = await compileCircuit(stage, definition, list.compiler, { sym: true });
    await removeAssertions(stage);
    const bare = await compileCircuit(stage, definition, { ...list.compiler, optimisation: 'O0' }, { sym: true });
    const r1cs = readR1cs(built.r1cs);
    const wireOfLabel = new Map(symLines(bare.sym).map(({ label, wire }) => [label, wire]));
    const order = r1cs.wireToLabel.map((label) => wireOfLabel.get(label) ?? 0);
    const circuit = new Circuit(r1cs, await WitnessCalculator.create(bare.wasm), order);
    const wireNames = new Array<string>(r1cs.nWires).fill('');
    for (const { wire, path } of symLines(built.sym)) if (wire >= 0 && wireNames[wire] === '') wireNames[wire] = path;
    return { circuit, wireNames };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function removeAssertions(stage: string): Promise<void> {
  for (const file of await listCircomFiles(stage)) {
    const path = join(stage, file);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/^(\s*)[^\n/;{}]*[^=\n/;{}]===[^=;][^;\n]*;/gm, '$1'));
  }
}

function symLines(sym = ''): { label: number; wire: number; path: string }[] {
  return sym
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .map(([label, wire, , path]) => ({ label: Number(label), wire: Number(wire), path: path ?? '' }));
}
