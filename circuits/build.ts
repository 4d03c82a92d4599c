import {
  buildCircuits,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  readCircuitList,
} from '../src/artifacts/index.ts';
import { runScript, showProgress } from './progress.ts';

// npm run circuits:build [-- --check]: compiles every circuit of circuits.json into proofs/.
await runScript(async () => {
  const built = await buildCircuits({
    list: await readCircuitList(),
    circuitsDirectory: DEFAULT_CIRCUITS_DIRECTORY,
    proofsDirectory: DEFAULT_PROOFS_DIRECTORY,
    check: process.argv.includes('--check'),
    onProgress: showProgress,
  });
  for (const { circuit, header, r1cs, wasm, witnessGraph, unchanged } of built) {
    process.stdout.write(
      `${circuit}: ${header.nConstraints} constraints, r1cs ${r1cs.sha256}, wasm ${wasm.sha256}, ${unchanged ? 'unchanged' : 'written'}\n`,
    );
    if (witnessGraph.reason !== undefined)
      process.stdout.write(`${circuit}: no witness graph: ${witnessGraph.reason}\n`);
  }
});
