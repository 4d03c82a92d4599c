import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import {
  ARTIFACT_FILES,
  type CircuitRegistry,
  closeCurve,
  loadArtifacts,
  MANIFEST_FILE,
  packR1cs,
  readProvingKeyHeader,
  readR1cs,
} from '../../../src/artifacts/index.ts';
import { editManifest, readManifest, readProof, refuses, replaceFile, writeProof } from './refusals.ts';
import { type TinyProject, tinyProject } from './tiny.ts';

let project: TinyProject;
const load = (production = false): Promise<CircuitRegistry> => loadArtifacts({ ...project, production });
const openProving = async () => (await load()).openProving('power');

beforeEach(async () => {
  project = await tinyProject();
});
afterEach(() => project.remove());
after(() => closeCurve());

describe('what is loaded', () => {
  it('finds circuits by name and by verifying key', async () => {
    const registry = await load();
    assert.deepEqual(
      registry.list().map(({ name }) => name),
      ['power', 'chain'],
    );
    const power = registry.get('power');
    assert.equal(registry.byVerifyingKey(power.verifyingKeyId)?.name, 'power');
    assert.equal(registry.byVerifyingKey('00'.repeat(32)), undefined);
    assert.equal(power.verifyingKey.nPublic, 2);
    assert.deepEqual(power.manifest.publicSignals, ['out', 'salt']);
  });

  it('opens the proving side and the constraint system', async () => {
    const registry = await load();
    const proving = await registry.openProving('power');
    assert.equal(proving.provingKey.length, proving.manifest.files.provingKey.bytes);
    const r1cs = readR1cs(await registry.openR1cs('power'));
    assert.equal(r1cs.constraints.length, proving.manifest.constraints.total);
    assert.equal(readProvingKeyHeader(proving.provingKey).nWires, r1cs.nWires);
  });

  it('loads only the circuits asked for', async () => {
    const registry = await loadArtifacts({ ...project, production: false, circuits: ['chain'] });
    assert.deepEqual(
      registry.list().map(({ name }) => name),
      ['chain'],
    );
    await refuses('ARTIFACT_UNKNOWN_CIRCUIT', async () => registry.get('power'));
    await refuses('ARTIFACT_UNKNOWN_CIRCUIT', () =>
      loadArtifacts({ ...project, production: false, circuits: ['nothing'] }),
    );
  });

  it('hands on options that another process can take', async () => {
    const registry = await load();
    assert.deepEqual(structuredClone(registry.options), registry.options);
  });
});

describe('a missing file', () => {
  for (const file of [MANIFEST_FILE, ARTIFACT_FILES.verifyingKey]) {
    it(`${file} is refused when loading`, async () => {
      await rm(join(project.proofsDirectory, 'power', file));
      await refuses('ARTIFACT_FILE_MISSING', load, new RegExp(`^power/${file}$`));
    });
  }
  for (const file of [ARTIFACT_FILES.wasm, ARTIFACT_FILES.provingKey]) {
    it(`${file} is refused when proving`, async () => {
      await rm(join(project.proofsDirectory, 'power', file));
      await refuses('ARTIFACT_FILE_MISSING', openProving, new RegExp(`^power/${file}$`));
    });
  }
  it('circuits.json is refused', async () => {
    await rm(join(project.circuitsDirectory, 'circuits.json'));
    await refuses('ARTIFACT_FILE_MISSING', load);
  });
});

describe('a wrong hash', () => {
  const flip = async (file: string) => {
    const bytes = await readProof(project, 'power', file);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeProof(project, 'power', file, bytes);
  };
  it('of the verifying key is refused', async () => {
    await flip(ARTIFACT_FILES.verifyingKey);
    await refuses('ARTIFACT_HASH_MISMATCH', load, /verifying-key/);
  });
  for (const file of [ARTIFACT_FILES.wasm, ARTIFACT_FILES.provingKey]) {
    it(`of ${file} is refused`, async () => {
      await flip(file);
      await refuses('ARTIFACT_HASH_MISMATCH', openProving, new RegExp(file));
    });
  }
  it('of the r1cs is refused', async () => {
    const r1cs = await (await load()).openR1cs('power');
    const changed = Uint8Array.from(r1cs);
    changed[changed.length - 1] = 1;
    await writeProof(project, 'power', ARTIFACT_FILES.r1cs, packR1cs(changed));
    await refuses('ARTIFACT_HASH_MISMATCH', async () => (await load()).openR1cs('power'), /r1cs/);
  });
  it('an appended byte is refused', async () => {
    const bytes = await readProof(project, 'power', ARTIFACT_FILES.wasm);
    await writeProof(project, 'power', ARTIFACT_FILES.wasm, new Uint8Array([...bytes, 0]));
    await refuses('ARTIFACT_HASH_MISMATCH', openProving);
  });
  it('an r1cs larger than announced is not unpacked', async () => {
    await writeProof(project, 'power', ARTIFACT_FILES.r1cs, packR1cs(new Uint8Array(2 ** 22)));
    await refuses('ARTIFACT_FORMAT_INVALID', async () => (await load()).openR1cs('power'));
  });
});

describe('a malformed manifest', () => {
  const cases: [string, (text: string) => string][] = [
    ['empty', () => ''],
    ['not JSON', (text) => text.slice(0, -5)],
    ['a list', () => '[]'],
    ['version 2', (text) => text.replace('"version": 1', '"version": 2')],
    ['an unknown field', (text) => text.replace('"version": 1', '"version": 1, "extra": true')],
    ['a missing field', (text) => text.replace('"setup": "development",', '')],
    [
      'an upper-case hash',
      (text) => text.replace(/"sha256": "([0-9a-f]{64})"/, (_, hash) => `"sha256": "${hash.toUpperCase()}A"`),
    ],
    ['an unknown setup', (text) => text.replace('"development"', '"trusted"')],
    ['a negative count', (text) => text.replace(/"total": \d+/, '"total": -1')],
    ['another circuit', (text) => text.replace('"circuit": "power"', '"circuit": "chain"')],
  ];
  for (const [name, damage] of cases) {
    it(`${name} is refused`, async () => {
      const text = new TextDecoder().decode(await readProof(project, 'power', MANIFEST_FILE));
      const damaged = damage(text);
      assert.notEqual(damaged, text);
      await writeProof(project, 'power', MANIFEST_FILE, damaged);
      await refuses('ARTIFACT_MANIFEST_INVALID', load, /^power\/manifest\.json/);
    });
  }
});

describe('public signals', () => {
  it('a key with more than listed is refused', async () => {
    const list = JSON.parse(new TextDecoder().decode(await readProof(project, '../circuits', 'circuits.json')));
    list.circuits[0].publicInputs = [];
    await writeFile(join(project.circuitsDirectory, 'circuits.json'), JSON.stringify(list));
    await refuses('ARTIFACT_PUBLIC_SIGNALS_MISMATCH', load, /verifying-key/);
  });
  it('other names than listed are refused', async () => {
    await editManifest(project, 'power', (manifest) => ({ ...manifest, publicSignals: ['salt', 'out'] }));
    await refuses('ARTIFACT_PUBLIC_SIGNALS_MISMATCH', load, /manifest/);
  });
});

describe('development keys', () => {
  it('are refused on a network configured as production', async () => {
    await refuses('ARTIFACT_DEVELOPMENT_KEY', () => load(true));
  });
  it('production keys are accepted there', async () => {
    for (const circuit of ['power', 'chain']) {
      await editManifest(project, circuit, (manifest) => ({ ...manifest, setup: 'production' }));
    }
    assert.equal((await load(true)).list().length, 2);
  });
});

describe('keys of another circuit', () => {
  it('a proving key that is not of the verifying key is refused', async () => {
    const other = await tinyProject();
    try {
      // The same circuit with other randomness: everything agrees but delta.
      const { setupCircuits } = await import('../../../src/artifacts/index.ts');
      await setupCircuits({ ...other, circuits: ['power'], force: true });
      await replaceFile(project, 'power', 'provingKey', await readProof(other, 'power', ARTIFACT_FILES.provingKey));
      await refuses('ARTIFACT_CONTRIBUTION_MISMATCH', openProving);
      const { contributions } = await readManifest(other, 'power');
      await editManifest(project, 'power', (manifest) => ({ ...manifest, contributions }));
      const error = await refuses('ARTIFACT_KEY_MISMATCH', openProving, /proving-key/);
      assert.match(error.message, /vk_delta_2/);
    } finally {
      await other.remove();
    }
  });
  it('a proving key of another size is refused', async () => {
    await replaceFile(project, 'power', 'provingKey', await readProof(project, 'chain', ARTIFACT_FILES.provingKey));
    const { contributions } = await readManifest(project, 'chain');
    await editManifest(project, 'power', (manifest) => ({ ...manifest, contributions }));
    await refuses('ARTIFACT_KEY_MISMATCH', openProving);
  });
});
