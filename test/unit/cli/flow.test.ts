import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CliRun, jsonOf, runCli } from './run-cli.ts';

const SECRET = 'correct horse battery staple';
const NEW_SECRET = 'another long passphrase';

/** Issuer, registry and wallet by the real launcher; each step is a process of its own. */
describe('cli: issuer, registry, wallet', () => {
  let dir: string;
  let seen = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-flow-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const path = (name: string) => join(dir, name);
  const cli = async (...args: string[]): Promise<CliRun> => {
    const run = await runCli(['--data-dir', path('data'), '--json', ...args], { env: { ZKBAZAAR_PASSPHRASE: SECRET } });
    seen += run.stdout + run.stderr;
    return run;
  };
  const good = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
    const run = await cli(...args);
    assert.equal(run.code, 0, `${args.join(' ')}: ${run.stdout}${run.stderr}`);
    return jsonOf<T>(run);
  };
  const bad = async (exit: number, code: string, ...args: string[]): Promise<void> => {
    const run = await cli(...args);
    assert.equal(run.code, exit, `${args.join(' ')}: ${run.stdout}${run.stderr}`);
    assert.equal(jsonOf<{ error: { code: string } }>(run).error.code, code);
  };
  let holder = '';

  it('makes a wallet and an issuer, and issues from an account export', async () => {
    holder = (await good<{ holder: string }>('wallet', 'init')).holder;
    await good('issuer', 'init', 'bank', '--schema', 'balance', '--name', 'First Bank');
    await bad(2, 'CLI_BAD_ARGUMENT', 'issuer', 'init', '../evil', '--schema', 'balance');
    await writeFile(
      path('accounts.csv'),
      'customer,account,currency,balance\nC-1,DE02120300000000202051,EUR,1500.00\nC-1,DE02500105170137075030,EUR,oops\n',
    );
    await writeFile(path('holders.json'), JSON.stringify({ 'C-1': holder }));
    await bad(2, 'CLI_USAGE', 'issuer', 'issue', 'bank', path('accounts.csv'));
    const run = await cli(
      'issuer',
      'issue',
      'bank',
      path('accounts.csv'),
      '--registrations',
      path('holders.json'),
      '--out',
      path('credentials.json'),
    );
    assert.equal(run.code, 1, run.stdout + run.stderr);
    const report = jsonOf<{ issued: number; rejected: { at: number; code: string }[] }>(run);
    assert.equal(report.issued, 1);
    assert.deepEqual(
      report.rejected.map(({ at }) => at),
      [3],
    );
    assert.equal((await stat(path('credentials.json'))).mode & 0o777, 0o600);
  });

  it('imports the credential', async () => {
    const { imported } = await good<{ imported: unknown[] }>('wallet', 'import', path('credentials.json'));
    assert.equal(imported.length, 1);
  });

  it('publishes a registry and takes it in', async () => {
    await good('issuer', 'publish', 'bank', '--out', path('entry.json'));
    await bad(2, 'CLI_FILE_EXISTS', 'issuer', 'publish', 'bank', '--out', path('entry.json'));
    const { registryKey } = await good<{ registryKey: string }>('registry', 'init');
    assert.match(registryKey, /^[0-9a-f]{64}$/);
    await good('registry', 'add-issuer', path('entry.json'));
    await writeFile(
      path('sdn.csv'),
      '101,"DOE, Jane","individual","TEST","-0-","-0-","-0-","-0-","-0-","-0-","-0-","-0-"\n',
    );
    assert.equal((await good('registry', 'add-list', 'sanctions', '--sdn', path('sdn.csv')))['keys'], 1);
    await good('registry', 'publish', '--out', path('snapshot.json'));
    const taken = await good('registry', 'import', path('snapshot.json'));
    assert.equal(taken['node'], 'not running');
    const shown = await good<{ issuers: unknown[]; lists: unknown[] }>('registry', 'show');
    assert.deepEqual([shown.issuers.length, shown.lists.length], [1, 1]);
  });

  it('takes no older snapshot than it has', async () => {
    await good('registry', 'publish', '--out', path('newer.json'));
    await good('registry', 'import', path('newer.json'));
    await good('registry', 'import', path('newer.json'));
    await bad(2, 'REGISTRY_ROLLED_BACK', 'registry', 'import', path('snapshot.json'));
    assert.equal((await good('registry', 'show'))['sequence'], 2);
  });

  it('revokes', async () => {
    const { credentials } = await good<{ credentials: { serial: string }[] }>('wallet', 'list');
    const serial = credentials[0]?.serial ?? '';
    assert.deepEqual(await good('issuer', 'revoke', 'bank', serial), { revoked: [serial] });
    await bad(2, 'ISSUER_UNKNOWN_SERIAL', 'issuer', 'revoke', 'bank', '12345');
  });

  it('backs up, restores elsewhere, and changes the passphrase', async () => {
    await good('wallet', 'backup', path('backup.json'));
    await writeFile(path('new-passphrase'), `${NEW_SECRET}\n`, { mode: 0o600 });
    await good('wallet', 'passwd', '--new-passphrase-file', path('new-passphrase'));
    await bad(2, 'WALLET_UNLOCK_FAILED', 'wallet', 'list');
    const restored = await runCli(['--data-dir', path('other'), '--json', 'wallet', 'restore', path('backup.json')], {
      env: { ZKBAZAAR_PASSPHRASE: SECRET },
    });
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(jsonOf(restored)['holder'], holder);
  });

  it('never printed a passphrase', () => {
    assert.ok(seen.length > 1000);
    assert.ok(!seen.includes(SECRET) && !seen.includes(NEW_SECRET));
  });
});
