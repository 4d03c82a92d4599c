import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCircuitList } from '../../src/artifacts/index.ts';
import { createWorld } from './fixtures.ts';
import { type Circuit, compileWithoutAssertions } from './harness.ts';
import { mutate } from './mutation/mutate.ts';

/** Every constraint has its tangent test here; of those it leaves, one in this many has the search. 1 = complete. */
const SHARE = Number(process.env['ZKBAZAAR_MUTATION_SHARE'] ?? 16);

const builds = new Map<string, ReturnType<typeof compileWithoutAssertions>>();
function built(name: string): ReturnType<typeof compileWithoutAssertions> {
  const build = builds.get(name) ?? compileWithoutAssertions(name);
  builds.set(name, build);
  return build;
}

describe('mutation: each constraint dropped in turn', async () => {
  const { circuits } = await readCircuitList();
  for (const { name } of circuits) {
    it(`of ${name} is noticed`, async () => {
      const report = mutate(name, await built(name), await createWorld(), { share: SHARE });
      assert.deepEqual(report.survivors, []);
      assert.equal(report.tangent + report.exhibited + report.gadget + report.left, report.constraints);
      assert.ok(report.tangent > report.constraints / 3);
    });
  }

  it('survives where a constraint is redundant: the judge can fail', async () => {
    const { circuit, wireNames } = await built('balance');
    const [first] = circuit.r1cs.constraints;
    assert.ok(first);
    const constraints = [...circuit.r1cs.constraints, first];
    const doubled = { r1cs: { ...circuit.r1cs, constraints }, witness: circuit.witness.bind(circuit) } as Circuit;
    const report = mutate('balance', { circuit: doubled, wireNames }, await createWorld(), { share: 1_000_000 });
    assert.deepEqual(
      report.survivors.map(({ row }) => row),
      [0],
    );
  });
});
