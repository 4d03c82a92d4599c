import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { loadNative } from '../../../src/base/native/load.ts';
import { ENGINES } from './engines.ts';

it(`the verifier's tests go over these engines: ${ENGINES.join(', ')}`, () => {
  if (ENGINES.includes('native') || process.env['ZKBAZAAR_NATIVE'] === 'off') return;
  // Without this a broken build would pass for a machine without cargo.
  const cargo = spawnSync('cargo', ['--version']).status === 0;
  assert.ok(!cargo, `cargo is here, but the addon is not: ${loadNative().reason}; run npm run native:build`);
});
