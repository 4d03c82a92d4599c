import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { cleanEnv } from '../unit/cli/run-cli.ts';

const run = promisify(execFile);

/** The package as `npm pack` builds and `npm install -g` lays it out: compiled, below node_modules. */
describe('packed package', () => {
  let dir: string;
  let launcher: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-pack-'));
    const root = join(dir, 'lib', 'node_modules', 'zkbazaar');
    await mkdir(join(root, 'src', 'cli'), { recursive: true });
    const tsc = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'lib', 'tsc.js');
    const build = ['-p', join(PACKAGE_ROOT, 'tsconfig.build.json'), '--outDir', join(root, 'dist')];
    await run(process.execPath, [tsc, ...build]);
    launcher = join(root, 'src', 'cli', 'launcher.mjs');
    await cp(join(PACKAGE_ROOT, 'src', 'cli', 'launcher.mjs'), launcher);
    await cp(join(PACKAGE_ROOT, 'package.json'), join(root, 'package.json'));
    for (const shared of ['proofs', 'circuits', 'node_modules']) {
      await symlink(join(PACKAGE_ROOT, shared), join(root, shared));
    }
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const zkbazaar = (...args: string[]) =>
    run(process.execPath, [launcher, ...args], { env: cleanEnv(), cwd: dir }).then(({ stdout }) => stdout);

  it('locks each optional package of every platform: without an entry for one, npm ci refuses on all', async () => {
    const lock = JSON.parse(await readFile(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8')) as Lock;
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) => !isLocked(lock, path, name)),
    );
    assert.deepEqual(missing, []);
  });

  it('lists what is packed, sources and tests left out', async () => {
    const npm = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: PACKAGE_ROOT,
      env: cleanEnv(),
      maxBuffer: 16 * 1024 * 1024,
    });
    const parsed = JSON.parse(npm.stdout) as PackReport[] | Record<string, PackReport>;
    const [report] = Array.isArray(parsed) ? parsed : Object.values(parsed);
    const files = report?.files.map(({ path }) => path) ?? [];
    const crate = [
      'build.mjs',
      'cargo.mjs',
      'sources.mjs',
      'Cargo.toml',
      'Cargo.lock',
      'build.rs',
      '.cargo/config.toml',
    ];
    for (const needed of [
      ...['src/cli/launcher.mjs', 'LICENSE', 'README.md', 'package.json', 'circuits/circuits.json'],
      ...[...crate, 'src/lib.rs', 'src/bindings/mod.rs'].map((file) => `native/${file}`),
    ]) {
      assert.ok(files.includes(needed), `${needed} is not packed`);
    }
    assert.ok(files.some((path) => /^proofs\/balance\/proving-key\.zkey$/.test(path)));
    const stray = files.filter(
      (path) =>
        /^(?:test|docs|\.ci)\//.test(path) ||
        /\.ts$/.test(path) ||
        /^native\/(?:(?:target|tests|examples|fuzz|benches)\/|.*(?:\.node|status\.json)$)/.test(
          path.replace(/^native\/prebuilt\/.*/, ''),
        ),
    );
    assert.deepEqual(stray, []);
  });

  it('runs compiled, without type stripping: version, policy, verify with its WebAssembly, circuits', async () => {
    const { version } = JSON.parse(await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string };
    assert.equal(await zkbazaar('--version'), `${version}\n`);
    assert.match(await zkbazaar('policy', 'check', 'balance(EUR) >= 1200'), /circuit: +balance/);
    const circuits = JSON.parse(await zkbazaar('circuits', '--json')) as { items: { name: string }[] };
    assert.deepEqual(circuits.items.map(({ name }) => name).sort(), ['balance', 'credential', 'qualification']);
    const refused = await zkbazaar('verify', 'a', 'b', 'c').catch((error: { code: number; stdout: string }) => error);
    assert.equal(typeof refused === 'string' ? 0 : refused.code, 2);
  });

  it('verifies and proves without an addon, and says so where one is asked for', async () => {
    const tiny = join(PACKAGE_ROOT, 'test', 'vectors', 'tiny', 'proofs', 'power');
    const [key, wasm] = [join(tiny, 'proving-key.zkey'), join(tiny, 'circuit.wasm')];
    await writeFile(join(dir, 'input.json'), '{"salt":5,"a":3,"note":[[1,2],[3,4]]}');
    await zkbazaar('groth16', 'fullprove', 'input.json', wasm, key, 'proof.json', 'public.json');
    const files = [join(tiny, 'verifying-key.json'), 'public.json', 'proof.json'];
    assert.match(await zkbazaar('groth16', 'verify', ...files), /^OK!/);
    assert.match(await zkbazaar('verify', ...files), /^valid: /);
    const asked = await zkbazaar('--engine', 'native', 'verify', ...files).catch((error: { code: number }) => error);
    assert.equal(typeof asked === 'string' ? 0 : asked.code, 3);
    const findings = await zkbazaar('--data-dir', join(dir, 'none'), 'doctor', '--json').catch(
      (error: { stdout: string }) => error.stdout,
    );
    const { findings: list } = JSON.parse(findings) as {
      findings: { check: string; status: string; detail: string }[];
    };
    const engine = list.find(({ check }) => check === 'engine');
    assert.equal(engine?.status, 'warn');
    assert.match(engine?.detail ?? '', /^wasm: it was not built .*npm run native:build/);
  });
});

interface Lock {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

/** Where Node would look for `name` from `path`, each level up to the root. */
function isLocked(lock: Lock, path: string, name: string): boolean {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`] !== undefined) return true;
    if (base === '') return false;
  }
}

interface PackReport {
  files: { path: string }[];
}
