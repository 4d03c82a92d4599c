import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { cleanEnv } from '../cli/run-cli.ts';

const PLATFORM = `${process.platform}-${process.arch}`;
const ADDON = `zkbazaar-native.${PLATFORM}.node`;
/** Any addon that loads here: what the build does is independent of what is in it. */
const LOADABLE = join(PACKAGE_ROOT, 'node_modules', 'classic-level', 'prebuilds', PLATFORM, 'classic-level.node');

interface Status {
  outcome: string;
  reason?: string;
  cargo?: string;
  seconds?: number;
}

/** The script of `npm ci` on a crate of its own, with a cargo that does what the test says. The real one is run by CI. */
describe('native/build.mjs', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-native-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  let count = 0;
  async function makeCrate(): Promise<string> {
    count += 1;
    const root = join(dir, `crate-${count}`);
    await mkdir(join(root, 'src'), { recursive: true });
    for (const file of await readdir(join(PACKAGE_ROOT, 'native'))) {
      if (file.endsWith('.mjs')) await cp(join(PACKAGE_ROOT, 'native', file), join(root, file));
    }
    await writeFile(join(root, 'Cargo.toml'), '[package]\n');
    await writeFile(join(root, 'src', 'lib.rs'), '// one\n');
    return root;
  }

  /** @param build lines of shell for `cargo build` and the rest; `made` says that a library is at its path */
  async function makeCargo(root: string, build: string): Promise<string> {
    const path = join(root, 'cargo-of-the-test');
    const version = 'if [ "$1" = --version ]; then echo "cargo 9.8.7 (test)"; exit 0; fi';
    await writeFile(path, `#!/bin/sh\n${version}\necho "$@" >> "${join(root, 'calls')}"\n${build}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const made = (path: string) =>
    `echo '${JSON.stringify({ reason: 'compiler-artifact', target: { kind: ['cdylib'] }, filenames: [path] })}'`;

  interface Outcome {
    code: number | null;
    said: string;
    out: string;
    status: Status;
    calls: string[];
  }
  /** Without any cargo but the one given. */
  async function run(root: string, env: Record<string, string> = {}, ...args: string[]): Promise<Outcome> {
    const { code, said, out } = await new Promise<Omit<Outcome, 'status' | 'calls'>>((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'build.mjs'), ...args], {
        env: cleanEnv({ PATH: '/usr/bin:/bin', HOME: dir, CARGO_HOME: dir, CARGO: '', ...env }),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      let out = '';
      child.stdout.on('data', (part) => {
        out += part;
      });
      child.stderr.on('data', (part) => {
        said += part;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, said, out }));
    });
    const text = (name: string) => readFile(join(root, name), 'utf8').catch(() => '');
    const status = JSON.parse((await text('build-status.json')) || '{}') as Status;
    return { code, said, out, status, calls: (await text('calls')).split('\n').filter((line) => line !== '') };
  }
  const library = async (root: string, content?: string) => {
    const path = join(root, 'library.so');
    await (content === undefined ? copyFile(LOADABLE, path) : writeFile(path, content));
    return path;
  };

  it('says what to install where cargo is missing, and fails only if it is told to', async () => {
    const root = await makeCrate();
    const { code, said, status } = await run(root);
    assert.deepEqual([code, status.outcome], [0, 'no-cargo']);
    assert.match(said, /WASM engines are used.*install Rust/);
    assert.equal((await run(root, { ZKBAZAAR_NATIVE: 'required' })).code, 1);
    const off = await run(root, { ZKBAZAAR_NATIVE: 'off' });
    assert.deepEqual([off.code, off.status.outcome], [0, 'off']);
  });

  it('builds, keeps what it built until the sources change, and leaves nothing half-written', async () => {
    const root = await makeCrate();
    const CARGO = await makeCargo(root, `echo progress >&2\n${made(await library(root))}`);
    const first = await run(root, { CARGO });
    assert.deepEqual([first.code, first.status.outcome, first.status.cargo], [0, 'built', '9.8.7'], first.said);
    assert.match(first.said, /progress/);
    assert.match(first.calls[0] ?? '', /^build --release --locked /);
    assert.deepEqual(await readFile(join(root, ADDON)), await readFile(LOADABLE));
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.endsWith('.tmp')),
      [],
    );
    assert.equal((await run(root, { CARGO })).calls.length, 1, 'up to date: cargo is not called');
    await writeFile(join(root, 'src', 'lib.rs'), '// two\n');
    assert.equal((await run(root, { CARGO })).calls.length, 2, 'other sources');
    await writeFile(join(root, ADDON), 'damaged');
    assert.equal((await run(root, { CARGO })).calls.length, 3, 'other bytes');
  });

  it('reports a failed build in a line, without failing, and lets no old addon stand after an install', async () => {
    const root = await makeCrate();
    await writeFile(join(root, ADDON), 'of older sources');
    const CARGO = await makeCargo(
      root,
      'echo "   Compiling x" >&2; echo "error[E0308]: mismatched types" >&2; exit 101',
    );
    const failed = await run(root, { CARGO });
    assert.deepEqual([failed.code, failed.status.outcome], [0, 'failed']);
    assert.equal(failed.status.reason, 'error[E0308]: mismatched types');
    assert.match(failed.said, /build failed: error\[E0308\]/);
    assert.ok(existsSync(join(root, ADDON)), 'run by hand, it leaves the last addon');
    await run(root, { CARGO, npm_lifecycle_event: 'install' });
    assert.ok(!existsSync(join(root, ADDON)));
    assert.equal((await run(root, { CARGO, ZKBAZAAR_NATIVE: 'required' })).code, 1);
    const odd = await makeCrate();
    const notLoading = await run(odd, { CARGO: await makeCargo(odd, made(await library(odd, 'no library'))) });
    assert.equal(notLoading.status.outcome, 'failed');
    assert.match(notLoading.status.reason ?? '', /does not load/);
    assert.ok(!existsSync(join(odd, ADDON)));
  });

  it('packs what was built, and takes a packed addon only if it is of these sources and loads', async () => {
    const root = await makeCrate();
    const CARGO = await makeCargo(root, made(await library(root)));
    await run(root, { CARGO });
    const packed = await run(root, {}, '--pack');
    assert.deepEqual([packed.code, packed.out], [0, ''], 'standard output is npm’s');
    const install = async (change?: (at: string) => Promise<void>) => {
      const at = await makeCrate();
      await cp(join(root, 'prebuilt'), join(at, 'prebuilt'), { recursive: true });
      await change?.(at);
      return { at, ...(await run(at)) };
    };
    const good = await install();
    assert.equal(good.status.outcome, 'prebuilt');
    assert.deepEqual(await readFile(join(good.at, ADDON)), await readFile(LOADABLE));
    const otherSources = await install((at) => writeFile(join(at, 'src', 'lib.rs'), '// three\n'));
    assert.equal(otherSources.status.outcome, 'no-cargo');
    assert.match(otherSources.said, /of other sources/);
    const otherBytes = await install((at) => writeFile(join(at, 'prebuilt', ADDON), 'something else'));
    assert.equal(otherBytes.status.outcome, 'no-cargo');
    await writeFile(join(root, 'src', 'lib.rs'), '// four\n');
    const stale = await run(root, {}, '--pack');
    assert.match(stale.said, /none is packed/);
    assert.deepEqual(await readdir(join(root, 'prebuilt')).catch(() => []), []);
  });

  it('ends a build that is interrupted, compilers included', async () => {
    const root = await makeCrate();
    const CARGO = await makeCargo(root, `sleep 60 & echo $! > "${join(root, 'compiler')}"; wait`);
    const child = spawn(process.execPath, [join(root, 'build.mjs')], {
      env: cleanEnv({ CARGO, HOME: dir }),
      stdio: 'ignore',
    });
    while (!existsSync(join(root, 'compiler'))) await new Promise((resolve) => setTimeout(resolve, 20));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 130);
    const compiler = Number(await readFile(join(root, 'compiler'), 'utf8'));
    const alive = () => {
      try {
        return process.kill(compiler, 0);
      } catch {
        return false;
      }
    };
    for (let i = 0; i < 100 && alive(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!alive());
  });

  it('knows what a CPU lacks from what Linux says of it', async () => {
    const root = await makeCrate();
    const text = (flags: string) => `processor\t: 0\nflags\t\t: fpu ${flags}\nbugs\t\t:\n`;
    const lacking = async (content: string) => {
      await writeFile(join(root, 'cpuinfo'), content);
      const script = `import(process.argv[1]).then((m) => console.log(m.missingCpuFlags(process.argv[2]).join()))`;
      const [module, cpuinfo] = [pathToFileURL(join(root, 'sources.mjs')).href, join(root, 'cpuinfo')];
      return (await promisify(execFile)(process.execPath, ['-e', script, module, cpuinfo])).stdout.trim();
    };
    const expected = process.platform === 'linux' && process.arch === 'x64' ? 'adx,fma' : '';
    assert.equal(await lacking(text('adx bmi2 avx2 fma sse4_2')), '');
    assert.equal(await lacking(text('bmi2 avx2 fma4 sse4_2')), expected);
  });

  it('says that nothing was checked where cargo is missing', async () => {
    const root = await makeCrate();
    const unchecked = await run(root, {}, '--check');
    assert.equal(unchecked.code, 0);
    assert.match(unchecked.said, /NATIVE NOT CHECKED/);
    assert.equal((await run(root, { ZKBAZAAR_NATIVE: 'required' }, '--check')).code, 1);
    const CARGO = await makeCargo(
      root,
      'if [ "$1" = clippy ]; then echo "error: a lint" >&2; exit 1; fi; echo "$1 ran"',
    );
    const failing = await run(root, { CARGO }, '--check');
    assert.equal(failing.code, 1);
    assert.match(failing.out, /fmt ran/);
    assert.match(failing.said, /cargo clippy: error: a lint/);
  });
});
