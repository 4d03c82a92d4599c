/** A process that starts an engine, tells its id, and stays. */
import { loadArtifacts } from '../../../src/artifacts/index.ts';
import { createProver } from '../../../src/prover/index.ts';

const circuits = await loadArtifacts(JSON.parse(process.argv[2] ?? '{}'));
const prover = createProver({}, { circuits });
await prover.warm('power');
process.send?.(prover.enginePid);
setInterval(() => {}, 60_000);
