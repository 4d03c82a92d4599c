import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CircuitRegistry, loadArtifacts } from '../../../src/artifacts/index.ts';
import { SCALAR_FIELD_ORDER } from '../../../src/base/field.ts';
import { loadNative } from '../../../src/base/native/load.ts';
import { type CircuitInputs, Engine, ProverError } from '../../../src/prover/index.ts';
import { openWitnessSource } from '../../../src/prover/open-witness.ts';
import type { WitnessSource } from '../../../src/prover/witness-source.ts';
import { powerInputs, type TinyProject, tinyProject } from '../artifacts/tiny.ts';

const { addon } = loadNative();
const SECRET = '987654321987654321';

/** Inputs that cannot be proved, in every way that the calculator words. */
const REFUSED: [string, CircuitInputs][] = [
  ['a broken assertion', powerInputs(0)],
  ['a range that is left', { ...powerInputs(), a: '70001' }],
  ['a missing signal', { salt: '5', a: SECRET }],
  ['an unknown signal', { ...powerInputs(), other: SECRET }],
  ['an unknown signal in place of one', { salt: '5', a: '3', nota: ['1', '2', '3', '4'] }],
  ['too few values', { ...powerInputs(), note: [SECRET] }],
  ['too many values', { ...powerInputs(), a: [SECRET, SECRET] }],
  ['a value that is no decimal', { ...powerInputs(), a: `x${SECRET}` }],
  ['a value of the field order', { ...powerInputs(), a: String(SCALAR_FIELD_ORDER) }],
  ['nothing at all', {}],
];

let project: TinyProject;
let circuits: CircuitRegistry;
let wasm: WitnessSource;
before(async () => {
  project = await tinyProject();
  circuits = await loadArtifacts({ ...project, production: false });
  wasm = await open({ graph: false });
});
after(() => project.remove());

async function open({ graph = true, native = addon }): Promise<WitnessSource> {
  const artifacts = await circuits.openProving('power');
  return openWitnessSource({ ...artifacts, witnessGraph: graph ? artifacts.witnessGraph : undefined }, native);
}

async function refusal(source: WitnessSource, inputs: CircuitInputs): Promise<ProverError> {
  const error = await source.calculate(inputs).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof ProverError, String(error));
  return error;
}

describe('the source of witnesses', () => {
  it('is the WASM where there is no addon or no graph', async () => {
    assert.equal(wasm.kind, 'wasm');
    const artifacts = await circuits.openProving('power');
    assert.equal((await openWitnessSource(artifacts, undefined)).kind, 'wasm');
  });

  it('gives the values alone, outputs first', async () => {
    const witness = await wasm.calculate(powerInputs(2));
    assert.equal(witness.length, circuits.get('power').manifest.constraints.wires * 32);
    assert.deepEqual([witness[0], witness[32], witness[33], witness[64]], [1, 5, 1, 5]);
  });
});

if (addon !== undefined) {
  describe('the graph as source', () => {
    let graph: WitnessSource;
    before(async () => {
      graph = await open({});
      assert.equal(graph.kind, 'graph');
    });

    it('gives the bytes of the WASM, again and again and all at once', async () => {
      const inputs = [3, 1, 65_535, 2, 3].map((a) => powerInputs(a, 7));
      const expected = await Promise.all(inputs.map((input) => wasm.calculate(input)));
      for (const [i, input] of inputs.entries()) assert.deepEqual(await graph.calculate(input), expected[i]);
      assert.deepEqual(await Promise.all(inputs.map((input) => graph.calculate(input))), expected);
    });

    it('takes signals in any order, nested or flat', async () => {
      const expected = await wasm.calculate(powerInputs());
      assert.deepEqual(await graph.calculate({ note: ['1', '2', '3', '4'], a: '3', salt: '5' }), expected);
    });

    for (const [name, inputs] of REFUSED) {
      it(`refuses ${name} in the words of the WASM`, async () => {
        const [found, expected] = [await refusal(graph, inputs), await refusal(wasm, inputs)];
        const words = ({ code, message, where, hint }: ProverError) => ({ code, message, where, hint });
        assert.deepEqual(words(found), words(expected));
        assert.equal(`${found.message} ${found.stack}`.includes(SECRET), false);
        // And is as good as before.
        assert.deepEqual(await graph.calculate(powerInputs()), await wasm.calculate(powerInputs()));
      });
    }

    it('is refused with a code when it is damaged', async () => {
      const artifacts = await circuits.openProving('power');
      const bytes = artifacts.witnessGraph ?? new Uint8Array(0);
      assert.ok(bytes.length > 0);
      const damaged = bytes.map((byte, i) => (i === 20 ? byte ^ 0xff : byte));
      for (const witnessGraph of [bytes.slice(0, -1), Uint8Array.from([...bytes, 0]), damaged, new Uint8Array(0)]) {
        await assert.rejects(openWitnessSource({ ...artifacts, witnessGraph }, addon), {
          code: 'ARTIFACT_FORMAT_INVALID',
        });
      }
    });

    it('is what the engine proves with', async () => {
      const engine = new Engine(circuits, { engine: 'native', threads: 1 });
      const { publicSignals } = await engine.prove({ circuit: 'power', inputs: powerInputs(2) }, () => undefined);
      assert.deepEqual(publicSignals, ['261', '5']);
      await assert.rejects(
        engine.prove({ circuit: 'power', inputs: powerInputs(0) }, () => undefined),
        { code: 'PROVER_UNSATISFIED', where: /^PowerOfEight line \d+$/ },
      );
    });
  });
}
