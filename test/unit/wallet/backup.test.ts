import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWallet, restoreWallet } from '../../../src/wallet/index.ts';
import { coded } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { issueTo, makeWallet, PASSPHRASE, SCRYPT } from './make.ts';

const BACKUP_PASSPHRASE = 'the passphrase of the backup';

test('a restored wallet is the same wallet', async (t) => {
  const { wallet } = await makeWallet(t);
  const [credential] = await issueTo(t, [wallet.holder]);
  await wallet.importCredentials(JSON.stringify(credential));
  const { publicKey } = await wallet.createPseudonym('order', 'one');
  const backup = await wallet.backup(BACKUP_PASSPHRASE);

  const dir = join(await tempDir(t), 'restored');
  const init = { dir, backup, passphrase: BACKUP_PASSPHRASE, newPassphrase: 'a third passphrase', scrypt: SCRYPT };
  const restored = await restoreWallet(init);
  assert.equal(restored.holder, wallet.holder);
  assert.deepEqual(await restored.credentials(), [credential]);
  assert.deepEqual(await restored.sign(publicKey, Buffer.from('m')), await wallet.sign(publicKey, Buffer.from('m')));
  restored.close();
  (await openWallet({ dir, passphrase: 'a third passphrase', scrypt: SCRYPT })).close();
  await assert.rejects(restoreWallet(init), coded('WALLET_EXISTS'));
});

test('a restore never overwrites a wallet', async (t) => {
  const [a, b] = [await makeWallet(t), await makeWallet(t)];
  const backup = await a.wallet.backup(BACKUP_PASSPHRASE);
  const init = { dir: b.dir, backup, passphrase: BACKUP_PASSPHRASE, scrypt: SCRYPT };
  await assert.rejects(restoreWallet(init), coded('WALLET_EXISTS'));
  const still = await openWallet({ dir: b.dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  assert.equal(still.holder, b.wallet.holder);
  still.close();
});

test('damage shows without the passphrase; a wrong passphrase does not look like damage', async (t) => {
  const { wallet } = await makeWallet(t);
  const backup = await wallet.backup(BACKUP_PASSPHRASE);
  const dir = join(await tempDir(t), 'restored');
  const restore = (bytes: Uint8Array, passphrase = BACKUP_PASSPHRASE) =>
    restoreWallet({ dir, backup: bytes, passphrase, scrypt: SCRYPT });
  await assert.rejects(restore(backup, 'wrong passphrase'), coded('WALLET_UNLOCK_FAILED'));

  const file = JSON.parse(Buffer.from(backup).toString()) as { sealed: { ciphertext: string; kdf: { n: number } } };
  const text = JSON.stringify(file);
  const bad = [
    '',
    '{}',
    'null',
    '[]',
    text.slice(0, -30),
    text.replace('"version":1', '"version":2'),
    text.replace(/"checksum":"../, '"checksum":"zz'),
    JSON.stringify({ ...file, sealed: null }),
    JSON.stringify({ ...file, sealed: { ...file.sealed, ciphertext: `AAAA${file.sealed.ciphertext.slice(4)}` } }),
    JSON.stringify({ ...file, sealed: { ...file.sealed, kdf: { ...file.sealed.kdf, n: 1.5 } } }),
  ];
  for (const each of bad)
    await assert.rejects(restore(Buffer.from(each)), coded('WALLET_BAD_BACKUP'), each.slice(0, 60));
  await assert.rejects(restore(Buffer.from([0xff])), coded('WALLET_BAD_BACKUP'));
  (await restore(backup)).close();
});

test('a keystore is no backup, and a backup no keystore', async (t) => {
  const { wallet } = await makeWallet(t);
  const backup = await wallet.backup(BACKUP_PASSPHRASE);
  const { sealed } = JSON.parse(Buffer.from(backup).toString()) as { sealed: { format: string } };
  assert.equal(sealed.format, 'zkbazaar/wallet-backup');
  await assert.rejects(wallet.backup('short'), coded('WALLET_BAD_PASSPHRASE'));
});
