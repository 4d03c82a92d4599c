/** Ctrl-C while a circuit that is not ours computes for as long as it likes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compileCircuit } from '../../src/artifacts/index.ts';
import { TINY_VECTORS } from '../unit/artifacts/tiny.ts';
import { cleanEnv, LAUNCHER } from '../unit/cli/run-cli.ts';
import { ENGINES } from '../unit/verifier/engines.ts';

/** As many rounds as the input says: hours. */
const SLOW = `pragma circom 2.2.0;

template Slow() {
    signal input a;
    signal output out;
    var x = a;
    for (var i = 0; i < a; i++) {
        x = x * x + 1;
    }
    out <-- x;
    signal product <== a * out;
}
`;
/** Says when the circuit begins to compute, and changes nothing. */
const TELL_WHEN = `data:text/javascript,${encodeURIComponent(`
import { writeSync } from 'node:fs';
const { Instance } = WebAssembly;
WebAssembly.Instance = class {
  constructor(module, imports) {
    const { exports } = new Instance(module, imports);
    if (exports.setInputSignal === undefined) return { exports };
    const setInputSignal = (...values) => {
      writeSync(2, 'computing\\n');
      return exports.setInputSignal(...values);
    };
    return { exports: { ...exports, setInputSignal } };
  }
};
`)}`;

describe('Ctrl-C during groth16 fullprove', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-interrupt-'));
    const stage = join(dir, 'stage');
    await mkdir(stage);
    await writeFile(join(stage, 'slow.circom'), SLOW);
    const definition = {
      name: 'slow',
      file: 'slow.circom',
      template: 'Slow',
      parameters: {},
      outputs: ['out'],
      publicInputs: [],
      summary: 'Takes hours.',
    };
    const compiler = { circom: '2.2.3', optimisation: 'O1', prime: 'bn128' } as const;
    const { wasm } = await compileCircuit(stage, definition, compiler);
    await writeFile(join(dir, 'slow.wasm'), wasm);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  for (const engine of ENGINES) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`${signal} ends the witness at once, and nothing is left (${engine})`, { timeout: 120_000 }, async (t) => {
        const place = join(dir, `${engine}-${signal}`);
        const [work, temp, data] = ['work', 'temp', 'data'].map((name) => join(place, name)) as [
          string,
          string,
          string,
        ];
        for (const folder of [work, temp]) await mkdir(folder, { recursive: true });
        await copyFile(join(TINY_VECTORS, 'proofs', 'power', 'proving-key.zkey'), join(work, 'key.zkey'));
        await writeFile(join(work, 'input.json'), '{"a":"1000000000000"}');
        await writeFile(join(work, 'proof.json'), 'an older proof');
        const before = await readdir(work);

        const files = ['input.json', join(dir, 'slow.wasm'), 'key.zkey', 'proof.json', 'public.json'];
        const args = ['--data-dir', data, '--engine', engine, 'groth16', 'fullprove', ...files, '--tables'];
        const child = spawn(process.execPath, ['--import', TELL_WHEN, LAUNCHER, ...args], {
          cwd: work,
          env: cleanEnv({ TMPDIR: temp, NODE_DISABLE_COMPILE_CACHE: '1' }),
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        t.after(() => child.kill('SIGKILL'));
        let said = '';
        for await (const part of child.stderr as AsyncIterable<Buffer>) {
          said += part;
          if (said.includes('computing\n')) break;
        }
        assert.match(said, /computing/);
        const ended = once(child, 'exit');
        child.kill(signal);
        assert.deepEqual(await ended, [null, signal]);
        assert.deepEqual(await readdir(work), before);
        assert.equal(await readFile(join(work, 'proof.json'), 'utf8'), 'an older proof');
        assert.deepEqual(await readdir(temp), []);
        const left = await readdir(data, { recursive: true }).catch(() => []);
        assert.deepEqual(
          left.filter((name) => /\.[a-z]+$/.test(name)),
          [],
          'the folder of tables holds a file',
        );
      });
    }
  }
});
