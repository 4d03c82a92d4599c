/** What `src/prover/interface.ts` promises of a `Prover`, for every implementation with every engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CircuitRegistry, closeCurve, loadArtifacts, loadSnarkjs } from '../../../src/artifacts/index.ts';
import { SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';
import type {
  CircuitInputs,
  ProofRequest,
  ProofResult,
  ProveOptions,
  Prover,
  ProveStage,
} from '../../../src/prover/index.ts';
import { powerInputs, type TinyProject, tinyProject } from '../artifacts/tiny.ts';

export type ProverFactory = (circuits: CircuitRegistry) => Prover;

const STAGES: readonly ProveStage[] = ['loading', 'witness', 'polynomials', 'multiexp', 'finishing'];

const power = (a = 3): ProofRequest => ({ circuit: 'power', inputs: powerInputs(a) });
const outputOf = (a: number): string => String(a ** 8 + 5);
/** A value that no message may quote. */
const TELLTALE = '987654321987654321';

const REFUSALS: readonly [code: string, what: string, request: ProofRequest][] = [
  ['PROVER_UNSATISFIED', 'inputs that break a rule', { circuit: 'power', inputs: { ...powerInputs(), a: TELLTALE } }],
  ['PROVER_INPUT_INVALID', 'an input that is missing', { circuit: 'power', inputs: { a: TELLTALE } }],
  ['PROVER_INPUT_INVALID', 'an input too many', power1({ other: TELLTALE })],
  ['PROVER_INPUT_INVALID', 'an array for a value', power1({ a: [TELLTALE, '1'] })],
  ['PROVER_INPUT_INVALID', 'an array that is too short', power1({ note: [[TELLTALE]] })],
  ['PROVER_INPUT_INVALID', 'a leading zero', power1({ a: `0${TELLTALE}` })],
  ['PROVER_INPUT_INVALID', 'hex', power1({ a: '0xdb4da5f7ef412b1' })],
  ['PROVER_INPUT_INVALID', 'a negative number', power1({ a: `-${TELLTALE}` })],
  ['PROVER_INPUT_INVALID', 'r', power1({ a: String(R) })],
  ['PROVER_UNKNOWN_CIRCUIT', 'a circuit that is none', { circuit: 'none', inputs: powerInputs() }],
  ['PROVER_UNKNOWN_CIRCUIT', 'a path for a circuit', { circuit: '../power', inputs: powerInputs() }],
];

function power1(change: CircuitInputs): ProofRequest {
  return { circuit: 'power', inputs: { ...powerInputs(), ...change } };
}

/** Asks V8 for its collector, which is otherwise only there with a flag of the command line. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

async function isCollected(reference: WeakRef<object>, collect: () => void): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    // A WeakRef that was made or read holds until the end of the turn.
    await turn();
    collect();
    if (reference.deref() === undefined) return true;
  }
  return false;
}

export function proverCompliance(name: string, create: ProverFactory): void {
  describe(`prover compliance: ${name}`, () => {
    let project: TinyProject;
    let circuits: CircuitRegistry;
    let prover: Prover;

    before(async () => {
      project = await tinyProject();
      circuits = await loadArtifacts({ ...project, production: false });
      prover = create(circuits);
    });
    after(async () => {
      await prover.close();
      await closeCurve();
      await project.remove();
    });

    async function verifies(circuit: string, { proof, publicSignals }: ProofResult): Promise<boolean> {
      const { groth16 } = await loadSnarkjs();
      return groth16.verify(circuits.get(circuit).verifyingKey, publicSignals, proof);
    }
    const worksOn = async () => assert.ok(await verifies('power', await prover.prove(power(7))));

    it('proves each circuit, and snarkjs verifies', async () => {
      const result = await prover.prove(power());
      assert.deepEqual(result.publicSignals, ['6566', '5']);
      assert.ok(await verifies('power', result));
      assert.ok(!(await verifies('power', { ...result, publicSignals: ['6567', '5'] })));
      assert.ok(await verifies('chain', await prover.prove({ circuit: 'chain', inputs: { a: '2' } })));
    });

    it('has fresh randomness: two proofs of one claim share no coordinate', async () => {
      const results = await Promise.all([prover.prove(power()), prover.prove(power())]);
      const coordinates = results.flatMap(({ proof }) => [
        ...proof.pi_a.slice(0, 2),
        ...proof.pi_b.slice(0, 2).flat(),
        ...proof.pi_c.slice(0, 2),
      ]);
      assert.equal(new Set(coordinates.map(String)).size, 16);
    });

    it('lets calls wait their turn, and gives each its own proof', async () => {
      const results = await Promise.all([2, 3, 4, 5].map((a) => prover.prove(power(a))));
      assert.deepEqual(
        results.map(({ publicSignals }) => publicSignals[0]),
        [2, 3, 4, 5].map(outputOf),
      );
    });

    it('takes inputs as they are when it is called, and leaves them alone', async () => {
      const inputs = powerInputs();
      const first = prover.prove(power(2));
      const second = prover.prove({ circuit: 'power', inputs });
      inputs['a'] = '4';
      const [, result] = await Promise.all([first, second]);
      assert.equal(result.publicSignals[0], outputOf(3));
      assert.deepEqual(inputs, { ...powerInputs(), a: '4' });
    });

    for (const [code, what, request] of REFUSALS) {
      it(`${code}: ${what}`, async () => {
        const before = structuredClone(request);
        await assert.rejects(
          prover.prove(request),
          (error: Error & { code: string; hint?: string; where?: string }) => {
            assert.equal(error.code, code, error.message);
            assert.doesNotMatch(
              `${error.message} ${error.hint} ${error.where}`,
              /987654321|db4da5f7/,
              'a value is told',
            );
            return true;
          },
        );
        assert.deepEqual(request, before);
      });
    }

    it('says where the rules are broken', async () => {
      await assert.rejects(prover.prove(power(70_000)), { code: 'PROVER_UNSATISFIED', where: /PowerOfEight line \d+/ });
      await worksOn();
    });

    it('lets no failure fail another call', async () => {
      const gone = new AbortController();
      const calls = [
        prover.prove(power(2)),
        prover.prove(power(70_000)),
        prover.prove({ circuit: 'power', inputs: { a: '1' } }),
        prover.prove(power(3), { signal: gone.signal }),
        prover.prove({ circuit: 'none', inputs: {} }),
        prover.prove(power(4)),
        prover.prove(power(3), { signal: AbortSignal.abort() }),
        prover.prove({ circuit: 'chain', inputs: { a: '2' } }),
      ];
      gone.abort();
      const outcomes = await Promise.allSettled(calls);
      const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'proved'));
      assert.deepEqual(codes, [
        'proved',
        'PROVER_UNSATISFIED',
        'PROVER_INPUT_INVALID',
        'PROVER_CANCELLED',
        'PROVER_UNKNOWN_CIRCUIT',
        'proved',
        'PROVER_CANCELLED',
        'proved',
      ]);
      const [first, , , , , second] = outcomes;
      for (const outcome of [first, second]) {
        assert.ok(outcome?.status === 'fulfilled' && (await verifies('power', outcome.value)));
      }
    });

    it('is cancelled in whatever stage, and works on', async () => {
      for (const stage of ['witness', 'multiexp']) {
        const controller = new AbortController();
        const onProgress: ProveOptions['onProgress'] = (reached) => {
          if (reached === stage) controller.abort();
        };
        await assert.rejects(
          prover.prove(power(), { signal: controller.signal, onProgress }),
          { code: 'PROVER_CANCELLED' },
          stage,
        );
      }
      await worksOn();
    });

    it('does nothing for a signal that comes after the end', async () => {
      const controller = new AbortController();
      const result = await prover.prove(power(), { signal: controller.signal });
      controller.abort();
      assert.ok(await verifies('power', result));
      await worksOn();
    });

    it('tells progress that never falls, in the order of the stages, up to the end', async () => {
      await prover.prove(power());
      const seen: [ProveStage, number][] = [];
      await prover.prove(power(), { onProgress: (stage, fraction) => seen.push([stage, fraction]) });
      const fractions = seen.map(([, fraction]) => fraction);
      assert.deepEqual(
        fractions,
        fractions.toSorted((a, b) => a - b),
      );
      assert.equal(seen[0]?.[0], 'loading');
      assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
      const order = seen.map(([stage]) => STAGES.indexOf(stage));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
      assert.ok(!order.includes(-1));
      assert.deepEqual(seen.at(-1), ['finishing', 1]);
    });

    it('drops inputs when a call settles, however it ends', async () => {
      const collect = collector();
      // In functions of their own, so that no variable here holds an input.
      const settled = async (a: number, options?: ProveOptions) => {
        const request = power(a);
        const reference = new WeakRef(request.inputs);
        await prover.prove(request, options).catch(() => undefined);
        return reference;
      };
      assert.ok(await isCollected(await settled(3), collect), 'after a proof');
      assert.ok(await isCollected(await settled(70_000), collect), 'after a refusal');
      const stop = new AbortController();
      const options = { signal: stop.signal, onProgress: () => stop.abort() };
      assert.ok(await isCollected(await settled(3, options), collect), 'after a cancellation');
    });

    it('closes once and for all, and fails what runs and what waits', async () => {
      const short = create(circuits);
      await short.prove(power());
      let running = (): void => undefined;
      const started = new Promise<void>((resolve) => {
        running = resolve;
      });
      const calls = [short.prove(power(), { onProgress: () => running() }), short.prove(power()), short.prove(power())];
      const expected = calls.map((call) => assert.rejects(call, { code: 'PROVER_CLOSED' }));
      await started;
      await Promise.all([short.close(), short.close()]);
      await Promise.all(expected);
      await assert.rejects(short.prove(power()), { code: 'PROVER_CLOSED' });
      await short.close();
    });

    it('can be closed before its first proof', async () => {
      const unused = create(circuits);
      await unused.close();
      await assert.rejects(unused.prove(power()), { code: 'PROVER_CLOSED' });
    });
  });
}
