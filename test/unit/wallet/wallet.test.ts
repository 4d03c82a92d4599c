import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ed25519Verify } from '../../../src/base/ed25519.ts';
import { SCALAR_FIELD_ORDER } from '../../../src/base/field.ts';
import { getClaims } from '../../../src/claims/index.ts';
import { createWallet, openWallet } from '../../../src/wallet/index.ts';
import { coded } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { issueTo, makeWallet, PASSPHRASE, SCRYPT } from './make.ts';

test('a wallet opens again with its passphrase, and only with it', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  const claims = await getClaims();
  const secret = await wallet.withSecret((value) => value);
  assert.ok(secret >= 1n && secret < SCALAR_FIELD_ORDER);
  assert.equal(claims.holderOf(secret).toString(), wallet.holder);
  const again = await openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  assert.equal(await again.withSecret((value) => value), secret);
  again.close();
  await assert.rejects(
    openWallet({ dir, passphrase: 'wrong passphrase', scrypt: SCRYPT }),
    coded('WALLET_UNLOCK_FAILED'),
  );
  await assert.rejects(openWallet({ dir, passphrase: PASSPHRASE }), coded('WALLET_BAD_FILE'), 'cheap scrypt');
  await assert.rejects(createWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT }), coded('WALLET_EXISTS'));
  const elsewhere = join(dir, 'none');
  await assert.rejects(openWallet({ dir: elsewhere, passphrase: PASSPHRASE }), coded('WALLET_NOT_FOUND'));
  await assert.rejects(createWallet({ dir: elsewhere, passphrase: 'short' }), coded('WALLET_BAD_PASSPHRASE'));
});

test('two wallets have nothing in common', async (t) => {
  const [a, b] = [await makeWallet(t), await makeWallet(t)];
  assert.notEqual(a.wallet.holder, b.wallet.holder);
});

test('credentials are imported once, in each of the three forms of a file', async (t) => {
  const { wallet, clock } = await makeWallet(t);
  const [a, b, c] = await issueTo(t, [wallet.holder, wallet.holder, wallet.holder]);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  assert.deepEqual(
    (await wallet.importCredentials(JSON.stringify(a))).imported.map(({ serial }) => serial),
    [a.serial],
  );
  const report = await wallet.importCredentials(Buffer.from(JSON.stringify([a, b])));
  assert.deepEqual([report.imported.map(({ serial }) => serial), report.known], [[b.serial], [a.serial]]);
  await wallet.importCredentials(JSON.stringify({ credentials: [c, c] }));
  assert.deepEqual(await wallet.credentials(), [a, b, c]);

  const [summary] = await wallet.list();
  assert.deepEqual(Object.keys(summary ?? {}), ['schema', 'serial', 'issuer', 'issuedAt', 'expiresAt', 'expired']);
  assert.equal(summary?.expired, false);
  clock.advance(400 * 86_400_000);
  assert.equal((await wallet.list())[0]?.expired, true);

  await wallet.removeCredential(a.serial);
  assert.deepEqual(await wallet.credentials(), [b, c]);
  await assert.rejects(wallet.removeCredential(a.serial), coded('WALLET_UNKNOWN_CREDENTIAL'));
});

test('a bad credential is refused with its place, and nothing of its file is stored', async (t) => {
  const { wallet } = await makeWallet(t);
  const stranger = '1000000000000000000000000000000000000001';
  const [good, foreign] = await issueTo(t, [wallet.holder, stranger]);
  assert.ok(good !== undefined && foreign !== undefined);
  const forged = { ...good, attributes: good.attributes.with(2, '9') };
  const cases: [unknown, string, string][] = [
    [foreign, 'WALLET_NOT_OURS', 'credentials[1].holder'],
    [{ ...foreign, holder: wallet.holder }, 'WALLET_BAD_SIGNATURE', 'credentials[1].signature'],
    [forged, 'WALLET_BAD_SIGNATURE', 'credentials[1].signature'],
    [{ ...good, expiresAt: good.expiresAt + 1 }, 'WALLET_BAD_SIGNATURE', 'credentials[1].signature'],
    [{ ...good, serial: `0${good.serial}` }, 'WALLET_BAD_CREDENTIAL', 'credentials[1].serial'],
    [{ ...good, attributes: good.attributes.slice(1) }, 'WALLET_BAD_CREDENTIAL', 'credentials[1].attributes'],
    [{ ...good, attributes: good.attributes.with(3, '-1') }, 'WALLET_BAD_CREDENTIAL', 'credentials[1].attributes[3]'],
    [{ ...good, signature: undefined }, 'WALLET_BAD_CREDENTIAL', 'credentials[1].signature'],
    [{ ...good, schema: 'robot' }, 'WALLET_BAD_CREDENTIAL', 'credentials[1].schema'],
    [{ ...good, extra: 1 }, 'WALLET_BAD_CREDENTIAL', 'credentials[1]'],
    [null, 'WALLET_BAD_CREDENTIAL', 'credentials[1]'],
  ];
  for (const [bad, code, where] of cases) {
    await assert.rejects(wallet.importCredentials(JSON.stringify([good, bad])), coded(code, where));
  }
  assert.deepEqual(await wallet.credentials(), []);

  await wallet.importCredentials(JSON.stringify(good));
  const malleable = { ...good, signature: { ...good.signature, s: (BigInt(good.signature.s) + 1n).toString() } };
  await assert.rejects(wallet.importCredentials(JSON.stringify(malleable)), coded('WALLET_BAD_SIGNATURE'));
});

test('what is no credential file says so, with the place and without the content', async (t) => {
  const { wallet } = await makeWallet(t);
  for (const text of ['', 'null', '7', '"x"', '{"credentials":{}}', `[${'0,'.repeat(1000)}0]`, ' '.repeat(5_000_000)]) {
    await assert.rejects(wallet.importCredentials(text), coded('WALLET_BAD_CREDENTIAL_FILE'));
  }
  await assert.rejects(wallet.importCredentials(Buffer.from([0xff, 0xfe, 0xfd])), coded('WALLET_BAD_CREDENTIAL_FILE'));
  await assert.rejects(
    wallet.importCredentials('{\n  "birthDate": "19880417"\n  "x": 1 }'),
    (error: Error & { where: string }) => error.where === '3:3' && !error.message.includes('1988'),
  );
});

test('a pseudonym signs, is fresh each time, and survives reopening', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  const a = await wallet.createPseudonym('listing', 'offer one');
  const b = await wallet.createPseudonym('listing', 'offer one');
  assert.notEqual(a.publicKey, b.publicKey);
  const message = Buffer.from('message');
  const again = await openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  assert.deepEqual(await again.pseudonyms(), [a, b]);
  for (const { publicKey } of [a, b]) {
    assert.ok(ed25519Verify(Buffer.from(publicKey, 'hex'), message, await again.sign(publicKey, message)));
  }
  await again.removePseudonym(a.publicKey);
  again.close();
  assert.deepEqual(await wallet.pseudonyms(), [b]);
  assert.ok(ed25519Verify(Buffer.from(b.publicKey, 'hex'), message, await wallet.sign(b.publicKey, message)));
  await assert.rejects(wallet.sign(a.publicKey, message), coded('WALLET_UNKNOWN_PSEUDONYM'));
  await assert.rejects(wallet.removePseudonym(a.publicKey), coded('WALLET_UNKNOWN_PSEUDONYM'));
  await assert.rejects(wallet.createPseudonym('order', 'x'.repeat(201)), coded('WALLET_BAD_LABEL'));
});

test('a changed passphrase is the only one, and other openers are told', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  const other = await openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  const [credential] = await issueTo(t, [wallet.holder]);
  await wallet.importCredentials(JSON.stringify(credential));
  await assert.rejects(
    wallet.changePassphrase('wrong passphrase', 'the next passphrase'),
    coded('WALLET_UNLOCK_FAILED'),
  );
  await assert.rejects(wallet.changePassphrase(PASSPHRASE, 'short'), coded('WALLET_BAD_PASSPHRASE'));
  await wallet.changePassphrase(PASSPHRASE, 'the next passphrase');
  assert.equal((await wallet.credentials()).length, 1);
  await assert.rejects(other.credentials(), coded('WALLET_PASSPHRASE_CHANGED'));
  await assert.rejects(openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT }), coded('WALLET_UNLOCK_FAILED'));
  const again = await openWallet({ dir, passphrase: 'the next passphrase', scrypt: SCRYPT });
  assert.deepEqual(await again.credentials(), [credential]);
  again.close();
  other.close();
});

test('several writers of one wallet lose nothing', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  const other = await openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  const made = await Promise.all(
    Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? wallet : other).createPseudonym('order', String(i))),
  );
  other.close();
  const kept = (await wallet.pseudonyms()).map(({ publicKey }) => publicKey);
  assert.deepEqual(kept.sort(), made.map(({ publicKey }) => publicKey).sort());
});

test('a closed wallet does nothing more', async (t) => {
  const { wallet } = await makeWallet(t);
  wallet.close();
  wallet.close();
  const calls = [
    () => wallet.list(),
    () => wallet.withSecret(() => 0),
    () => wallet.createPseudonym('order', ''),
    () => wallet.backup(PASSPHRASE),
  ];
  for (const call of calls) await assert.rejects(call(), coded('WALLET_CLOSED'));
});

test('what the callee of withSecret throws comes out as it is', async (t) => {
  const { wallet } = await makeWallet(t);
  const failure = Object.assign(new Error('disk of the callee'), { code: 'ENOSPC' });
  await assert.rejects(
    wallet.withSecret(() => {
      throw failure;
    }),
    (error) => error === failure,
  );
});

test('loose permissions, links and damaged files are refused', async (t) => {
  const { wallet, dir } = await makeWallet(t);
  const path = join(dir, 'wallet.json');
  assert.equal((await stat(dir)).mode & 0o777, 0o700);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(dir), ['wallet.json']);
  const open = () => openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  await chmod(path, 0o644);
  await assert.rejects(open(), coded('WALLET_BAD_FILE', 'wallet.json'));
  await assert.rejects(wallet.list(), coded('WALLET_BAD_FILE'));
  await chmod(path, 0o600);
  await chmod(dir, 0o750);
  await assert.rejects(open(), coded('WALLET_BAD_FILE'));
  await chmod(dir, 0o700);
  const text = await readFile(path, 'utf8');
  for (const broken of ['', '{', text.slice(0, -20), text.replace('"version": 1', '"version": 2')]) {
    await writeFile(path, broken);
    await assert.rejects(open(), coded('WALLET_BAD_FILE'));
    await assert.rejects(wallet.list(), coded('WALLET_BAD_FILE'));
  }
  const other = await tempDir(t);
  await symlink(path, join(other, 'wallet.json'));
  await assert.rejects(openWallet({ dir: other, passphrase: PASSPHRASE, scrypt: SCRYPT }), coded('WALLET_BAD_FILE'));
});
