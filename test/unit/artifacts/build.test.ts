import assert from 'node:assert/strict';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import {
  ARTIFACT_FILES,
  buildCircuits,
  type CircuitDefinition,
  closeCurve,
  mainComponent,
  readBuiltR1cs,
  readCircuitList,
  setupCircuits,
} from '../../../src/artifacts/index.ts';
import { describeFile } from '../../../src/artifacts/manifest.ts';
import { readManifest, readProof, refuses, writeProof } from './refusals.ts';
import { type TinyProject, tinyProject } from './tiny.ts';

let project: TinyProject;
beforeEach(async () => {
  project = await tinyProject();
});
afterEach(() => project.remove());
after(() => closeCurve());

const onlyPower = { circuits: ['power'] };
const listWith = async (change: Partial<CircuitDefinition>) => {
  const list = await readCircuitList(project.circuitsDirectory);
  return {
    ...list,
    circuits: list.circuits.map((circuit, index) => (index === 0 ? { ...circuit, ...change } : circuit)),
  };
};

describe('building circuits', () => {
  it('reproduces r1cs and wasm bit for bit, in whatever folder it is staged', async () => {
    const before = await readManifest(project, 'power');
    const [checked] = await buildCircuits({ ...project, ...onlyPower, check: true });
    assert.equal(checked?.unchanged, true);
    for (const file of [ARTIFACT_FILES.r1cs, ARTIFACT_FILES.wasm]) {
      await rm(join(project.proofsDirectory, 'power', file));
    }
    const [built] = await buildCircuits({ ...project, ...onlyPower });
    assert.equal(built?.unchanged, false);
    assert.deepEqual(built?.r1cs, before.files.r1cs);
    assert.deepEqual(built?.wasm, before.files.wasm);
    assert.deepEqual(describeFile(await readBuiltR1cs(project.proofsDirectory, 'power')), before.files.r1cs);
    assert.deepEqual(describeFile(await readProof(project, 'power', ARTIFACT_FILES.wasm)), before.files.wasm);
  });

  it('with --check refuses a changed circuit and writes nothing', async () => {
    const wasm = await readProof(project, 'power', ARTIFACT_FILES.wasm);
    const file = join(project.circuitsDirectory, 'claims', 'power.circom');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace('a4 * a4 + salt', 'a4 * a4 + salt + 1'));
    const error = await refuses('ARTIFACT_NOT_REPRODUCIBLE', () =>
      buildCircuits({ ...project, ...onlyPower, check: true }),
    );
    assert.match(error.message, /circuit\.r1cs\.br and circuit\.wasm/);
    assert.deepEqual(await readProof(project, 'power', ARTIFACT_FILES.wasm), wasm);
  });

  it('with --check refuses a file that is missing or damaged', async () => {
    await writeProof(project, 'power', ARTIFACT_FILES.r1cs, 'not brotli');
    await rm(join(project.proofsDirectory, 'power', ARTIFACT_FILES.wasm));
    await refuses('ARTIFACT_NOT_REPRODUCIBLE', () => buildCircuits({ ...project, ...onlyPower, check: true }));
  });

  it('refuses a list whose public signals are not those of the circuit', async () => {
    const changes: Partial<CircuitDefinition>[] = [
      { outputs: ['result'] },
      { outputs: [] },
      { outputs: ['out', 'a2'] },
      // snarkjs orders public inputs as they are declared, whatever order `public [...]` has.
      { publicInputs: ['a', 'salt'] },
    ];
    for (const change of changes) {
      const list = await listWith(change);
      await refuses('ARTIFACT_PUBLIC_SIGNALS_MISMATCH', () => buildCircuits({ ...project, ...onlyPower, list }));
    }
    const unknown = await listWith({ publicInputs: ['nothing'] });
    await refuses('ARTIFACT_COMPILE_FAILED', () => buildCircuits({ ...project, ...onlyPower, list: unknown }));
  });

  it('refuses a circuit that does not fit the powers of tau', async () => {
    await refuses('ARTIFACT_TOO_MANY_CONSTRAINTS', () =>
      buildCircuits({ ...project, ...onlyPower, list: { ...project.list, maxPower: 4 } }),
    );
  });

  it('refuses another compiler than the list names', async () => {
    const list = { ...project.list, compiler: { ...project.list.compiler, circom: '2.1.9' } };
    assert.match(
      (await refuses('ARTIFACT_COMPILE_FAILED', () => buildCircuits({ ...project, list }))).message,
      /2\.1\.9/,
    );
  });

  it("hands on the compiler's words, without colours and without our folders", async () => {
    await appendFile(join(project.circuitsDirectory, 'claims', 'power.circom'), '\nsyntax error here\n');
    const error = await refuses('ARTIFACT_COMPILE_FAILED', () => buildCircuits({ ...project, ...onlyPower }));
    assert.match(error.message, /power\.circom/);
    assert.ok(!error.message.includes('\u001b') && !error.message.includes('zkbazaar-circuits-'));
  });

  it('generates the main component from the list alone', () => {
    const [power, chain] = project.list.circuits;
    assert.ok(power !== undefined && chain !== undefined);
    assert.match(mainComponent(power), /component main \{public \[salt\]\} = PowerOfEight\(\);/);
    assert.match(mainComponent(chain), /component main = Chain\(60\);/);
  });
});

describe('setting up', () => {
  it('leaves good keys alone and replaces stale ones', async () => {
    const before = await readManifest(project, 'power');
    const standing = await setupCircuits({ ...project, ...onlyPower });
    assert.deepEqual(
      standing.map(({ made }) => made),
      [false],
    );
    const file = join(project.circuitsDirectory, 'claims', 'power.circom');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace('a4 * a4 + salt', 'a4 * a4 + 2 * salt'));
    await buildCircuits({ ...project, ...onlyPower });
    const [renewed] = await setupCircuits({ ...project, ...onlyPower });
    assert.equal(renewed?.made, true);
    assert.notEqual(renewed?.manifest.files.r1cs.sha256, before.files.r1cs.sha256);
    assert.deepEqual(await readManifest(project, 'power'), renewed?.manifest);
  });

  it('of a circuit that is not built says so', async () => {
    await rm(join(project.proofsDirectory, 'power'), { recursive: true });
    await refuses('ARTIFACT_FILE_MISSING', () => setupCircuits({ ...project, ...onlyPower }), /^power\//);
  });
});

describe('the list', () => {
  const cases: [string, (list: Record<string, unknown>) => void][] = [
    ['a file outside the folder', (list) => circuit(list, 'file', '../secret.circom')],
    ['an absolute file', (list) => circuit(list, 'file', '/claims/power.circom')],
    ['a template that is code', (list) => circuit(list, 'template', 'A(); component b = B')],
    ['a name that is a path', (list) => circuit(list, 'name', '../power')],
    ['one name twice', (list) => circuit(list, 'name', 'chain')],
    ['a signal twice', (list) => circuit(list, 'outputs', ['salt'])],
    ['a parameter that is text', (list) => circuit(list, 'parameters', { depth: '4' })],
    ['a domain that is too large', (list) => Object.assign(list, { maxPower: 29 })],
    ['an unknown field', (list) => circuit(list, 'extra', 1)],
  ];
  function circuit(list: Record<string, unknown>, field: string, value: unknown): void {
    Object.assign((list['circuits'] as object[])[0] ?? {}, { [field]: value });
  }
  for (const [name, damage] of cases) {
    it(`with ${name} is refused`, async () => {
      const file = join(project.circuitsDirectory, 'circuits.json');
      const list = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      damage(list);
      await writeFile(file, JSON.stringify(list));
      await refuses('ARTIFACT_LIST_INVALID', () => readCircuitList(project.circuitsDirectory), /^circuits\.json/);
    });
  }
});
