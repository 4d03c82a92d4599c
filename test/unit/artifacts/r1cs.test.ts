import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import {
  allocateWitnessFile,
  closeCurve,
  countLinear,
  firstBrokenConstraint,
  loadArtifacts,
  type R1cs,
  readR1cs,
  readR1csHeader,
  readWitnessFile,
} from '../../../src/artifacts/index.ts';
import { calculateWitness } from '../../../src/prover/index.ts';
import { powerInputs, type TinyProject, tinyProject } from './tiny.ts';

let project: TinyProject;
let bytes: Uint8Array;
let r1cs: R1cs;
let witness: bigint[];
beforeEach(async () => {
  project = await tinyProject();
  const registry = await loadArtifacts({ ...project, production: false });
  bytes = await registry.openR1cs('power');
  r1cs = readR1cs(bytes);
  witness = await calculateWitness(registry, 'power', powerInputs());
});
afterEach(() => project.remove());
after(() => closeCurve());

describe('a constraint system', () => {
  it('has the counts of its header and public wires first', () => {
    assert.deepEqual(
      { ...readR1csHeader(bytes) },
      {
        nWires: r1cs.nWires,
        nPubOut: 1,
        nPubIn: 1,
        nPrvIn: 5,
        nLabels: r1cs.nLabels,
        nConstraints: r1cs.constraints.length,
      },
    );
    assert.equal(r1cs.wireToLabel.length, r1cs.nWires);
    assert.equal(countLinear(r1cs), 0);
    assert.deepEqual(witness.slice(0, 3), [1n, 3n ** 8n + 5n, 5n]);
  });
  it('holds for the witness, and for none in which a constrained wire is changed', () => {
    assert.equal(firstBrokenConstraint(r1cs, witness), -1);
    const used = new Set(r1cs.constraints.flatMap((rows) => rows.flatMap((row) => [...row.keys()])));
    assert.ok(used.size > 20);
    for (const wire of used) {
      const changed = witness.slice();
      changed[wire] = (changed[wire] ?? 0n) + 1n;
      assert.notEqual(firstBrokenConstraint(r1cs, changed), -1, `wire ${wire}`);
    }
  });
  it('that is cut at any section or of another field is refused', () => {
    for (let length = 0; length < bytes.length; length += 61) {
      assert.throws(() => readR1cs(bytes.slice(0, length)), { code: 'ARTIFACT_FORMAT_INVALID' });
    }
    const other = Uint8Array.from(bytes);
    const prime = Buffer.from(other).indexOf(Buffer.from('010000f093f5e143', 'hex'));
    assert.ok(prime > 0);
    other[prime] = 3;
    assert.throws(() => readR1cs(other), { code: 'ARTIFACT_FORMAT_INVALID' });
  });
});

describe('a witness file', () => {
  it('is read back as written', () => {
    const { file, body } = allocateWitnessFile(3);
    body.set([7], 0);
    body.set([1, 2], 32);
    body.set([255], 64);
    assert.deepEqual(readWitnessFile(file), [7n, 513n, 255n]);
    assert.throws(() => readWitnessFile(file.slice(0, -1)), { code: 'ARTIFACT_FORMAT_INVALID' });
  });
});
