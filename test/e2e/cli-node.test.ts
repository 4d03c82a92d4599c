import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dataPaths, resolveConfig } from '../../src/config/index.ts';
import { initIssuer, initRegistry } from '../../src/issuer/index.ts';
import { registryFile } from '../../src/node/index.ts';
import { createWallet } from '../../src/wallet/index.ts';
import { cleanEnv, jsonOf, LAUNCHER, runCli } from '../unit/cli/run-cli.ts';

const PASSPHRASE = 'a passphrase of tests';
const CHEAP = { n: 1024 };

interface Started {
  api: string;
  peerId: string;
  wallet: string;
}

/** The launcher alone: a node is started, a proof is made, verified, published, refused when it comes again. */
describe('cli against a node that it started', () => {
  let dir: string;
  let child: ChildProcess;
  let started: Started;
  let exited: Promise<number | null>;
  let log = '';
  let env: Record<string, string>;
  const path = (name: string) => join(dir, name);
  const cli = (...args: string[]) => runCli(['--data-dir', path('data'), '--json', ...args], { env });

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-e2e-'));
    const registryKey = await makeWorld();
    env = { ZKBAZAAR_PASSPHRASE: PASSPHRASE, ZKBAZAAR_NETWORK_REGISTRY_KEY: registryKey };
    const args = ['start', '--port', '0', '--listen', '/ip4/127.0.0.1/tcp/0', '--json'];
    child = spawn(process.execPath, [LAUNCHER, '--data-dir', path('data'), ...args], { env: cleanEnv(env) });
    exited = new Promise((resolve) => child.once('close', resolve));
    child.stderr?.on('data', (part) => {
      log += part;
    });
    started = await new Promise<Started>((resolve, reject) => {
      let text = '';
      child.stdout?.on('data', (part) => {
        text += part;
        if (text.includes('\n')) resolve(JSON.parse(text) as Started);
      });
      child.once('close', () => reject(new Error(`start ended: ${text}${log}`)));
    });
    env['ZKBAZAAR_NODE'] = started.api;
  });
  after(async () => {
    child?.kill('SIGKILL');
    await exited;
    await rm(dir, { recursive: true, force: true });
  });

  /** A holder with 1500 EUR at a bank that the registry accepts; the library is quicker than a dozen processes. */
  async function makeWorld(): Promise<string> {
    const paths = dataPaths(resolveConfig({ env: {}, flags: { dataDir: path('data') } }).config);
    const wallet = await createWallet({ dir: paths.walletDir, passphrase: PASSPHRASE });
    const bank = await initIssuer({
      dir: path('bank'),
      name: 'Bank',
      schema: 'balance',
      passphrase: PASSPHRASE,
      scrypt: CHEAP,
    });
    const csv = `account,currency,balance,holder\nDE02120300000000202051,EUR,1500.00,${wallet.holder}\n`;
    const now = Math.floor(Date.now() / 1000);
    const { issued } = await bank.issueBalances(Buffer.from(csv), { asOf: now - 60 });
    await wallet.importCredentials(JSON.stringify(issued.map(({ credential }) => credential)));
    const registry = await initRegistry({
      dir: path('registry'),
      network: 'local',
      passphrase: PASSPHRASE,
      scrypt: CHEAP,
    });
    await registry.putIssuer(await bank.publish());
    const { registryKey } = await registry.state();
    await writeFile(
      path('snapshot.json'),
      registryFile(await registry.publish(), registry, { registryKey, now }).bytes,
    );
    for (const part of [wallet, bank, registry]) part.close();
    return registryKey;
  }

  it('starts with an open wallet and says where it listens', () => {
    assert.match(started.api, /^http:\/\/127\.0\.0\.1:[0-9]+$/);
    assert.equal(started.wallet, 'open');
  });

  it('takes a registry, proves on its own, verifies, and publishes once', async () => {
    const taken = await cli('registry', 'import', path('snapshot.json'));
    assert.equal(jsonOf(taken)['node'], 'took it', taken.stderr);

    const poor = await cli('prove', 'balance', 'balance(EUR) >= 9000');
    assert.equal(poor.code, 1, poor.stdout);
    assert.equal(jsonOf<{ error: { code: string } }>(poor).error.code, 'CLAIM_BALANCE_TOO_LOW');

    const proven = await cli('prove', 'balance', 'balance(EUR) >= 1200 and unique', '--out', path('proof'));
    assert.equal(proven.code, 0, proven.stderr);
    const file = (name: string) => join(path('proof'), name);
    const verdict = await cli('verify', file('verification_key.json'), file('public.json'), file('proof.json'));
    assert.deepEqual([verdict.code, jsonOf(verdict)['valid']], [0, true]);

    const seen = await cli('envelope', 'inspect', file('envelope.bin'));
    assert.deepEqual([jsonOf(seen)['kind'], jsonOf(seen)['signatureValid']], ['claim', true]);

    const bytes = await readFile(file('envelope.bin'));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file('tampered.bin'), bytes);
    const tampered = await cli('publish', file('tampered.bin'));
    assert.equal(tampered.code, 1, tampered.stdout);
    assert.equal(jsonOf<{ error: { code: string } }>(tampered).error.code, 'ENVELOPE_SIGNATURE');

    const published = await cli('publish', file('envelope.bin'));
    assert.equal(published.code, 0, published.stdout);
    const again = await cli('publish', file('envelope.bin'));
    assert.equal(again.code, 1);
    assert.equal(jsonOf<{ error: { code: string } }>(again).error.code, 'GOSSIP_DUPLICATE');
  });

  it('stops in order on SIGTERM, with 0, and has logged no passphrase and no token', async () => {
    const tokens = await readFile(path('data/api-tokens.json'), 'utf8');
    child.kill('SIGTERM');
    assert.equal(await exited, 0, log);
    assert.ok(!log.includes(PASSPHRASE));
    for (const [token] of tokens.matchAll(/zkb_[\w-]+/g)) assert.ok(!log.includes(token));
  });
});
