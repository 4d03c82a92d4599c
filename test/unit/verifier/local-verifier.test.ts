import { createVerifier } from '../../../src/verifier/index.ts';
import { verifierCompliance } from './compliance.ts';
import { ENGINES } from './engines.ts';

for (const engine of ENGINES)
  verifierCompliance(`${engine} on the calling thread`, (keys) => createVerifier({ keys, engine }));
