import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer, openSealed } from '../../../src/base/sealed-file.ts';
import { coded } from '../../support/codes.ts';

const COST = { n: 1024 };
const FORMAT = 'zkbazaar/test';
const SECRET = Buffer.from('the plaintext');

interface File {
  [key: string]: unknown;
  kdf: Record<string, unknown>;
  cipher: Record<string, unknown>;
  ciphertext: string;
}

test('what was sealed opens with its passphrase, in any Unicode form of it', async () => {
  const sealer = await createSealer(FORMAT, 'p\u00e4ssword', COST);
  const text = sealer.seal(SECRET);
  assert.deepEqual((await openSealed(FORMAT, text, 'pa\u0308ssword', COST)).plaintext, SECRET);
  assert.deepEqual(sealer.open(text), SECRET);
  assert.notEqual(sealer.seal(SECRET), text, 'each seal has its own nonce');
});

test('the default cost is what the header says', async () => {
  const sealer = await createSealer(FORMAT, 'password');
  const { kdf } = JSON.parse(sealer.seal(SECRET)) as File;
  assert.deepEqual([kdf['name'], kdf['n'], kdf['r'], kdf['p']], ['scrypt', 131_072, 8, 1]);
});

test('a cheaper file than accepted is refused before its passphrase is tried', async () => {
  const sealer = await createSealer(FORMAT, 'password', COST);
  await assert.rejects(openSealed(FORMAT, sealer.seal(SECRET), 'password'), coded('FILE_WEAK_KDF'));
});

test('wrong passphrase and damaged content are one and the same error', async () => {
  const sealer = await createSealer(FORMAT, 'password', COST);
  const text = sealer.seal(SECRET);
  const file = JSON.parse(text) as File;
  const bytes = Buffer.from(file.ciphertext, 'base64');
  const flip = (at: number): string => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy.toString('base64');
  };
  const salt = String(file.kdf['salt']);
  const damaged: [string, string][] = [
    [text, 'another password'],
    [JSON.stringify({ ...file, ciphertext: flip(0) }), 'password'],
    [JSON.stringify({ ...file, ciphertext: flip(bytes.length - 1) }), 'password'],
    [JSON.stringify({ ...file, ciphertext: bytes.subarray(0, 20).toString('base64') }), 'password'],
    [JSON.stringify({ ...file, cipher: { ...file.cipher, iv: '00'.repeat(12) } }), 'password'],
    [JSON.stringify({ ...file, kdf: { ...file.kdf, salt: salt.replace(/^../, 'ab') } }), 'password'],
    [JSON.stringify({ ...file, kdf: { ...file.kdf, n: 2048 } }), 'password'],
  ];
  const seen = new Set<string>();
  for (const [bad, passphrase] of damaged) {
    await assert.rejects(openSealed(FORMAT, bad, passphrase, COST), (error: Error & { code: string }) => {
      seen.add(JSON.stringify([error.code, error.message, error.cause]));
      return true;
    });
  }
  assert.equal(seen.size, 1);
  assert.match([...seen][0] ?? '', /FILE_UNLOCK_FAILED/);
});

test('what is no sealed file is refused before any key is derived', async () => {
  const sealer = await createSealer(FORMAT, 'password', COST);
  const file = JSON.parse(sealer.seal(SECRET)) as File;
  const { kdf, cipher } = file;
  const bad: [unknown, string][] = [
    ['not json', 'FILE_MALFORMED'],
    [null, 'FILE_MALFORMED'],
    [[], 'FILE_MALFORMED'],
    [{ ...file, format: 'zkbazaar/other' }, 'FILE_MALFORMED'],
    [{ ...file, version: 2 }, 'FILE_UNSUPPORTED_VERSION'],
    [{ ...file, kdf: null }, 'FILE_MALFORMED'],
    [{ ...file, kdf: { ...kdf, name: 'pbkdf2' } }, 'FILE_MALFORMED'],
    [{ ...file, kdf: { ...kdf, n: 1000 } }, 'FILE_MALFORMED'],
    [{ ...file, kdf: { ...kdf, n: 2 ** 21 } }, 'FILE_MALFORMED'],
    [{ ...file, kdf: { ...kdf, r: 64 } }, 'FILE_MALFORMED'],
    [{ ...file, kdf: { ...kdf, salt: 'XY' } }, 'FILE_MALFORMED'],
    [{ ...file, cipher: { ...cipher, name: 'aes-128-ecb' } }, 'FILE_MALFORMED'],
    [{ ...file, cipher: { ...cipher, iv: '' } }, 'FILE_MALFORMED'],
    [{ ...file, ciphertext: '*' }, 'FILE_MALFORMED'],
    [{ ...file, ciphertext: '' }, 'FILE_MALFORMED'],
    [{ ...file, ciphertext: 5 }, 'FILE_MALFORMED'],
  ];
  for (const [content, code] of bad) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await assert.rejects(openSealed(FORMAT, text, 'password', COST), coded(code), text.slice(0, 80));
  }
});

test('a closed sealer no longer opens', async () => {
  const sealer = await createSealer(FORMAT, 'password', COST);
  const text = sealer.seal(SECRET);
  sealer.close();
  assert.throws(() => sealer.open(text), coded('FILE_UNLOCK_FAILED'));
});
