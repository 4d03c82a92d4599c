import {
  cacheDirectory,
  closeCurve,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  readCircuitList,
  setupCircuits,
} from '../src/artifacts/index.ts';
import { runScript, showProgress } from './progress.ts';

// npm run circuits:setup [-- --force]: development keys for every built circuit that has none.
await runScript(async () => {
  try {
    const results = await setupCircuits({
      list: await readCircuitList(),
      circuitsDirectory: DEFAULT_CIRCUITS_DIRECTORY,
      proofsDirectory: DEFAULT_PROOFS_DIRECTORY,
      cache: cacheDirectory(process.env),
      force: process.argv.includes('--force'),
      onProgress: showProgress,
    });
    for (const { circuit, made, manifest } of results) {
      process.stdout.write(
        `${circuit}: ${made ? 'new' : 'standing'} ${manifest.setup} keys, verifying key ${manifest.files.verifyingKey.sha256}\n`,
      );
    }
  } finally {
    await closeCurve();
  }
});
