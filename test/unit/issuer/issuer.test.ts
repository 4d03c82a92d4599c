import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { getClaims } from '../../../src/claims/index.ts';
import { initIssuer, openIssuer } from '../../../src/issuer/index.ts';
import { coded } from '../../support/codes.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { csv, HOLDER_A, HOLDER_B, HOLDER_C, makeIssuer, NOW, PASSPHRASE, record, SCRYPT } from './make.ts';

test('an identity credential verifies, lasts a year, and its serial is fresh', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  const claims = await getClaims();
  const report = await issuer.issueIdentities([record(), record({ personReference: 'P-2', holder: HOLDER_B })]);
  assert.deepEqual([report.issued.length, report.rejected, report.unregistered], [2, [], []]);
  const [a, b] = report.issued.map(({ credential }) => credential);
  assert.ok(a !== undefined && b !== undefined);
  assert.ok(claims.verifyCredential(a) && claims.verifyCredential(b));
  assert.notEqual(a.serial, b.serial);
  assert.deepEqual([a.schema, a.holder, a.issuedAt, a.expiresAt], ['identity', HOLDER_A, NOW, NOW + 365 * 86_400]);
  assert.ok(!claims.verifyCredential({ ...a, holder: HOLDER_C }));
  assert.deepEqual(
    (await issuer.issued()).map(({ serial }) => serial),
    [a.serial, b.serial],
  );
});

test('one person, one holder, until revoked', async (t) => {
  const { issuer, clock } = await makeIssuer(t, 'identity');
  const first = await issuer.issueIdentities([record()]);
  const second = await issuer.issueIdentities([record({ holder: HOLDER_B })]);
  assert.deepEqual(
    second.rejected.map(({ code }) => code),
    ['ISSUER_PERSON_ALREADY_ISSUED'],
  );
  const renewal = await issuer.issueIdentities([record({ kycLevel: 3 })]);
  assert.equal(renewal.issued.length, 1);

  const serialOf = (report: typeof first): string => report.issued[0]?.credential.serial ?? '';
  await issuer.revoke([serialOf(first)]);
  assert.equal((await issuer.issueIdentities([record({ holder: HOLDER_B })])).issued.length, 0, 'the renewal stands');
  // Expiry frees nobody: a nullifier's scope may outlive the credential.
  clock.advance(366 * 86_400_000);
  assert.equal((await issuer.issueIdentities([record({ holder: HOLDER_B })])).issued.length, 0);
  await issuer.revoke([serialOf(renewal)]);
  assert.equal((await issuer.issueIdentities([record({ holder: HOLDER_B })])).issued.length, 1);
});

test('one person twice in one file, and two persons with one holder, are refused', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  const report = await issuer.issueIdentities([
    record(),
    record({ holder: HOLDER_B }),
    record({ personReference: 'P-2' }),
    record({ personReference: 'P-2', holder: HOLDER_B }),
  ]);
  assert.deepEqual(
    report.issued.map(({ at }) => at),
    [1, 4],
  );
  assert.deepEqual(
    report.rejected.map(({ at, code }) => `${at} ${code}`),
    ['2 ISSUER_PERSON_ALREADY_ISSUED', '3 ISSUER_HOLDER_ALREADY_ISSUED'],
  );
});

test('balances count from their as-of time; an account has one holder at a time', async (t) => {
  const { issuer, clock } = await makeIssuer(t, 'balance');
  const claims = await getClaims();
  const head = 'holder,account,currency,balance,as of';
  const file = (holder: string, asOf: string) => csv(head, `${holder},A-1,EUR,1200.00,${asOf}`);
  const first = await issuer.issueBalances(file(HOLDER_A, '2026-11-22T11:00:00Z'));
  const credential = first.issued[0]?.credential;
  assert.ok(credential !== undefined && claims.verifyCredential(credential));
  assert.deepEqual([credential.issuedAt, credential.expiresAt], [NOW - 3600, NOW - 3600 + 2 * 86_400]);
  assert.deepEqual(credential.attributes.slice(0, 2), [String(0x455552), '120000']);

  const again = await issuer.issueBalances(file(HOLDER_A, '2026-11-22T11:30:00Z'));
  assert.equal(again.issued[0]?.credential.attributes[2], credential.attributes[2], 'same account, same reference');
  const other = await issuer.issueBalances(file(HOLDER_B, '2026-11-22T11:30:00Z'));
  assert.deepEqual(
    other.rejected.map(({ code }) => code),
    ['ISSUER_ACCOUNT_ALREADY_ISSUED'],
  );
  const old = await issuer.issueBalances(file(HOLDER_C, '2026-11-20'));
  assert.deepEqual(
    old.rejected.map(({ code }) => code),
    ['ISSUER_BAD_DATE'],
  );
  clock.advance(2 * 86_400_000);
  assert.equal((await issuer.issueBalances(file(HOLDER_B, '2026-11-24T11:30:00Z'))).issued.length, 1);
});

test('ISSUER_ACCOUNT_ALREADY_ISSUED: a revoked balance still proves until it expires, so its account waits for that', async (t) => {
  const { issuer, clock } = await makeIssuer(t, 'balance');
  const file = (holder: string) => csv('holder,account,currency,balance', `${holder},A-1,EUR,1200.00`);
  const first = (await issuer.issueBalances(file(HOLDER_A))).issued[0]?.credential;
  await issuer.revoke([first?.serial ?? '']);
  assert.deepEqual(
    (await issuer.issueBalances(file(HOLDER_B))).rejected.map(({ code }) => code),
    ['ISSUER_ACCOUNT_ALREADY_ISSUED'],
  );
  clock.advance(2 * 86_400_000);
  assert.equal((await issuer.issueBalances(file(HOLDER_B))).issued.length, 1);
});

test('an account keeps its reference however the custodian is spelled; old balances leave the ledger', async (t) => {
  const { issuer, clock } = await makeIssuer(t, 'balance');
  const file = csv('holder,account,currency,balance', `${HOLDER_A},A-1,EUR,1`);
  const reference = async (custodian: string): Promise<string | undefined> =>
    (await issuer.issueBalances(file, { custodian })).issued[0]?.credential.attributes[2];
  assert.equal(await reference('Example Bank'), await reference('EXAMPLE  BANK '));
  assert.notEqual(await reference('Example Bank'), await reference('Other Bank'));
  assert.equal((await issuer.issued()).length, 4);
  clock.advance(31 * 86_400_000);
  await reference('Example Bank');
  assert.equal((await issuer.issued()).length, 5);
  clock.advance(2 * 86_400_000);
  await reference('Example Bank');
  assert.equal((await issuer.issued()).length, 2);
});

test('publishing counts up and lists unexpired revoked serials in order', async (t) => {
  const { issuer, clock } = await makeIssuer(t, 'identity');
  const people = Array.from({ length: 4 }, (_, i) => record({ personReference: `P-${i}`, holder: String(i + 1) }));
  const serials = (await issuer.issueIdentities(people)).issued.map(({ credential }) => credential.serial);
  assert.deepEqual((await issuer.publish()).revoked, []);
  const [a = '', b = '', c = ''] = serials;
  assert.deepEqual(await issuer.revoke([a, b, a]), [a, b]);
  assert.deepEqual(await issuer.revoke([b, c]), [c]);
  const entry = await issuer.publish();
  assert.equal(entry.sequence, 2);
  assert.deepEqual(
    entry.revoked,
    [a, b, c].sort((p, q) => (BigInt(p) < BigInt(q) ? -1 : 1)),
  );
  await assert.rejects(issuer.revoke(['5']), coded('ISSUER_UNKNOWN_SERIAL'));
  clock.advance(365 * 86_400_000);
  assert.deepEqual((await issuer.publish()).revoked, [], 'expired ones need no place in the tree');
});

test('issued credentials survive reopening; without a passphrase it lists and revokes but does not sign', async (t) => {
  const { issuer, dir } = await makeIssuer(t, 'identity');
  const serial = (await issuer.issueIdentities([record()])).issued[0]?.credential.serial ?? '';
  const locked = await openIssuer({ dir });
  assert.deepEqual(locked.identity, issuer.identity);
  assert.equal((await locked.issued()).length, 1);
  assert.deepEqual(await locked.revoke([serial]), [serial]);
  await assert.rejects(locked.issueIdentities([record()]), coded('ISSUER_LOCKED'));
  await assert.rejects(locked.publish(), coded('ISSUER_LOCKED'));
  assert.notEqual((await issuer.issued())[0]?.revokedAt, null);
  issuer.close();
  await assert.rejects(issuer.publish(), coded('ISSUER_LOCKED'));

  const open = await openIssuer({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  assert.equal((await open.issueIdentities([record({ holder: HOLDER_B })])).issued.length, 1);
  open.close();
});

test('parallel issuing loses nothing and issues nobody twice', async (t) => {
  const { issuer, dir } = await makeIssuer(t, 'identity');
  const other = await openIssuer({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
  const reports = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      (i % 2 === 0 ? issuer : other).issueIdentities([record({ holder: String(100 + i) })]),
    ),
  );
  other.close();
  assert.equal(
    reports.reduce((sum, { issued }) => sum + issued.length, 0),
    1,
  );
  assert.equal((await issuer.issued()).length, 1);
});

test('a new issuer refuses what it cannot be', async (t) => {
  const dir = await tempDir(t);
  const init = { dir: join(dir, 'i'), name: 'X', schema: 'identity', passphrase: PASSPHRASE, scrypt: SCRYPT } as const;
  for (const name of ['', ' X', 'X\n', 'x'.repeat(65), '\u202eX']) {
    await assert.rejects(initIssuer({ ...init, name }), coded('ISSUER_BAD_INPUT'));
  }
  await assert.rejects(initIssuer({ ...init, schema: 'robot' as 'identity' }), coded('ISSUER_BAD_INPUT'));
  await assert.rejects(initIssuer({ ...init, passphrase: 'short' }), coded('ISSUER_BAD_PASSPHRASE'));
  await assert.rejects(openIssuer({ dir: join(dir, 'none') }), coded('ISSUER_NOT_FOUND'));
  (await initIssuer(init)).close();
  await assert.rejects(initIssuer(init), coded('ISSUER_EXISTS'));
  await assert.rejects(openIssuer({ ...init, passphrase: 'wrong passphrase' }), coded('ISSUER_UNLOCK_FAILED'));
});

test('an issuer signs its own schema only, for a validity that makes sense', async (t) => {
  const { issuer } = await makeIssuer(t, 'identity');
  await assert.rejects(issuer.issueBalances(csv('x')), coded('ISSUER_WRONG_SCHEMA'));
  for (const validSeconds of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(issuer.issueIdentities([record()], { validSeconds }), coded('ISSUER_BAD_INPUT'));
  }
  await assert.rejects(issuer.issueIdentities([record()], { validSeconds: 2 ** 41 }), coded('ISSUER_BAD_DATE'));
});

test('a key file with another name or key over it does not open', async (t) => {
  const { dir } = await makeIssuer(t, 'identity');
  const path = join(dir, 'issuer.json');
  const file = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...file, name: 'Another Bank' }));
  await assert.rejects(openIssuer({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT }), coded('ISSUER_BAD_FILE'));
  for (const broken of ['', '{', '[]', 'null', '{"v":1}', JSON.stringify({ ...file, v: 2 })]) {
    await writeFile(path, broken);
    await assert.rejects(openIssuer({ dir }), coded('ISSUER_BAD_FILE'));
  }
});

test('a damaged or lost ledger stops issuing instead of starting afresh', async (t) => {
  const { issuer, dir } = await makeIssuer(t, 'identity');
  const path = join(dir, 'issued.json');
  for (const broken of ['', '{"v":1,"published":0,"records":[{}]}', '{"v":1,"published":-1,"records":[]}']) {
    await writeFile(path, broken);
    await assert.rejects(issuer.issueIdentities([record()]), coded('ISSUER_BAD_FILE', 'issued.json'));
  }
  await chmod(path, 0o644);
  await assert.rejects(issuer.issued(), coded('ISSUER_BAD_FILE', 'issued.json'));
});

test('files are 0600 in a 0700 folder, and hold neither key, salt, name nor account number', async (t) => {
  const { issuer, dir } = await makeIssuer(t, 'balance', 'Canary Bank');
  await issuer.issueBalances(csv('holder,account,currency,balance', `${HOLDER_A},ACCT-CANARY-77,EUR,31337.42`));
  assert.equal((await stat(dir)).mode & 0o777, 0o700);
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    assert.equal((await stat(path)).mode & 0o777, 0o600, name);
    assert.doesNotMatch(await readFile(path, 'utf8'), /CANARY-77|3133742|31337/, name);
  }
  assert.doesNotMatch(inspect(issuer, { depth: 9, showHidden: true }), /secret|Buffer/i);
  assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(issuer)) as object), ['identity']);
});
