import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  ARTIFACT_FILES,
  buildCircuits,
  compileCircuit,
  loadArtifacts,
  makeWitnessGraph,
  readWitnessFile,
  setupCircuits,
  stageCircuits,
} from '../../../src/artifacts/index.ts';
import { SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';
import { loadNative } from '../../../src/base/native/load.ts';
import { ProverErrorCode, WitnessCalculator } from '../../../src/prover/index.ts';
import { PlainGraph } from '../../circuits/graph-evaluator.ts';
import { readManifest, readProof, refuses, writeProof } from './refusals.ts';
import { type TinyProject, tinyProject } from './tiny.ts';

const COMPILER = { circom: '2.2.3', optimisation: 'O2', prime: 'bn128' } as const;
const { addon } = loadNative();

/** Every operation that a graph holds, unconstrained, so that no value of the inputs is refused. */
const OPERATIONS = `
  signal output out[19];
  out[0] <-- a + b;
  out[1] <-- a - b;
  out[2] <-- a * b;
  out[3] <-- -a;
  out[4] <-- a / b;
  out[5] <-- a \\ 86400;
  out[6] <-- (a >> 3) & 1;
  out[7] <-- (a >> 253) & 1;
  out[8] <-- a & 1;
  out[9] <-- a == b;
  out[10] <-- a != b;
  out[11] <-- a != 0 ? 1 / a : 0;
  out[12] <-- a == 0 ? b : a * b;
  out[13] <-- (a != 0 && b != 0) || a == 7 ? 5 : b;
  out[14] <-- !(a == b) ? a : 3;
  var found = 0;
  if (a == 1) { found = b; if (b == 2) { found = 77; } } else { found = a; }
  out[15] <-- found;
  var largest = 0;
  for (var i = 0; i < 5; i++) { if (i == a) { largest += i * b; } else { largest = largest * 2 + 1; } }
  out[16] <-- largest;
  out[17] <-- a ? b : 9;
  out[18] <-- a / (b - b);
`;

/** What depends on inputs beyond values. */
const BEYOND: [string, RegExp, string][] = [
  ['a loop', /loop/, 'signal output out; var i = 0; while (i != a) { i++; } out <-- i;'],
  ['an index', /index/, 'signal output out; var table[4] = [b, 2, 3, 4]; out <-- table[a];'],
  ['a shift by a width', /shift/, 'signal output out; out <-- (a >> b) & 1;'],
  ['an operation for which there is no node', /Fr_bxor/, 'signal output out; out <-- a ^ b;'],
  ['more than a bit of a shift', /more than one bit/, 'signal output out; out <-- (a >> 3) + b;'],
  ['an order', /depends on the inputs/, 'signal output out; out <-- a < b;'],
];

/** Something is known to hold only where another thing does. */
const ASSERTIONS = `
  signal output out;
  signal inverse <-- a == 0 ? 0 : 1 / a;
  out <== a * inverse;
  out === 1;
  if (b == 5) { assert(a == 7); }
`;

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'zkbazaar-graph-'));
});
after(() => rm(root, { recursive: true, force: true }));

async function compile(name: string, body: string): Promise<Uint8Array> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  const source = `pragma circom 2.2.0;\ntemplate T() { signal input a; signal input b; signal c <== a * b;\n${body}\n}\n`;
  await writeFile(join(folder, 'test.circom'), source);
  const stage = await stageCircuits(folder);
  try {
    const definition = {
      name,
      file: 'test.circom',
      template: 'T',
      parameters: {},
      outputs: [],
      publicInputs: [],
      summary: '',
    };
    return (await compileCircuit(stage, definition, COMPILER)).wasm;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** The witness by the graph, plainly and natively, and by the WASM: the three are the same, or all refuse. */
async function compare(wasm: Uint8Array, pairs: readonly (readonly [bigint, bigint])[]): Promise<number> {
  const { graph, reason } = makeWitnessGraph(wasm);
  assert.ok(graph !== undefined, reason);
  const plain = new PlainGraph(graph);
  const native = await addon?.openWitnessGraph(graph);
  const calculator = await WitnessCalculator.create(wasm);
  let satisfied = 0;
  for (const [a, b] of pairs) {
    let expected: bigint[] | undefined;
    try {
      expected = readWitnessFile(calculator.calculate({ a: String(a), b: String(b) }).file);
      satisfied += 1;
    } catch (error) {
      assert.equal((error as { code?: string }).code, ProverErrorCode.Unsatisfied);
    }
    assert.deepEqual(plain.evaluate([a, b]), expected, `${a}, ${b}`);
    const bytes = [a, b].map((value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
    const found = await native?.evaluate(Buffer.concat(bytes));
    if (native !== undefined) assert.deepEqual(found && valuesOf(found), expected ?? null, `${a}, ${b}`);
  }
  return satisfied;
}

const valuesOf = (bytes: Uint8Array): bigint[] =>
  Array.from({ length: bytes.length / 32 }, (_, i) =>
    BigInt(
      `0x${Buffer.from(bytes.slice(32 * i, 32 * i + 32))
        .reverse()
        .toString('hex')}`,
    ),
  );

describe('a recorded graph', () => {
  it('computes what the WASM computes, at every edge of the field', async () => {
    const edges = [0n, 1n, 2n, 3n, 4n, 7n, 86_399n, 86_400n, (1n << 31n) - 1n, 1n << 31n, 1n << 32n, 1n << 128n];
    const values = [...edges, 1n << 253n, (R - 1n) / 2n, (R + 1n) / 2n, R - 86_400n, R - (1n << 31n), R - 2n, R - 1n];
    const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
    assert.equal(await compare(await compile('operations', OPERATIONS), pairs), pairs.length);
  });

  it('fails where an assertion does, also one that only some inputs meet', async () => {
    const pairs = [0n, 1n, 5n, 7n, R - 1n].flatMap((a) => [0n, 5n, 6n].map((b) => [a, b] as const));
    // All a but 0, and with b = 5 only 7.
    assert.equal(await compare(await compile('assertions', ASSERTIONS), pairs), 9);
  });

  for (const [what, reason, body] of BEYOND) {
    it(`is refused to a circuit with ${what} that depends on inputs`, async () => {
      const made = makeWitnessGraph(await compile(what.replaceAll(' ', '-'), body));
      assert.equal(made.graph, undefined);
      assert.match(made.reason ?? '', reason);
    });
  }

  it('is refused to what is no circuit', () => {
    for (const bytes of [[], [0, 0x61, 0x73, 0x6d], [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], [...Array(64).keys()]]) {
      assert.equal(makeWitnessGraph(Uint8Array.from(bytes)).graph, undefined);
    }
  });
});

describe('the graph of a built circuit', () => {
  let project: TinyProject;
  const power = { circuits: ['power'] };
  before(async () => {
    project = await tinyProject();
  });
  after(() => project.remove());
  const graphFile = (): Promise<Uint8Array> => readProof(project, 'power', ARTIFACT_FILES.witnessGraph);
  const check = (): Promise<unknown> => buildCircuits({ ...project, ...power, check: true });

  it('is built again bit for bit, and taken up by the manifest of the keys', async () => {
    const manifest = await readManifest(project, 'power');
    const graph = await graphFile();
    const { witnessGraph, ...others } = manifest.files;
    assert.ok(witnessGraph !== undefined);
    await rm(join(project.proofsDirectory, 'power', ARTIFACT_FILES.witnessGraph));
    await writeProof(project, 'power', 'manifest.json', JSON.stringify({ ...manifest, files: others }));
    const error = await refuses('ARTIFACT_NOT_REPRODUCIBLE', check);
    assert.match(error.message, /: witness-graph\.bin\.br in/);
    await buildCircuits({ ...project, ...power });
    assert.deepEqual(await readManifest(project, 'power'), manifest);
    assert.deepEqual(await graphFile(), graph);
    const [standing] = await setupCircuits({ ...project, ...power });
    assert.equal(standing?.made, false, 'the keys stand as they were');
  });

  it('is refused when it is damaged, missing or another one', async () => {
    const graph = await graphFile();
    const open = async () => (await loadArtifacts({ ...project, ...power, production: false })).openProving('power');
    const damaged = graph.slice();
    damaged[damaged.length - 8] = (damaged.at(-8) ?? 0) ^ 1;
    for (const [bytes, code] of [
      [graph.slice(0, -5), /FORMAT_INVALID/],
      [damaged, /FORMAT_INVALID|HASH_MISMATCH/],
      [await readProof(project, 'chain', ARTIFACT_FILES.witnessGraph), /HASH_MISMATCH/],
    ] as const) {
      await writeProof(project, 'power', ARTIFACT_FILES.witnessGraph, bytes);
      await assert.rejects(open, (error) => code.test((error as { code: string }).code));
      await refuses('ARTIFACT_NOT_REPRODUCIBLE', check);
    }
    await rm(join(project.proofsDirectory, 'power', ARTIFACT_FILES.witnessGraph));
    await refuses('ARTIFACT_FILE_MISSING', open, /^power\/witness-graph/);
    await writeProof(project, 'power', ARTIFACT_FILES.witnessGraph, graph);
    assert.ok((await open()).witnessGraph !== undefined);
  });
});
