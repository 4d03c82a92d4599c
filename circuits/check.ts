import {
  buildCircuits,
  DEFAULT_CIRCUITS_DIRECTORY,
  DEFAULT_PROOFS_DIRECTORY,
  readAcceptedFindings,
  readCircuitList,
  requireAccepted,
  runCircomspect,
} from '../src/artifacts/index.ts';
import { runScript, showProgress } from './progress.ts';

// npm run check:circuits: what stands in proofs/ is what the circuits compile to, bit for bit, and every finding of
// `circom --inspect` and circomspect has been judged.
await runScript(async () => {
  const accepted = await readAcceptedFindings(DEFAULT_CIRCUITS_DIRECTORY);
  showProgress({ circuit: 'all', step: 'inspect' });
  const findings = await runCircomspect(DEFAULT_CIRCUITS_DIRECTORY);
  const built = await buildCircuits({
    list: await readCircuitList(),
    circuitsDirectory: DEFAULT_CIRCUITS_DIRECTORY,
    proofsDirectory: DEFAULT_PROOFS_DIRECTORY,
    check: true,
    onProgress: showProgress,
  });
  requireAccepted([...findings, ...built.flatMap((circuit) => circuit.findings)], accepted);
  process.stdout.write(`${built.length} circuits reproduce; ${accepted.length} accepted findings, no other\n`);
});
