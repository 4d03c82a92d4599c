import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCircuitList } from '../../src/artifacts/index.ts';
import { createWorld } from './fixtures.ts';
import { compileWithoutAssertions } from './harness.ts';
import { mutate } from './mutation/mutate.ts';

/** Every constraint has its tangent test here; of those it leaves, one in this many has the search. 1 = complete. */
const SHARE = Number(process.env['ZKBAZAAR_MUTATION_SHARE'] ?? 16);

describe('mutation: each constraint dropped in turn', async () => {
  const { circuits } = await readCircuitList();
  for (const { name } of circuits) {
    it(`of ${name} is noticed`, async () => {
      const built = await compileWithoutAssertions(name);
      const report = mutate(name, built, await createWorld(), { share: SHARE });
      assert.deepEqual(report.survivors, []);
      assert.equal(report.tangent + report.exhibited + report.gadget + report.left, report.constraints);
      assert.ok(report.tangent > report.constraints / 2);
    });
  }

  it('survives where a constraint is redundant: the judge can fail', async () => {
    const built = await compileWithoutAssertions('credential');
    const [first] = built.circuit.r1cs.constraints;
    assert.ok(first);
    built.circuit.r1cs.constraints.push(first);
    const report = mutate('credential', built, await createWorld(), { share: 1_000_000 });
    assert.equal(
      report.tangent + report.left + report.exhibited + report.gadget + report.survivors.length,
      report.constraints,
    );
    assert.deepEqual(
      report.survivors.map(({ row }) => row),
      [0],
    );
  });
});
