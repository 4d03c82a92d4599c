import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { VERBS } from '../../../src/cli/verbs.ts';
import { jsonOf, runCli } from './run-cli.ts';

interface Failure {
  ok: boolean;
  error: { code: string; message: string; hint?: string; where?: string };
}

describe('cli', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));
  const data = (name: string) => ['--data-dir', join(dir, name)];

  it('lists every verb, and docs/cli.md has a section for each', async () => {
    const help = await runCli(['--help']);
    assert.equal(help.code, 0);
    const page = await readFile(join(PACKAGE_ROOT, 'docs', 'cli.md'), 'utf8');
    for (const { name } of VERBS) {
      assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
      assert.ok(page.includes(`## ${name}`), `docs/cli.md lacks ${name}`);
    }
    // One file per verb, and none that no verb uses.
    const files = (await readdir(join(PACKAGE_ROOT, 'src', 'cli', 'verbs'))).map((file) => file.replace(/\.ts$/, ''));
    assert.deepEqual(files.sort(), VERBS.map(({ name }) => name).sort());
  });

  it('answers usage errors with exit 2, a code and a hint, never a stack', async () => {
    for (const args of [['nonsense'], [], ['verify', 'a'], ['prove', 'balance'], ['config', '--nope'], ['policy']]) {
      const run = await runCli(args);
      assert.equal(run.code, 2, args.join(' '));
      assert.match(run.stderr, /^error CLI_USAGE: .+\n {2}hint: /m);
      assert.doesNotMatch(run.stderr, /\n\s+at .+:\d+/);
      assert.equal(run.stdout, '');
    }
    const json = await runCli(['nonsense', '--json']);
    assert.equal(jsonOf<Failure>(json).error.code, 'CLI_USAGE');
  });

  it('checks a policy, and underlines what is wrong with one', async () => {
    const good = await runCli(['policy', 'check', 'age >= 18 and balance(EUR) >= 1200', '--json']);
    assert.equal(good.code, 0);
    assert.equal(jsonOf(good)['circuit'], 'qualification');
    const again = await runCli(['policy', 'check', String(jsonOf(good)['canonical']), '--json']);
    assert.equal(jsonOf(again)['text'], jsonOf(good)['text']);
    const bad = await runCli(['policy', 'check', 'age >= 18 or kyc >= 2']);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /^age >= 18 or kyc >= 2\n {10}\^\^\nerror POLICY_NOT_EXPRESSIBLE/);
    const notJson = await runCli(['policy', 'check', '{"v":', '--json']);
    assert.equal(jsonOf<Failure>(notJson).error.code, 'CLI_NOT_JSON');
  });

  it('prints where each setting comes from', async () => {
    const file = join(dir, 'my.json');
    await writeFile(file, '{"api":{"port":5001},"network":{"name":"shop"}}');
    const run = await runCli(['config', '--json', '--config', file, '--set', 'log.level=debug'], {
      env: { ZKBAZAAR_API_PORT: '5002' },
    });
    assert.equal(run.code, 0, run.stderr);
    const { settings } = jsonOf<{ settings: { name: string; value: unknown; origin: string }[] }>(run);
    const of = (name: string) => settings.find((setting) => setting.name === name);
    assert.deepEqual([of('api.port')?.value, of('api.port')?.origin], [5002, 'env']);
    assert.deepEqual([of('network.name')?.value, of('network.name')?.origin], ['shop', 'file']);
    assert.deepEqual([of('log.level')?.value, of('log.level')?.origin], ['debug', 'flag']);
    assert.equal(of('api.host')?.origin, 'default');
    const bad = await runCli(['config', '--set', 'api.port=banana', '--json']);
    assert.equal(bad.code, 2);
    assert.equal(jsonOf<Failure>(bad).error.code, 'CONFIG_INVALID_VALUE');
    const unknown = await runCli(['config', '--set', 'api.prot=1', '--json']);
    assert.match(jsonOf<Failure>(unknown).error.code, /^CONFIG_/);
  });

  it('makes a private data folder once', async () => {
    const made = await runCli([...data('fresh'), 'init', '--network', 'shop', '--json']);
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await stat(join(dir, 'fresh'))).mode & 0o777, 0o700);
    assert.equal((await stat(join(dir, 'fresh', 'api-tokens.json'))).mode & 0o777, 0o600);
    const again = await runCli([...data('fresh'), 'init', '--json']);
    assert.equal(again.code, 2);
    assert.equal(jsonOf<Failure>(again).error.code, 'CLI_FILE_EXISTS');
    const config = join(dir, 'fresh', 'zkbazaar.config.json');
    await writeFile(config, JSON.stringify({ network: { name: 'shop' }, api: { port: 4999 } }), { mode: 0o600 });
    assert.equal((await runCli([...data('fresh'), 'init', '--force', '--network', 'fair'])).code, 0);
    const after = JSON.parse(await readFile(config, 'utf8')) as { network: { name: string }; api: { port: number } };
    assert.deepEqual([after.network.name, after.api.port], ['fair', 4999], 'other settings stay');
    const bad = await runCli([...data('other'), 'init', '--network', 'No Such Name', '--json']);
    assert.equal(bad.code, 2);
  });

  it('takes passphrases from file or environment alone, and shows none', async () => {
    const none = await runCli([...data('w0'), 'wallet', 'init', '--json']);
    assert.equal(none.code, 2);
    assert.equal(jsonOf<Failure>(none).error.code, 'CLI_PASSPHRASE_NEEDED');
    const file = join(dir, 'loose-passphrase');
    await writeFile(file, 'correct horse battery\n', { mode: 0o644 });
    await chmod(file, 0o644);
    const loose = await runCli([...data('w0'), 'wallet', 'init', '--passphrase-file', file, '--json']);
    assert.equal(loose.code, 2);
    assert.equal(jsonOf<Failure>(loose).error.code, 'FILE_LOOSE_PERMISSIONS');
    assert.doesNotMatch(loose.stdout + loose.stderr, /horse/);
  });

  it('reads input files with coded errors', async () => {
    const missing = await runCli(['envelope', 'inspect', join(dir, 'missing.bin'), '--json']);
    assert.equal(missing.code, 2);
    assert.equal(jsonOf<Failure>(missing).error.code, 'CLI_FILE_UNREADABLE');
    const garbage = await runCli(['envelope', 'inspect', '-', '--json'], { input: 'not an envelope at all' });
    assert.equal(garbage.code, 2);
    assert.match(jsonOf<Failure>(garbage).error.code, /^ENVELOPE_/);
    const wrapped = Buffer.alloc(4097).toString('base64').replace(/.{76}/g, '$&\n');
    const large = await runCli(['envelope', 'inspect', '-', '--json'], { input: `${wrapped}\n` });
    assert.match(jsonOf<Failure>(large).error.message, /^4097 bytes/);
    const folder = await runCli(['wallet', 'import', dir, '--json'], { env: { ZKBAZAAR_PASSPHRASE: 'x' } });
    assert.equal(jsonOf<Failure>(folder).error.code, 'CLI_FILE_UNREADABLE');
  });

  it('tells when no node answers', async () => {
    const env = { ZKBAZAAR_TOKEN: 'zkb_x' };
    for (const args of [['peers'], ['offer', 'list'], ['order', 'list'], ['order', 'take', 'ab'.repeat(32)]]) {
      const run = await runCli([...args, '--node', 'http://127.0.0.1:9', '--json'], { env });
      assert.equal(run.code, 3, run.stderr);
      assert.equal(jsonOf<Failure>(run).error.code, 'CLI_NODE_UNREACHABLE');
    }
    const noTokens = await runCli([...data('none'), 'peers', '--json']);
    assert.equal(noTokens.code, 2);
    assert.equal(jsonOf<Failure>(noTokens).error.code, 'API_TOKEN_FILE');
    const odd = await runCli(['peers', '--node', 'ftp://x', '--json'], { env });
    assert.equal(jsonOf<Failure>(odd).error.code, 'CLI_BAD_ARGUMENT');
  });
});

describe('cli verify', () => {
  let dir: string;
  const vectors = join(PACKAGE_ROOT, 'test', 'vectors', 'verifier');
  const key = join(vectors, 'product-key.json');
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-verify-'));
    const [first] = JSON.parse(await readFile(join(vectors, 'product-proofs.json'), 'utf8')) as {
      proof: unknown;
      publicSignals: string[];
    }[];
    assert.ok(first);
    await writeFile(join(dir, 'proof.json'), JSON.stringify(first.proof));
    await writeFile(join(dir, 'public.json'), JSON.stringify(first.publicSignals));
    const [signal = '0', ...rest] = first.publicSignals;
    await writeFile(join(dir, 'other.json'), JSON.stringify([String(BigInt(signal) + 1n), ...rest]));
    await writeFile(join(dir, 'hex.json'), JSON.stringify([`0x${BigInt(signal).toString(16)}`, ...rest]));
    await writeFile(join(dir, 'broken.json'), '{');
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const verify = (publicFile: string, proofFile = 'proof.json', keyFile = key) =>
    runCli(['verify', keyFile, join(dir, publicFile), join(dir, proofFile), '--json']);

  it('exits 0, 1, 2 with {valid, code, reason} for valid, invalid and unusable input', async () => {
    const cases: [files: Parameters<typeof verify>, exit: number, valid: boolean, code: RegExp][] = [
      [['public.json'], 0, true, /^VERIFIER_VALID$/],
      [['other.json'], 1, false, /^VERIFIER_INVALID_PROOF$/],
      [['hex.json'], 1, false, /^VERIFIER_SIGNAL_NOT_CANONICAL$/],
      [['broken.json'], 2, false, /^VERIFIER_BAD_SHAPE$/],
      [['public.json', 'broken.json'], 2, false, /^VERIFIER_/],
      [['public.json', 'proof.json', join(vectors, 'skipped-key.json')], 2, false, /^VERIFIER_BAD_KEY$/],
      [['missing.json'], 2, false, /^CLI_FILE_UNREADABLE$/],
    ];
    for (const [files, exit, valid, code] of cases) {
      const run = await verify(...files);
      const verdict = jsonOf<{ valid: boolean; code: string; reason: string }>(run);
      assert.equal(run.code, exit, `${files.join(' ')}: ${run.stdout}${run.stderr}`);
      assert.deepEqual(Object.keys(verdict), ['valid', 'code', 'reason']);
      assert.equal(verdict.valid, valid);
      assert.match(verdict.code, code);
    }
    const text = await runCli(['verify', key, join(dir, 'public.json'), join(dir, 'proof.json')]);
    assert.equal(text.stdout, 'valid: VERIFIER_VALID: the proof is valid\n');
  });
});
