/** What stands in circuits/ and proofs/ of this repository. That it compiles to these bytes is `check:circuits`. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  DEFAULT_PROOFS_DIRECTORY,
  loadArtifacts,
  parseTranscript,
  publicSignalsOf,
  readCircuitListSync,
  readR1csHeader,
} from '../../../src/artifacts/index.ts';
import {
  GAP_DEPTH,
  MAX_BALANCE_ACCOUNTS,
  PUBLIC_SIGNALS,
  REGISTRY_DEPTH,
  SET_DEPTH,
} from '../../../src/claims/index.ts';
import { refuses } from './refusals.ts';

const list = readCircuitListSync();
const circuits = await loadArtifacts({ production: false });

describe('circuits.json', () => {
  it('lists the circuits of the claims, with their public signals in order', () => {
    const listed = Object.fromEntries(list.circuits.map((circuit) => [circuit.name, publicSignalsOf(circuit)]));
    assert.deepEqual(listed, { ...PUBLIC_SIGNALS });
  });
  it('has the depths and counts of the claims', () => {
    const depths = {
      registryDepth: REGISTRY_DEPTH,
      revocationDepth: GAP_DEPTH,
      setDepth: SET_DEPTH,
      gapDepth: GAP_DEPTH,
    };
    const expected: Record<string, Record<string, number>> = {
      credential: depths,
      qualification: depths,
      balance: { accounts: MAX_BALANCE_ACCOUNTS, registryDepth: REGISTRY_DEPTH },
    };
    for (const { name, parameters } of list.circuits) assert.deepEqual(parameters, expected[name]);
  });
});

describe('proofs/', () => {
  for (const { name, definition } of circuits.list()) {
    it(`${name}: every file is the one of its manifest, and its keys pass every check`, async () => {
      const { manifest, provingKey, wasm } = await circuits.openProving(name);
      assert.ok(provingKey.length > 0 && wasm.length > 0);
      const header = readR1csHeader(await circuits.openR1cs(name));
      assert.equal(header.nConstraints, manifest.constraints.total);
      assert.equal(header.nPubOut, definition.outputs.length);
      assert.ok(header.nConstraints + header.nPubOut + header.nPubIn + 1 <= 2 ** list.maxPower);
    });
    it(`${name}: the transcript leads to the proving key`, async () => {
      const { manifest } = circuits.get(name);
      const bytes = await readFile(join(DEFAULT_PROOFS_DIRECTORY, 'setup', `${name}.json`));
      const transcript = parseTranscript(new Uint8Array(bytes), `setup/${name}.json`);
      assert.equal(transcript.steps.at(-1)?.key, manifest.files.provingKey.sha256);
      assert.equal(transcript.r1cs, manifest.files.r1cs.sha256);
      assert.equal(transcript.powersOfTau.sha256, manifest.powersOfTau.sha256);
      assert.deepEqual(
        transcript.steps.map(({ name: who, kind, hash }) => ({ name: who, kind, hash })),
        manifest.contributions,
      );
    });
  }
  it('holds development keys, which a production network refuses', async () => {
    if (circuits.list().some(({ manifest }) => manifest.setup === 'production')) return;
    await refuses('ARTIFACT_DEVELOPMENT_KEY', () => loadArtifacts({ production: true }));
  });
});
