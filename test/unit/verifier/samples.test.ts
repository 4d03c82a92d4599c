import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULT_PROOFS_DIRECTORY, readCircuitList } from '../../../src/artifacts/index.ts';
import { verifyFiles } from '../../../src/verifier/index.ts';
import { ENGINES } from './engines.ts';

const folder = join(DEFAULT_PROOFS_DIRECTORY, 'samples');
const read = async (...path: string[]): Promise<Uint8Array> => new Uint8Array(await readFile(join(...path)));
const samples = JSON.parse(await readFile(join(folder, 'samples.json'), 'utf8')) as {
  name: string;
  circuit: string;
  valid: boolean;
  code: string;
}[];

test('every circuit has a good sample and bad ones', async () => {
  for (const { name } of (await readCircuitList()).circuits) {
    const verdicts = samples.filter(({ circuit }) => circuit === name).map(({ valid }) => valid);
    assert.ok(verdicts.includes(true) && verdicts.includes(false), name);
  }
});

for (const { name, circuit, valid, code } of samples) {
  test(`the sample ${name} is ${code}`, async () => {
    const files = {
      verifyingKey: await read(DEFAULT_PROOFS_DIRECTORY, circuit, 'verifying-key.json'),
      publicSignals: await read(folder, name, 'public.json'),
      proof: await read(folder, name, 'proof.json'),
    };
    for (const engine of ENGINES) {
      const verdict = await verifyFiles(files, engine);
      assert.deepEqual({ valid: verdict.valid, code: verdict.code }, { valid, code });
    }
  });
}
