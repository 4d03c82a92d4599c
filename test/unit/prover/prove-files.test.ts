import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { closeCurve, loadSnarkjs } from '../../../src/artifacts/index.ts';
import { isCodedError } from '../../../src/base/errors.ts';
import { loadNative } from '../../../src/base/native/load.ts';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { WitnessCalculator } from '../../../src/prover/index.ts';
import { type FileProof, fullProveFiles, proveFiles } from '../../../src/prover/prove-files.ts';

const proofs = join(PACKAGE_ROOT, 'test', 'vectors', 'tiny', 'proofs');
const power = (file: string) => join(proofs, 'power', file);
const KEY = power('proving-key.zkey');
const INPUTS = {
  salt: '5',
  a: 3,
  note: [
    [1, '0x2'],
    [true, '-4'],
  ],
};
/** Where the addon is there, it must do all that the WASM engine does. */
const ENGINES = loadNative().addon === undefined ? (['wasm'] as const) : (['wasm', 'native'] as const);

for (const engine of ENGINES) {
  describe(`proving files: ${engine}`, () => {
    let dir: string;
    let circuit: Uint8Array;
    let verifyingKey: unknown;
    before(async () => {
      dir = await mkdtemp(join(tmpdir(), 'zkb-files-'));
      circuit = await readFile(power('circuit.wasm'));
      verifyingKey = JSON.parse(await readFile(power('verifying-key.json'), 'utf8'));
    });
    after(async () => {
      await closeCurve();
      await rm(dir, { recursive: true, force: true });
    });

    const witness = async (inputs = { salt: '5', a: '3', note: ['1', '2', '3', '4'] }, path = power('circuit.wasm')) =>
      (await WitnessCalculator.create(await readFile(path))).calculate(inputs).file;
    const verifies = async ({ proof, publicSignals }: FileProof) => {
      const { groth16 } = await loadSnarkjs();
      const holds = await groth16.verify(verifyingKey, publicSignals, proof);
      await closeCurve();
      return holds;
    };
    const refused = async (work: Promise<unknown>, code: string) => {
      await assert.rejects(work, (error) => {
        assert.equal(isCodedError(error) ? error.code : error, code);
        return true;
      });
    };

    it('proves a witness and inputs; snarkjs verifies; no two proofs are the same', async () => {
      const file = await witness();
      const proved = await proveFiles(KEY, file, { engine });
      assert.equal(proved.engine, engine);
      assert.deepEqual(proved.publicSignals, ['6566', '5']);
      assert.ok(await verifies(proved));
      assert.ok(
        file.every((byte) => byte === 0),
        'the witness is wiped',
      );
      const full = await fullProveFiles(INPUTS, circuit, KEY, { engine, threads: 2 });
      assert.deepEqual(full.publicSignals, ['6566', '5']);
      assert.ok(await verifies(full));
      const again = await fullProveFiles(INPUTS, circuit, KEY, { engine });
      assert.notDeepEqual(again.proof, full.proof);
    });

    it('refuses a witness that breaks the circuit’s rules, of another circuit, or none', async () => {
      const changed = await witness();
      // The last wire is private and under constraints.
      const last = changed.length - 32;
      changed[last] = (changed[last] ?? 0) ^ 1;
      await refused(proveFiles(KEY, changed, { engine }), 'PROVER_UNSATISFIED');
      const output = await witness();
      output[output.length - 32 * 27] = 7;
      await refused(proveFiles(KEY, output, { engine }), 'PROVER_UNSATISFIED');
      const chain = await (
        await WitnessCalculator.create(await readFile(join(proofs, 'chain', 'circuit.wasm')))
      ).calculate({
        a: '2',
      }).file;
      await refused(proveFiles(KEY, chain, { engine }), 'PROVER_WITNESS_INVALID');
      const tooLarge = await witness();
      tooLarge.fill(0xff, last);
      await refused(proveFiles(KEY, tooLarge, { engine }), 'ARTIFACT_FORMAT_INVALID');
      const otherField = await witness();
      otherField[28] = (otherField[28] ?? 0) ^ 2;
      await refused(proveFiles(KEY, otherField, { engine }), 'ARTIFACT_FORMAT_INVALID');
      await refused(proveFiles(KEY, new Uint8Array(0), { engine }), 'ARTIFACT_FORMAT_INVALID');
      await refused(proveFiles(KEY, (await witness()).subarray(0, 300), { engine }), 'ARTIFACT_FORMAT_INVALID');
    });

    it('refuses inputs that do not fit, and WebAssembly that is no circuit', async () => {
      const full = (inputs: unknown, wasm = circuit) => fullProveFiles(inputs, wasm, KEY, { engine });
      await refused(full({ ...INPUTS, a: 0 }), 'PROVER_UNSATISFIED');
      await refused(full({ ...INPUTS, note: [1, 2, 3] }), 'PROVER_INPUT_INVALID');
      await refused(full({ ...INPUTS, other: 1 }), 'PROVER_INPUT_INVALID');
      await refused(full({ salt: 1 }), 'PROVER_INPUT_INVALID');
      await refused(full(INPUTS, new Uint8Array([1, 2, 3])), 'PROVER_CIRCUIT_INVALID');
      // The smallest module: valid, and no circuit.
      await refused(full(INPUTS, new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), 'PROVER_CIRCUIT_INVALID');
    });

    it('refuses keys that are cut, of another curve or proof system, or not there', async () => {
      const key = await readFile(KEY);
      const attempt = async (name: string, content: Uint8Array) => {
        await writeFile(join(dir, name), content);
        return proveFiles(join(dir, name), await witness(), { engine });
      };
      const patched = (at: number, ...bytes: number[]) => {
        const copy = Uint8Array.from(key);
        copy.set(bytes, at);
        return copy;
      };
      await refused(attempt('cut.zkey', key.subarray(0, key.length - 40)), 'ARTIFACT_FORMAT_INVALID');
      await refused(attempt('empty.zkey', new Uint8Array(0)), 'ARTIFACT_FORMAT_INVALID');
      await refused(
        attempt('text.zkey', new TextEncoder().encode('{"protocol":"groth16"}')),
        'ARTIFACT_FORMAT_INVALID',
      );
      // Section 1 holds the proof system: 2 is PLONK. Section 2 begins with the size of q and q itself.
      await refused(attempt('plonk.zkey', patched(24, 2)), 'ARTIFACT_FORMAT_INVALID');
      await refused(attempt('curve.zkey', patched(44, 1, 2, 3)), 'ARTIFACT_FORMAT_INVALID');
      await refused(proveFiles(join(dir, 'missing.zkey'), await witness(), { engine }), 'PROVER_KEY_UNREADABLE');
      await refused(proveFiles(dir, await witness(), { engine }), 'PROVER_KEY_UNREADABLE');
    });

    it('stops before it starts when it is told so', async () => {
      const work = proveFiles(KEY, await witness(), { engine, signal: AbortSignal.abort() });
      await refused(work, 'PROVER_CANCELLED');
    });
  });
}

describe('proving files without a choice', () => {
  it('takes the addon where it is there', async () => {
    const { engine } = await fullProveFiles(INPUTS, await readFile(power('circuit.wasm')), KEY);
    assert.equal(engine, ENGINES.at(-1));
    await closeCurve();
  });
});
