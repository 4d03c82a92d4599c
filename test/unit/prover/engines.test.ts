/** Every prover with every engine that can run here, against the promises of the port. */
import { createProver } from '../../../src/prover/index.ts';
import { LocalProver } from '../../../src/prover/local-prover.ts';
import { ENGINES } from '../verifier/engines.ts';
import { proverCompliance } from './compliance.ts';

for (const engine of ENGINES) {
  proverCompliance(`a process with ${engine}`, (circuits) => createProver({ engine, threads: 2 }, { circuits }));
  proverCompliance(`this process with ${engine}`, (circuits) => new LocalProver({ engine, threads: 2 }, { circuits }));
}
