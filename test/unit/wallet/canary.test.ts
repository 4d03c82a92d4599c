import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { openWallet } from '../../../src/wallet/index.ts';
import { newHolderSecret } from '../../../src/wallet/vault.ts';
import { issueTo, makeWallet, PASSPHRASE, SCRYPT } from './make.ts';

/** Every way in which a careless line could write a secret down. */
function spellings(secret: bigint): string[] {
  const hex = secret.toString(16).padStart(64, '0');
  const bytes = Buffer.from(hex, 'hex');
  return [
    secret.toString(),
    secret.toString(16),
    hex.toUpperCase(),
    bytes.toString('base64').slice(0, 42),
    bytes.toString('base64url').slice(0, 42),
    bytes.toString('latin1'),
    [...bytes].join(','),
    [...bytes].join(', '),
  ];
}

function everythingAbout(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    parts.push(
      at.message,
      at.stack ?? '',
      JSON.stringify(at, Object.getOwnPropertyNames(at)),
      inspect(at, { depth: 9, showHidden: true }),
    );
  }
  return parts.join('\n');
}

test('the secret is in no file, error, inspection or JSON of the wallet', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  const [credential] = await issueTo(t, [wallet.holder]);
  await wallet.importCredentials(JSON.stringify(credential));
  const { publicKey } = await wallet.createPseudonym('order', 'canary');
  const secret = await wallet.withSecret((value) => value);

  const seen: string[] = [JSON.stringify(wallet), inspect(wallet, { depth: 9, showHidden: true, getters: true })];
  for (const value of [await wallet.list(), await wallet.pseudonyms(), await wallet.credentials()]) {
    seen.push(JSON.stringify(value), inspect(value, { depth: 9 }));
  }
  seen.push(Buffer.from(await wallet.backup('another passphrase')).toString('latin1'));
  for (const name of await readdir(dir)) seen.push(await readFile(join(dir, name), 'latin1'));

  const failing: (() => Promise<unknown>)[] = [
    () => openWallet({ dir, passphrase: 'wrong passphrase', scrypt: SCRYPT }),
    () => wallet.importCredentials('{'),
    () => wallet.importCredentials(JSON.stringify({ ...credential, holder: '5' })),
    () => wallet.importCredentials(JSON.stringify({ ...credential, expiresAt: 2 ** 39 })),
    () => wallet.sign('00'.repeat(32), Buffer.from('x')),
    () => wallet.removeCredential('1'),
    () => wallet.changePassphrase('wrong passphrase', 'a new passphrase'),
    () => wallet.createPseudonym('order', 'x'.repeat(999)),
  ];
  for (const call of failing) {
    await assert.rejects(call(), (error) => {
      seen.push(everythingAbout(error));
      return true;
    });
  }
  wallet.close();
  await assert.rejects(wallet.sign(publicKey, Buffer.from('x')), (error) => {
    seen.push(everythingAbout(error));
    return true;
  });
  for (const spelling of [...spellings(secret), PASSPHRASE]) {
    assert.equal(
      seen.findIndex((text) => text.includes(spelling)),
      -1,
      'a secret leaked',
    );
  }
});

test('nothing is printed', () => {
  const url = new URL('../../../src/wallet/index.ts', import.meta.url).href;
  const code = `
    import { mkdtempSync, rmSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    const { createWallet, openWallet } = await import(${JSON.stringify(url)});
    const dir = mkdtempSync(tmpdir() + '/zkbazaar-quiet-');
    try {
      const wallet = await createWallet({ dir, passphrase: 'a passphrase of tests', scrypt: { n: 1024 } });
      await wallet.createPseudonym('order', 'quiet');
      await openWallet({ dir, passphrase: 'wrong passphrase', scrypt: { n: 1024 } }).catch(() => undefined);
      wallet.close();
    } finally {
      rmSync(dir, { recursive: true });
    }`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('a holder secret is drawn again while it is out of range', () => {
  const draws = [Buffer.alloc(32, 0xff), Buffer.alloc(32, 0), Buffer.alloc(32, 0x30)];
  let count = 0;
  const secret = newHolderSecret(() => {
    const draw = draws[count] ?? Buffer.alloc(32, 1);
    count += 1;
    return draw;
  });
  assert.equal(count, 3);
  assert.equal(secret.toString('hex'), '30'.repeat(32));
});
