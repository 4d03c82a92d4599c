import { createVerifierPool } from '../../../src/verifier/index.ts';
import { verifierCompliance } from './compliance.ts';

verifierCompliance('mcl on worker threads', async (keys) => createVerifierPool({ keys, workers: 2 }));
