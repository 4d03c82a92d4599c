import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../base/package-root.ts';
import { ArtifactErrorCode } from './errors.ts';
import type { CircuitDefinition } from './interface.ts';
import { type Fail, Fields, failIn, parseJson, readArtifactFile } from './json.ts';

/** The parsed `circuits/circuits.json`. */
export interface CircuitList {
  compiler: { circom: string; optimisation: 'O0' | 'O1' | 'O2'; prime: 'bn128' };
  /** Every circuit fits a domain of 2^maxPower; the powers of tau are made for it. */
  maxPower: number;
  circuits: readonly CircuitDefinition[];
}

export const DEFAULT_CIRCUITS_DIRECTORY = join(PACKAGE_ROOT, 'circuits');
export const DEFAULT_PROOFS_DIRECTORY = join(PACKAGE_ROOT, 'proofs');

const LIST_FILE = 'circuits.json';
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const CIRCUIT_NAME = /^[a-z][a-z0-9-]{0,63}$/;
// Relative, forward slashes, no dots but the extension's: nothing outside the folder can be named.
const CIRCUIT_FILE = /^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.circom$/;

/** @throws ArtifactError ARTIFACT_LIST_INVALID, ARTIFACT_FILE_MISSING */
export async function readCircuitList(directory: string = DEFAULT_CIRCUITS_DIRECTORY): Promise<CircuitList> {
  return parseCircuitList(await readArtifactFile(join(directory, LIST_FILE)));
}

/** The same without waiting, for callers that cannot (help texts, test set-up). */
export function readCircuitListSync(directory: string = DEFAULT_CIRCUITS_DIRECTORY): CircuitList {
  return parseCircuitList(new Uint8Array(readFileSync(join(directory, LIST_FILE))));
}

/** All public signals of a circuit in snarkjs order. */
export function publicSignalsOf(circuit: CircuitDefinition): string[] {
  return [...circuit.outputs, ...circuit.publicInputs];
}

/** @throws ArtifactError ARTIFACT_LIST_INVALID */
export function parseCircuitList(bytes: Uint8Array): CircuitList {
  const fail = failIn(ArtifactErrorCode.ListInvalid, LIST_FILE);
  const root = new Fields(parseJson(bytes, fail), '', fail).only('version', 'compiler', 'maxPower', 'circuits');
  root.oneOf('version', [1]);
  const compiler = root.object('compiler').only('circom', 'optimisation', 'prime');
  const list: CircuitList = {
    compiler: {
      circom: compiler.text('circom', /^\d+\.\d+\.\d+$/, 'a version'),
      optimisation: compiler.oneOf('optimisation', ['O0', 'O1', 'O2']),
      prime: compiler.oneOf('prime', ['bn128']),
    },
    maxPower: root.integer('maxPower', 1, 28),
    circuits: root.list('circuits', (value, path) => readDefinition(new Fields(value, path, fail), path, fail)),
  };
  const names = list.circuits.map((circuit) => circuit.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw fail(`circuit ${twice} occurs twice`, 'circuits');
  return list;
}

function readDefinition(fields: Fields, path: string, fail: Fail): CircuitDefinition {
  fields.only('name', 'summary', 'file', 'template', 'parameters', 'outputs', 'publicInputs');
  const parameters = fields.object('parameters');
  const circuit: CircuitDefinition = {
    name: fields.text('name', CIRCUIT_NAME, 'a name of lower-case letters, digits and hyphens'),
    summary: fields.text('summary', /^[^\n]{1,200}$/, 'one line'),
    file: fields.text('file', CIRCUIT_FILE, 'a .circom file below circuits/'),
    template: fields.text('template', IDENTIFIER, 'a template name'),
    parameters: Object.fromEntries(parameters.keys().map((key) => [key, parameters.integer(key, 0, 1_000_000)])),
    outputs: fields.texts('outputs', IDENTIFIER, 'a signal name'),
    publicInputs: fields.texts('publicInputs', IDENTIFIER, 'a signal name'),
  };
  const signals = publicSignalsOf(circuit);
  if (new Set(signals).size !== signals.length) throw fail('a public signal occurs twice', path);
  return circuit;
}
