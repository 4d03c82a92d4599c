import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import {
  applyBeacon,
  type CeremonyTranscript,
  ceremonyKey,
  closeCurve,
  contribute,
  developmentPowersOfTau,
  finalizeCeremony,
  loadArtifacts,
  type MakingProgress,
  openCeremony,
  openPowersOfTau,
  type PowersOfTau,
  parseTranscript,
  readBuiltR1cs,
  readProvingKeyHeader,
  startCeremony,
  verifyCeremony,
} from '../../../src/artifacts/index.ts';
import { refuses } from './refusals.ts';
import { TINY_POWER, type TinyProject, tinyProject } from './tiny.ts';

const BEACON = { beacon: 'c0ffee'.repeat(10), iterationsExp: 10 };

let project: TinyProject;
let directory: string;
let powersOfTau: PowersOfTau;

/** Starting costs a second; each test goes on from a copy of the started folder. */
async function start(overrides: Partial<Parameters<typeof startCeremony>[0]> = {}): Promise<CeremonyTranscript> {
  const r1cs = await readBuiltR1cs(project.proofsDirectory, 'power');
  return startCeremony({ directory, circuit: 'power', r1cs, powersOfTau, ...overrides });
}

const definition = () => {
  const found = project.list.circuits[0];
  assert.ok(found);
  return found;
};
const finalize = (setup: 'development' | 'production') =>
  finalizeCeremony({
    directory,
    powersOfTau,
    definition: definition(),
    proofsDirectory: project.proofsDirectory,
    setup,
  });

beforeEach(async () => {
  project = await tinyProject();
  directory = join(project.root, 'ceremony');
  const path = join(project.cache, 'ptau', `development-${TINY_POWER}.ptau`);
  powersOfTau = await openPowersOfTau(path, 'external');
});
afterEach(() => project.remove());
after(() => closeCurve());

describe('a ceremony', () => {
  it('of two contributors and a beacon makes production keys that load', async () => {
    const seen: MakingProgress[] = [];
    const onProgress = (progress: MakingProgress) => seen.push(progress);
    await start({ onProgress });
    await contribute({ directory, name: 'Ada', onProgress });
    await contribute({ directory, name: 'Brahms', entropy: 'dice', onProgress });
    const closed = await applyBeacon({ directory, ...BEACON, onProgress });
    assert.deepEqual(
      closed.steps.map(({ name, kind }) => `${kind} ${name}`),
      ['contribution Ada', 'contribution Brahms', 'beacon beacon'],
    );
    assert.deepEqual(closed.steps[2]?.beacon, { value: BEACON.beacon, iterationsExp: 10 });
    const verified = await verifyCeremony({ directory, powersOfTau, onProgress });
    assert.deepEqual(verified, closed);

    const manifest = await finalize('production');
    assert.equal(manifest.setup, 'production');
    assert.equal(manifest.powersOfTau.sha256, powersOfTau.sha256);
    const registry = await loadArtifacts({ ...project, production: true, circuits: ['power'] });
    const { provingKey } = await registry.openProving('power');
    assert.deepEqual(provingKey, new Uint8Array(await readFile(ceremonyKey(directory, 3))));
    const transcript = await readFile(join(project.proofsDirectory, 'setup', 'power.json'));
    assert.deepEqual(parseTranscript(new Uint8Array(transcript), 'power.json'), closed);
    for (const step of ['initial key', 'contribution', 'beacon', 'verification']) {
      assert.ok(
        seen.some((progress) => progress.step === step),
        `no progress of ${step}`,
      );
    }
  });

  it('of one contributor makes development keys only', async () => {
    await start();
    await contribute({ directory, name: 'Ada' });
    await refuses('ARTIFACT_CEREMONY_STATE', () => finalize('production'));
    assert.equal((await finalize('development')).setup, 'development');
  });

  it('with one contributor twice, without a beacon, or from development powers of tau is not production', async () => {
    await start();
    await contribute({ directory, name: 'Ada' });
    await contribute({ directory, name: 'Ada' });
    assert.match((await refuses('ARTIFACT_CEREMONY_STATE', () => finalize('production'))).message, /contributors/);
    await contribute({ directory, name: 'Brahms' });
    assert.match((await refuses('ARTIFACT_CEREMONY_STATE', () => finalize('production'))).message, /beacon/);
    await rm(directory, { recursive: true });
    powersOfTau = { ...powersOfTau, origin: 'development' };
    await start();
    await contribute({ directory, name: 'Ada' });
    await contribute({ directory, name: 'Brahms' });
    await applyBeacon({ directory, ...BEACON });
    assert.match((await refuses('ARTIFACT_CEREMONY_STATE', () => finalize('production'))).message, /one party/);
  });
});

describe('an interrupted ceremony', () => {
  it('goes on where it was cut: a half-written key is cleared', async () => {
    await start();
    await writeFile(`${ceremonyKey(directory, 1)}.part`, 'half a key');
    const { steps } = await contribute({ directory, name: 'Ada' });
    assert.equal(steps.length, 1);
    await verifyCeremony({ directory, powersOfTau });
  });

  it('goes on where it was cut: a whole key that was not recorded is adopted', async () => {
    const before = await start();
    const after = await contribute({ directory, name: 'Ada' });
    await writeFile(join(directory, 'transcript.json'), JSON.stringify(before));
    assert.deepEqual(await openCeremony(directory), after);
  });

  it('starting again changes nothing', async () => {
    await start();
    const after = await contribute({ directory, name: 'Ada' });
    assert.deepEqual(await start(), after);
  });

  it('a folder with another ceremony is refused', async () => {
    await start();
    const r1cs = await readBuiltR1cs(project.proofsDirectory, 'chain');
    await refuses('ARTIFACT_CEREMONY_STATE', () => start({ circuit: 'chain', r1cs }));
  });
});

describe('a ceremony refuses', () => {
  it('a contribution or a second beacon after the beacon, and a beacon before any contribution', async () => {
    await start();
    await refuses('ARTIFACT_CEREMONY_STATE', () => applyBeacon({ directory, ...BEACON }));
    await contribute({ directory, name: 'Ada' });
    await applyBeacon({ directory, ...BEACON });
    await refuses('ARTIFACT_CEREMONY_STATE', () => contribute({ directory, name: 'Late' }));
    await refuses('ARTIFACT_CEREMONY_STATE', () => applyBeacon({ directory, ...BEACON }));
  });

  it('unusable names and beacons', async () => {
    await start();
    for (const name of ['', ' Ada', 'a\nb', '\u001b[2J', 'x'.repeat(49)]) {
      await refuses('ARTIFACT_CEREMONY_STATE', () => contribute({ directory, name }));
    }
    for (const beacon of ['', 'abc', 'XY', 'ab'.repeat(256)]) {
      await refuses('ARTIFACT_CEREMONY_STATE', () => applyBeacon({ directory, beacon, iterationsExp: 10 }));
    }
    for (const iterationsExp of [9, 64, 10.5, Number.NaN]) {
      await refuses('ARTIFACT_CEREMONY_STATE', () => applyBeacon({ directory, beacon: 'ab', iterationsExp }));
    }
  });

  it('to go on from a key that is not the recorded one', async () => {
    await start();
    await contribute({ directory, name: 'Ada' });
    await copyFile(ceremonyKey(directory, 0), ceremonyKey(directory, 1));
    await refuses('ARTIFACT_CEREMONY_INVALID', () => contribute({ directory, name: 'Brahms' }));
    await refuses('ARTIFACT_CEREMONY_INVALID', () => verifyCeremony({ directory, powersOfTau }));
  });

  it('an unrecorded key that drops an earlier contribution', async () => {
    await start();
    await contribute({ directory, name: 'Ada' });
    // A second contribution made from the initial key, as if Ada had never been.
    const other = join(project.root, 'other');
    const first = directory;
    directory = other;
    await start();
    await contribute({ directory: other, name: 'Mallory' });
    await rename(ceremonyKey(other, 1), ceremonyKey(first, 2));
    await refuses('ARTIFACT_CEREMONY_INVALID', () => openCeremony(first));
  });

  it('to verify another circuit, other powers of tau, or nothing', async () => {
    await start();
    await refuses('ARTIFACT_CEREMONY_INVALID', () => verifyCeremony({ directory, powersOfTau }));
    await contribute({ directory, name: 'Ada' });
    const wrong = { ...powersOfTau, sha256: '00'.repeat(32) };
    await refuses('ARTIFACT_CEREMONY_INVALID', () => verifyCeremony({ directory, powersOfTau: wrong }));
    await writeFile(join(directory, 'circuit.r1cs'), await readBuiltR1cs(project.proofsDirectory, 'chain'));
    await refuses('ARTIFACT_CEREMONY_INVALID', () => verifyCeremony({ directory, powersOfTau }));
  });

  it('a chain whose hashes agree but whose key is of other powers of tau', async () => {
    await start();
    await contribute({ directory, name: 'Ada' });
    const fresh = await developmentPowersOfTau(join(project.root, 'fresh'), TINY_POWER);
    const file = join(directory, 'transcript.json');
    const transcript = JSON.parse(await readFile(file, 'utf8')) as CeremonyTranscript;
    const forged = { ...transcript, powersOfTau: { ...transcript.powersOfTau, sha256: fresh.sha256 } };
    await writeFile(file, JSON.stringify(forged));
    const error = await refuses('ARTIFACT_CEREMONY_INVALID', () => verifyCeremony({ directory, powersOfTau: fresh }));
    assert.match(error.message, /chain of contributions/);
  });

  it('a key whose contribution was tampered with, and prints nothing', async (t) => {
    await start();
    await contribute({ directory, name: 'Ada' });
    const path = ceremonyKey(directory, 1);
    const key = new Uint8Array(await readFile(path));
    // The transcript hash of the contribution, 64 bytes before its kind, its parameters' length, and its name.
    const end = key.length - 4 - 4 - 2 - 'Ada'.length;
    key[end - 1] = (key[end - 1] ?? 0) ^ 1;
    await writeFile(path, key);
    const [{ hash } = assert.fail('no contribution')] = readProvingKeyHeader(key).contributions;
    const file = join(directory, 'transcript.json');
    const transcript = JSON.parse(await readFile(file, 'utf8')) as CeremonyTranscript;
    const sha256 = createHash('sha256').update(key).digest('hex');
    const steps = transcript.steps.map((step) => ({ ...step, hash, key: sha256 }));
    await writeFile(file, JSON.stringify({ ...transcript, steps }));
    const printed = t.mock.method(globalThis.console, 'log', () => {});
    const error = await refuses('ARTIFACT_CEREMONY_INVALID', () => verifyCeremony({ directory, powersOfTau }));
    assert.match(error.message, /Inconsistent transcript/);
    assert.equal(printed.mock.callCount(), 0);
  });

  it('to finalize for another circuit', async () => {
    await start();
    await contribute({ directory, name: 'Ada' });
    const chain = project.list.circuits[1];
    assert.ok(chain);
    await refuses('ARTIFACT_CEREMONY_INVALID', () =>
      finalizeCeremony({
        directory,
        powersOfTau,
        definition: chain,
        proofsDirectory: project.proofsDirectory,
        setup: 'development',
      }),
    );
  });

  it('a transcript that is malformed', async () => {
    await start();
    await writeFile(join(directory, 'transcript.json'), '{"version":1}');
    await refuses('ARTIFACT_CEREMONY_INVALID', () => openCeremony(directory));
  });
});

describe('powers of tau', () => {
  it('that are cut, missing, or something else are refused', async () => {
    const path = join(project.root, 'cut.ptau');
    await refuses('ARTIFACT_POWERS_OF_TAU_INVALID', () => openPowersOfTau(path, 'external'));
    await copyFile(powersOfTau.path, path);
    await truncate(path, 100_000);
    await refuses('ARTIFACT_POWERS_OF_TAU_INVALID', () => openPowersOfTau(path, 'external'));
    await writeFile(path, 'not powers of tau at all');
    await refuses('ARTIFACT_POWERS_OF_TAU_INVALID', () => openPowersOfTau(path, 'external'));
  });

  it('that are too few for the circuit are refused', async () => {
    await refuses('ARTIFACT_TOO_MANY_CONSTRAINTS', () => start({ powersOfTau: { ...powersOfTau, power: 4 } }));
  });

  it('are made once and then taken from the cache', async () => {
    const cache = join(project.root, 'new-cache');
    const made = await developmentPowersOfTau(cache, 3);
    assert.equal(made.power, 3);
    const steps: MakingProgress[] = [];
    const found = await developmentPowersOfTau(cache, 3, (progress) => steps.push(progress));
    assert.deepEqual(found, made);
    assert.deepEqual(steps, []);
  });
});
