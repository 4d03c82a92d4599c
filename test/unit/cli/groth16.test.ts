import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { loadNative } from '../../../src/base/native/load.ts';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { DEFAULT_TABLE_BYTES } from '../../../src/cli/engine.ts';
import { resolveConfig } from '../../../src/config/index.ts';
import { cleanEnv, jsonOf, runCli } from './run-cli.ts';

const SNARKJS = join(PACKAGE_ROOT, 'node_modules', 'snarkjs', 'build', 'cli.cjs');
const POWER = join(PACKAGE_ROOT, 'test', 'vectors', 'tiny', 'proofs', 'power');
const INPUTS = {
  salt: '5',
  a: 3,
  note: [
    [1, '0x2'],
    [true, '-4'],
  ],
};
const ENGINES = loadNative().addon === undefined ? ['wasm'] : ['wasm', 'native'];

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zkb-groth16-'));
  // snarkjs's default names, so that both tools find everything with no argument at all.
  await copyFile(join(POWER, 'proving-key.zkey'), join(dir, 'circuit_final.zkey'));
  await copyFile(join(POWER, 'circuit.wasm'), join(dir, 'circuit.wasm'));
  await copyFile(join(POWER, 'verifying-key.json'), join(dir, 'verification_key.json'));
  await writeFile(join(dir, 'input.json'), JSON.stringify(INPUTS));
  await snarkjs('wtns', 'calculate', 'circuit.wasm', 'input.json', 'witness.wtns');
});
after(() => rm(dir, { recursive: true, force: true }));

/** Exit code of the real snarkjs. */
async function snarkjs(...args: string[]): Promise<number> {
  try {
    await promisify(execFile)(process.execPath, [SNARKJS, ...args], { cwd: dir, env: cleanEnv() });
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
}

const groth16 = (args: string[], env: Record<string, string> = {}) =>
  runCli(['--data-dir', join(dir, 'none'), 'groth16', ...args], { cwd: dir, env });
const read = (name: string) => readFile(join(dir, name), 'utf8');

for (const engine of ENGINES) {
  describe(`zkbazaar groth16 with ${engine}`, () => {
    const run = (...args: string[]) => groth16(args, { ENGINE: engine });

    it('fullprove and prove take snarkjs’s arguments, and snarkjs accepts what they write', async () => {
      await writeFile(join(dir, 'public.json'), 'an old file, longer than the new one will be: '.repeat(10));
      const full = await run('fullProve', '-v');
      assert.equal(full.code, 0, full.stderr);
      assert.match(full.stderr, new RegExp(`^engine: ${engine}, .*\\d+ ms$`, 'm'));
      for (const name of ['proof.json', 'public.json']) {
        const text = await read(name);
        assert.equal(text, JSON.stringify(JSON.parse(text), null, 1), `${name}: byte for byte snarkjs’s form`);
      }
      assert.deepEqual(JSON.parse(await read('public.json')), ['6566', '5']);
      assert.deepEqual(Object.keys(JSON.parse(await read('proof.json')) as object), [
        'pi_a',
        'pi_b',
        'pi_c',
        'protocol',
        'curve',
      ]);
      assert.equal(await snarkjs('groth16', 'verify'), 0);
      const proved = await run('prove', 'circuit_final.zkey', 'witness.wtns', 'p.json', 's.json', '--json');
      assert.equal(proved.code, 0, proved.stderr);
      const { ok, files } = jsonOf<{ ok: boolean; engine: string; files: string[] }>(proved);
      assert.deepEqual([ok, files], [true, ['p.json', 's.json']]);
      assert.equal(jsonOf(proved)['engine'], engine);
      assert.equal(await snarkjs('groth16', 'verify', 'verification_key.json', 's.json', 'p.json'), 0);
      assert.equal(
        (await stat(join(dir, 'none')).catch(() => undefined)) === undefined,
        true,
        'no data folder is made',
      );
    });

    it('verify accepts snarkjs’s proofs with OK! and exit 0, and answers 1 for all else, as snarkjs', async () => {
      assert.equal(await snarkjs('groth16', 'prove', 'circuit_final.zkey', 'witness.wtns', 'j.json', 'js.json'), 0);
      const good = await run('verify', 'verification_key.json', 'js.json', 'j.json', '-v');
      assert.deepEqual([good.code, good.stdout], [0, 'OK! VERIFIER_VALID: the proof is valid\n']);
      assert.match(good.stderr, new RegExp(`^engine: ${engine}, `, 'm'));
      await writeFile(join(dir, 'wrong.json'), '[\n "6567",\n "5"\n]');
      for (const [key, signals, proof] of [
        ['verification_key.json', 'wrong.json', 'j.json'],
        ['verification_key.json', 'js.json', 'missing.json'],
        ['input.json', 'js.json', 'j.json'],
      ] as const) {
        const [ours, theirs] = await Promise.all([
          run('verify', key, signals, proof, '--json'),
          snarkjs('groth16', 'verify', key, signals, proof),
        ]);
        assert.deepEqual([ours.code, theirs], [1, 1], `${key} ${signals} ${proof}`);
        assert.equal(jsonOf(ours)['valid'], false);
      }
    });

    it('makes tables where it is told to, in a folder that nobody else reads, and uses them from then on', async () => {
      const data = join(dir, `data-${engine}`);
      const prove = (...more: string[]) =>
        runCli(['--data-dir', data, '--engine', engine, 'groth16', 'prove', '-v', ...more], { cwd: dir });
      const first = await prove('--tables');
      assert.equal(first.code, 0, first.stderr);
      assert.equal((await stat(data)).mode & 0o777, 0o700);
      assert.match(first.stderr, engine === 'native' ? /tables: in use/ : /^no tables: the WASM engine has none$/m);
      if (engine === 'native') assert.match((await prove()).stderr, /tables: in use/);
      assert.equal(await snarkjs('groth16', 'verify'), 0);
    });

    it('answers bad files with exit 2 and a code, and writes nothing', async () => {
      const cases: [args: string[], code: RegExp][] = [
        [['prove', 'input.json', 'witness.wtns', 'no.json', 'no.json'], /^ARTIFACT_FORMAT_INVALID$/],
        [['prove', 'missing.zkey', 'witness.wtns', 'no.json', 'no.json'], /^PROVER_KEY_UNREADABLE$/],
        [['prove', 'circuit_final.zkey', 'missing.wtns', 'no.json', 'no.json'], /^CLI_FILE_UNREADABLE$/],
        [['fullprove', 'circuit.wasm', 'circuit.wasm', 'circuit_final.zkey', 'no.json'], /^CLI_NOT_JSON$/],
        [['fullprove', 'input.json', 'input.json', 'circuit_final.zkey', 'no.json'], /^PROVER_CIRCUIT_INVALID$/],
        [['prove', 'circuit_final.zkey', 'witness.wtns', 'no/such/folder.json'], /^CLI_WRITE_FAILED$/],
        [['prove', 'a', 'b', 'c', 'd', 'e'], /^CLI_USAGE$/],
      ];
      for (const [args, code] of cases) {
        const failed = await run(...args, '--json');
        assert.equal(failed.code, 2, `${args.join(' ')}: ${failed.stderr}`);
        assert.match(jsonOf<{ error: { code: string } }>(failed).error.code, code, args.join(' '));
        assert.doesNotMatch(failed.stderr, /\n\s+at .+:\d+/);
      }
      assert.equal(await stat(join(dir, 'no.json')).catch(() => undefined), undefined);
    });
  });
}

describe('the choice of an engine', () => {
  const engineOf = async (args: string[], env: Record<string, string> = {}) => {
    const { stderr, code } = await runCli(
      [...args, 'groth16', 'verify', '-v', 'verification_key.json', 'public.json', 'proof.json'],
      { cwd: dir, env: { HOME: dir, ...env } },
    );
    return [code, /^engine: (\w+)/m.exec(stderr)?.[1] ?? /error (\w+)/.exec(stderr)?.[1]];
  };

  it('goes by flag, ZKBAZAAR_ENGINE, ENGINE, config file, and what is there', async () => {
    assert.equal((await groth16(['fullprove'], { ENGINE: 'wasm' })).code, 0);
    const config = join(dir, 'wasm.json');
    await writeFile(config, '{"engine":"wasm"}');
    const best = ENGINES.at(-1);
    assert.deepEqual(await engineOf([]), [0, best]);
    assert.deepEqual(await engineOf(['--engine', 'wasm']), [0, 'wasm']);
    assert.deepEqual(await engineOf(['--engine', 'auto'], { ENGINE: 'wasm' }), [0, best]);
    assert.deepEqual(await engineOf([], { ENGINE: 'wasm' }), [0, 'wasm']);
    assert.deepEqual(await engineOf([], { ENGINE: 'wasm', ZKBAZAAR_ENGINE: 'auto' }), [0, best]);
    assert.deepEqual(await engineOf(['--set', 'engine=wasm']), [0, 'wasm']);
    assert.deepEqual(await engineOf(['--config', config]), [0, 'wasm']);
    assert.deepEqual(await engineOf(['--config', config], { ENGINE: 'auto' }), [0, best]);
    assert.deepEqual(await engineOf(['--engine', 'quick']), [2, 'CONFIG_INVALID_VALUE']);
    assert.deepEqual(await engineOf([], { ENGINE: 'somebody-elses' }), [0, best]);
  });

  it('knows the default of a setting that it does not read', () => {
    assert.equal(DEFAULT_TABLE_BYTES, resolveConfig().config.prover.tableMegabytes * 1_000_000);
  });
});
