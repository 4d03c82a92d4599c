import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { loadArtifacts } from '../../src/artifacts/index.ts';
import { loadNative } from '../../src/base/native/load.ts';
import { flattenInputs, ProverErrorCode, WitnessCalculator } from '../../src/prover/index.ts';
import { signalHash } from '../../src/prover/signal-hash.ts';
import { createWorld, type Inputs, type World } from './fixtures.ts';
import { PlainGraph } from './graph-evaluator.ts';
import { asDecimals } from './harness.ts';
import { type CircuitName, changedInputs, honestInputs } from './witness-inputs.ts';

// Per circuit and kind of inputs. A run takes a tenth of a second, all of it the WASM's.
const RUNS = Number(process.env['ZKBAZAAR_GRAPH_RUNS'] ?? 25);
/** The plain evaluator is slow, and only the judge of the format. */
const PLAIN_RUNS = Math.min(RUNS, 4);
const TIMEOUT = 20_000 * RUNS;
const { addon } = loadNative();

for (const name of ['credential', 'balance', 'qualification'] satisfies CircuitName[]) {
  describe(`the witness graph of ${name}`, () => {
    let world: World;
    let calculator: WitnessCalculator;
    let graph: Uint8Array;

    before(async () => {
      world = await createWorld();
      const circuits = await loadArtifacts({ production: false, circuits: [name] });
      const { wasm, witnessGraph } = await circuits.openProving(name);
      assert.ok(witnessGraph !== undefined, 'every circuit of ours has one');
      graph = witnessGraph;
      calculator = await WitnessCalculator.create(wasm);
    });

    /** The values that circom's WASM finds, or undefined where one of its assertions fails. */
    const judge = (inputs: Inputs): Uint8Array | undefined => {
      try {
        return calculator.calculate(asDecimals(inputs) as never).body.slice();
      } catch (error) {
        assert.equal((error as { code?: string }).code, ProverErrorCode.Unsatisfied);
        return undefined;
      }
    };
    const inOrder = (inputs: Inputs, signals: readonly { hash: bigint }[]): bigint[] => {
      const byHash = new Map(
        [...flattenInputs(asDecimals(inputs) as never)].map(([key, all]) => [signalHash(key), all]),
      );
      return signals.flatMap(({ hash }) => byHash.get(hash) ?? []);
    };
    const bytesOf = (values: readonly bigint[]): Uint8Array =>
      Buffer.concat(values.map((value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()));

    it('read plainly, gives the witness of the WASM', { timeout: TIMEOUT }, () => {
      const plain = new PlainGraph(graph);
      const kinds = [honestInputs(world, name), changedInputs(world, name)];
      for (const kind of kinds) {
        fc.assert(
          fc.property(kind, (inputs) => {
            const found = plain.evaluate(inOrder(inputs, plain.signals));
            assert.ok(same(found && bytesOf(found), judge(inputs)));
          }),
          { numRuns: PLAIN_RUNS, endOnFailure: true },
        );
      }
    });

    if (addon === undefined) return;

    for (const [kind, inputsOf] of [
      ['honest', honestInputs],
      ['changed', changedInputs],
    ] as const) {
      it(`gives the WASM's witness or none, for ${kind} inputs`, { timeout: TIMEOUT }, async () => {
        const native = await addon.openWitnessGraph(graph);
        const signals = native.signals();
        let satisfied = 0;
        await fc.assert(
          fc.asyncProperty(inputsOf(world, name), async (inputs) => {
            const found = await native.evaluate(bytesOf(inOrder(inputs, signals)));
            const expected = judge(inputs);
            satisfied += expected === undefined ? 0 : 1;
            assert.ok(same(found ?? undefined, expected));
          }),
          { numRuns: RUNS, endOnFailure: true },
        );
        if (kind === 'honest') assert.equal(satisfied, RUNS, 'every honest input satisfies the circuit');
      });
    }
  });
}

/** Both undefined, or the same bytes; deepEqual would print a megabyte where they differ. */
function same(found: Uint8Array | undefined, expected: Uint8Array | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected;
  return Buffer.compare(found, expected) === 0;
}
