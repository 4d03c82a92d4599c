import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { cleanEnv, LAUNCHER } from './run-cli.ts';

/** Makes this Node pass for Node 20 in the launcher; what the launcher starts is itself again. */
const AS_NODE_20 = [
  '--import',
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})",
];

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function launch(
  launcher: string,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
  onOutput?: (pid: number) => void,
) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArgs, launcher, ...args], { env: cleanEnv() });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
      onOutput?.(child.pid ?? 0);
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.end();
  });
}

describe('launcher', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-launcher-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  /** A package whose program prints what it was given; in `node_modules` when packed. */
  async function makePackage(name: string, files: Record<string, string>): Promise<string> {
    const root = join(dir, name);
    for (const [file, content] of Object.entries(files)) {
      await mkdir(join(root, file, '..'), { recursive: true });
      await writeFile(join(root, file), content);
    }
    await mkdir(join(root, 'src', 'cli'), { recursive: true });
    await cp(LAUNCHER, join(root, 'src', 'cli', 'launcher.mjs'));
    return join(root, 'src', 'cli', 'launcher.mjs');
  }
  const program = (text: string) => `export async function run(argv) { ${text} }\n`;
  const typed = (text: string) => `export async function run(argv: readonly string[]): Promise<void> { ${text} }\n`;

  it('is executable and is what package.json names', async () => {
    const { bin, files } = JSON.parse(await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
      files: string[];
    };
    assert.equal(bin['zkbazaar'], 'src/cli/launcher.mjs');
    for (const needed of ['src/cli/launcher.mjs', 'dist', 'proofs', 'circuits/circuits.json', 'LICENSE']) {
      assert.ok(files.includes(needed), needed);
    }
  });

  it('hands over from an older Node to the one that npm installed, with arguments and exit code', async () => {
    const version = await launch(LAUNCHER, ['--version'], AS_NODE_20);
    assert.equal(version.code, 0, version.stderr);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    const refused = await launch(LAUNCHER, ['policy', 'check', 'nonsense', '--json'], AS_NODE_20);
    assert.equal(refused.code, 2);
    assert.equal((JSON.parse(refused.stdout) as { error: { code: string } }).error.code, 'POLICY_UNKNOWN_WORD');
  });

  it('passes signals on and ends with the program’s code', async () => {
    const wait = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('up');";
    const launcher = await makePackage('signals', {
      'src/cli/main.ts': typed(wait),
      'node_modules/.keep': '',
      [`node_modules/node-${process.platform}-${process.arch}/package.json`]: '{}',
      [`node_modules/node-${process.platform}-${process.arch}/bin/node`]: `#!/bin/sh\nexec "${process.execPath}" "$@"\n`,
    });
    const runtime = join(dir, 'signals', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
    await import('node:fs/promises').then(({ chmod }) => chmod(runtime, 0o755));
    const ended = await launch(launcher, [], AS_NODE_20, (pid) => process.kill(pid, 'SIGTERM'));
    assert.equal(ended.code, 7, ended.stderr);
  });

  it('says what to do when no Node 24 is there', async () => {
    const launcher = await makePackage('alone', { 'src/cli/main.ts': typed('') });
    const ended = await launch(launcher, ['--json'], AS_NODE_20);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /CLI_RUNTIME_MISSING/);
    assert.match(ended.stderr, /hint: /);
    assert.equal((JSON.parse(ended.stdout) as { error: { code: string } }).error.code, 'CLI_RUNTIME_MISSING');
  });

  it('runs dist/ from an installed package and the sources from a checkout, even beside an old dist/', async () => {
    const both = {
      'src/cli/main.ts': typed("console.log('sources')"),
      'dist/cli/main.js': program("console.log('dist')"),
      'package.json': '{"type":"module"}',
    };
    const checkout = await launch(await makePackage('checkout', both), []);
    assert.equal(checkout.stdout, 'sources\n', checkout.stderr);
    const installed = await launch(await makePackage(join('node_modules', 'zkbazaar'), both), []);
    assert.equal(installed.stdout, 'dist\n', installed.stderr);
    const empty = await launch(await makePackage('empty', {}), []);
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /CLI_PROGRAM_MISSING/);
  });
});
