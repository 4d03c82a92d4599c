import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CircuitRegistry, loadArtifacts, readWitnessFile } from '../../../src/artifacts/index.ts';
import { SCALAR_FIELD_ORDER } from '../../../src/base/field.ts';
import { type CircuitInputs, calculateWitness, ProverError, WitnessCalculator } from '../../../src/prover/index.ts';
import { powerInputs, type TinyProject, tinyProject } from '../artifacts/tiny.ts';

let project: TinyProject;
let circuits: CircuitRegistry;
let calculator: WitnessCalculator;
before(async () => {
  project = await tinyProject();
  circuits = await loadArtifacts({ ...project, production: false });
  calculator = await WitnessCalculator.create((await circuits.openProving('power')).wasm);
});
after(() => project.remove());

const refusal = (inputs: CircuitInputs): ProverError => {
  try {
    calculator.calculate(inputs);
  } catch (error) {
    assert.ok(error instanceof ProverError, String(error));
    return error;
  }
  return assert.fail('no refusal');
};

describe('the witness calculator', () => {
  it('computes outputs first, and again with the same instance', () => {
    for (const a of [3, 1, 65535, 2]) {
      const witness = readWitnessFile(calculator.calculate(powerInputs(a)).file);
      assert.deepEqual(witness.slice(0, 3), [1n, BigInt(a) ** 8n + 5n, 5n]);
    }
  });

  it('computes with values at the end of the field', () => {
    const salt = SCALAR_FIELD_ORDER - 1n;
    const witness = readWitnessFile(calculator.calculate({ ...powerInputs(1), salt: String(salt) }).file);
    assert.deepEqual(witness.slice(0, 3), [1n, 0n, salt]);
  });

  it('agrees with the helper for tests', async () => {
    const expected = readWitnessFile(calculator.calculate(powerInputs()).file);
    assert.deepEqual(await calculateWitness(circuits, 'power', powerInputs()), expected);
  });

  it('takes nested and flat arrays alike', () => {
    const nested = calculator.calculate(powerInputs()).file;
    assert.deepEqual(calculator.calculate({ ...powerInputs(), note: ['1', '2', '3', '4'] }).file, nested);
  });
});

describe('a broken rule', () => {
  it('is named by its templates from the outermost in, with lines and without values', () => {
    const error = refusal({ ...powerInputs(), a: '70001' });
    assert.equal(error.code, 'PROVER_UNSATISFIED');
    assert.match(error.where ?? '', /^PowerOfEight line \d+ > Num2Bits line \d+$/);
    assert.equal(`${error.message} ${error.stack} ${error.hint}`.includes('70001'), false);
    assert.match(refusal(powerInputs(0)).where ?? '', /^PowerOfEight line \d+$/);
  });
  it('leaves the calculator usable', () => {
    refusal(powerInputs(0));
    assert.equal(readWitnessFile(calculator.calculate(powerInputs(2)).file)[1], 261n);
  });
});

describe('inputs', () => {
  const secret = '987654321987654321';
  const cases: [string, CircuitInputs][] = [
    ['a missing signal', { salt: '5', a: secret }],
    ['an unknown signal', { ...powerInputs(), other: secret }],
    ['too few values', { ...powerInputs(), note: [secret] }],
    ['too many values', { ...powerInputs(), a: [secret, secret] }],
    ['a value that is no decimal', { ...powerInputs(), a: `x${secret}` }],
    ['a leading zero', { ...powerInputs(), a: `0${secret}` }],
    ['a value of the field order', { ...powerInputs(), a: String(SCALAR_FIELD_ORDER) }],
    ['a number', { ...powerInputs(), a: 987654321987654 as never }],
    ['nothing', { ...powerInputs(), a: undefined as never }],
    ['arrays without an end', { ...powerInputs(), a: [[[[[[[[[[[secret]]]]]]]]]]] }],
    ['a strange name', { ...powerInputs(), [`a ${secret}`]: '1' }],
    ['a list of inputs', [secret] as never],
    ['null', null as never],
  ];
  for (const [name, inputs] of cases) {
    it(`with ${name} are refused without showing values`, () => {
      const error = refusal(inputs);
      assert.equal(error.code, 'PROVER_INPUT_INVALID');
      assert.equal(`${error.message} ${error.stack} ${error.where} ${error.hint}`.includes('987654321'), false);
    });
  }
});
