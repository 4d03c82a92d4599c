/**
 * Two tiny circuits with real keys. They stand ready in test/vectors/tiny, since making them takes ten seconds;
 * `tinyProject` copies them to a folder that a test may damage.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildCircuits,
  type CircuitList,
  developmentPowersOfTau,
  type PowersOfTau,
  readCircuitList,
  setupCircuits,
} from '../../../src/artifacts/index.ts';

export const TINY_VECTORS = fileURLToPath(new URL('../../vectors/tiny/', import.meta.url));

/** out = a^8 + salt with a in 1..2^16-1; `note` only carries text that a test looks for elsewhere. */
const POWER_CIRCUIT = `pragma circom 2.2.0;
include "../lib/square.circom";
include "../circomlib/bitify.circom";

template PowerOfEight() {
    signal input salt;
    signal input a;
    signal input note[2][2];
    signal output out;
    _ <== Num2Bits(16)(a);
    signal inverse <-- a == 0 ? 0 : 1 / a;
    a * inverse === 1;
    signal a2 <== Square()(a);
    signal a4 <== Square()(a2);
    out <== a4 * a4 + salt;
    signal noteSquare <== note[0][0] * note[1][1];
    signal otherNote <== note[0][1] * note[1][0];
    log("a log line that must go nowhere", a, note[0][0]);
}
`;

const SQUARE = `pragma circom 2.2.0;

template Square() {
    signal input in;
    signal output out;
    out <== in * in;
}
`;

const CHAIN_CIRCUIT = `pragma circom 2.2.0;
include "../lib/square.circom";

template Chain(rounds) {
    signal input a;
    signal output last[2];
    signal steps[rounds + 1];
    steps[0] <== a;
    for (var i = 0; i < rounds; i++) {
        steps[i + 1] <== Square()(steps[i]);
    }
    last[0] <== steps[rounds - 1];
    last[1] <== steps[rounds];
}
`;

export const TINY_POWER = 7;

const LIST = {
  version: 1,
  compiler: { circom: '2.2.3', optimisation: 'O2', prime: 'bn128' },
  maxPower: TINY_POWER,
  circuits: [
    {
      name: 'power',
      summary: 'out is the eighth power of a, salted.',
      file: 'claims/power.circom',
      template: 'PowerOfEight',
      parameters: {},
      outputs: ['out'],
      publicInputs: ['salt'],
    },
    {
      name: 'chain',
      summary: 'Squares of squares.',
      file: 'claims/chain.circom',
      template: 'Chain',
      parameters: { rounds: 60 },
      outputs: ['last0', 'last1'],
      publicInputs: [],
    },
  ],
};

export interface TinyProject {
  root: string;
  circuitsDirectory: string;
  proofsDirectory: string;
  cache: string;
  list: CircuitList;
  remove(): Promise<void>;
}

/** A copy of the ready project. */
export async function tinyProject(): Promise<TinyProject> {
  const root = await mkdtemp(join(tmpdir(), 'zkbazaar-tiny-'));
  await cp(TINY_VECTORS, root, { recursive: true });
  return openProject(root);
}

/** Circuits and `circuits.json`, built and with keys from nothing. */
export async function makeTinyProject(): Promise<TinyProject & { powersOfTau: PowersOfTau }> {
  const root = await mkdtemp(join(tmpdir(), 'zkbazaar-tiny-'));
  const circuits = join(root, 'circuits');
  await mkdir(join(circuits, 'claims'), { recursive: true });
  await mkdir(join(circuits, 'lib'), { recursive: true });
  await writeFile(join(circuits, 'claims', 'power.circom'), POWER_CIRCUIT);
  await writeFile(join(circuits, 'claims', 'chain.circom'), CHAIN_CIRCUIT);
  await writeFile(join(circuits, 'lib', 'square.circom'), SQUARE);
  await writeFile(join(circuits, 'circuits.json'), `${JSON.stringify(LIST, null, 2)}\n`);
  const project = await openProject(root);
  await buildCircuits(project);
  await setupCircuits(project);
  return { ...project, powersOfTau: await developmentPowersOfTau(project.cache, TINY_POWER) };
}

async function openProject(root: string): Promise<TinyProject> {
  const circuitsDirectory = join(root, 'circuits');
  return {
    root,
    circuitsDirectory,
    proofsDirectory: join(root, 'proofs'),
    cache: join(root, 'cache'),
    list: await readCircuitList(circuitsDirectory),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Inputs of `power` with a known output. */
export function powerInputs(a = 3, salt = 5): Record<string, string | string[][]> {
  return {
    salt: String(salt),
    a: String(a),
    note: [
      ['1', '2'],
      ['3', '4'],
    ],
  };
}
