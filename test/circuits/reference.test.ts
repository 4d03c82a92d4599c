/** The benchmarks' reference circuits: the inputs that they are measured with satisfy them, and others do not. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { compileCircuit, readCircuitList, stageCircuits } from '../../src/artifacts/index.ts';
import { type CircuitInputs, calculateWitnessFrom } from '../../src/prover/index.ts';
import { REFERENCE_NAMES } from '../bench/args.ts';
import { type ReferenceInputs, referenceInputs } from '../bench/reference-inputs.ts';
import { REFERENCE_CIRCUITS } from '../bench/reference-keys.ts';

describe('reference circuits', () => {
  const wasm = new Map<string, Uint8Array>();
  let inputsOf: ReferenceInputs;
  let stage: string;
  before(async () => {
    const { compiler, circuits } = await readCircuitList(REFERENCE_CIRCUITS);
    assert.deepEqual(
      circuits.map(({ name }) => name),
      REFERENCE_NAMES,
    );
    stage = await stageCircuits(REFERENCE_CIRCUITS);
    for (const circuit of circuits) {
      // The keys' optimisation takes five times as long and changes nothing in what is satisfied.
      const compiled = await compileCircuit(stage, circuit, { ...compiler, optimisation: 'O1' });
      wasm.set(circuit.name, compiled.wasm);
    }
    inputsOf = await referenceInputs();
  });
  after(() => rm(stage, { recursive: true, force: true }));

  const witness = (name: string, inputs: CircuitInputs) =>
    calculateWitnessFrom(wasm.get(name) ?? new Uint8Array(), inputs);

  it('are satisfied; rounds differ in what is public', async () => {
    for (const name of REFERENCE_NAMES) {
      const [one, two] = [await witness(name, inputsOf(name, 1)), await witness(name, inputsOf(name, 2))];
      assert.notEqual(one[1], two[1], 'the nullifier');
      assert.deepEqual(inputsOf(name, 1), inputsOf(name, 1));
    }
  });

  it('check the signature and the amount', async () => {
    for (const name of REFERENCE_NAMES) {
      const inputs = inputsOf(name, 1);
      for (const change of [{ amount: '250001' }, { threshold: '250001' }, { secret: '5' }, { issuerX: '1' }]) {
        await assert.rejects(witness(name, { ...inputs, ...change }), { code: 'PROVER_UNSATISFIED' });
      }
    }
  });

  it('check both paths and the absence', async () => {
    const name = 'reference-30k';
    const inputs = inputsOf(name, 1);
    for (const signal of [
      'issuersRoot',
      'issuedRoot',
      'revokedRoot',
      'issuerSiblings',
      'issuedBits',
      'revokedSiblings',
    ]) {
      const value = inputs[signal];
      assert.ok(value !== undefined);
      const changed = typeof value === 'string' ? '7' : [value[0] === '0' ? '1' : '0', ...value.slice(1)];
      await assert.rejects(witness(name, { ...inputs, [signal]: changed }), { code: 'PROVER_UNSATISFIED' }, signal);
    }
  });
});
