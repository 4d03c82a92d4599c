import { createVerifier } from '../../../src/verifier/index.ts';
import { verifierCompliance } from './compliance.ts';

verifierCompliance('mcl on the calling thread', (keys) => createVerifier({ keys }));
