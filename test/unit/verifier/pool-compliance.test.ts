import { createVerifierPool } from '../../../src/verifier/index.ts';
import { verifierCompliance } from './compliance.ts';
import { ENGINES } from './engines.ts';

for (const engine of ENGINES)
  verifierCompliance(`${engine} on other threads`, async (keys) => createVerifierPool({ keys, engine, workers: 2 }));
