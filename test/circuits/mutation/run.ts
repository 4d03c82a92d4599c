/** `npm run circuits:mutate [circuit …]`: the complete mutation run, with progress; fails on an unexplained survivor. */
import { readCircuitList } from '../../../src/artifacts/index.ts';
import { createWorld } from '../fixtures.ts';
import { compileWithoutAssertions } from '../harness.ts';
import { mutate } from './mutate.ts';

const list = await readCircuitList();
const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : list.circuits.map((circuit) => circuit.name);
const world = await createWorld();
let unexplained = 0;
for (const name of names) {
  const started = performance.now();
  const report = mutate(name, await compileWithoutAssertions(name), world, {
    log: (line) => process.stderr.write(`${line}\n`),
  });
  unexplained += report.survivors.length;
  process.stdout.write(`${JSON.stringify({ ...report, seconds: Math.round((performance.now() - started) / 1000) })}\n`);
}
process.exitCode = unexplained === 0 ? 0 : 1;
