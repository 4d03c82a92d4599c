import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodedError, isCodedError } from '../../src/base/errors.ts';
import { createSealer, openSealed } from '../../src/base/sealed-file.ts';
import { createWallet, openWallet, WalletError } from '../../src/wallet/index.ts';
import { decodeVault, encodeVault, type Vault } from '../../src/wallet/vault.ts';

const PASSPHRASE = 'a passphrase of tests';
const SCRYPT = { n: 2 };

const pseudonym = fc.record(
  {
    publicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    purpose: fc.constantFrom('listing' as const, 'order' as const),
    label: fc.string({ maxLength: 20, unit: 'binary' }).filter((text) => text.isWellFormed()),
    createdAt: fc.nat(),
  },
  { noNullPrototype: true },
);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

test('a vault is read back as it was written, and nothing else is a vault', () => {
  const vault = fc
    .array(pseudonym, { maxLength: 4 })
    .chain((pseudonyms) =>
      fc
        .tuple(bytes32, fc.array(bytes32, { minLength: pseudonyms.length, maxLength: pseudonyms.length }))
        .map(([secret, seeds]): Vault => ({ holder: '5', credentials: [], pseudonyms, secret, seeds })),
    );
  fc.assert(
    fc.property(vault, fc.nat(), (value, cut) => {
      const bytes = encodeVault(value);
      assert.deepEqual(decodeVault(bytes), value);
      assert.equal(decodeVault(bytes.subarray(0, cut % bytes.length)), undefined);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(decodeVault(Buffer.from(bytes)), undefined);
    }),
    { numRuns: 1000 },
  );
});

test('one changed byte anywhere in a sealed file: a coded error, never the plaintext', async () => {
  const sealer = await createSealer('zkbazaar/test', PASSPHRASE, SCRYPT);
  const plaintext = Buffer.from('the plaintext');
  const text = sealer.seal(plaintext);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 0x20, max: 0x7e }), async (at, code) => {
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      // Blanks outside strings are no change of the file's content.
      const same = JSON.stringify(safeParse(changed)) === JSON.stringify(safeParse(text));
      const opened = openSealed('zkbazaar/test', changed, PASSPHRASE, SCRYPT);
      if (same) assert.deepEqual((await opened).plaintext, plaintext);
      else await assert.rejects(opened, (error) => error instanceof CodedError && error.code.startsWith('FILE_'));
    }),
    { numRuns: 1500 },
  );
});

test('any bytes as a keystore, a backup or a credential file: coded errors of the wallet', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'zkbazaar-fuzz-'));
  try {
    const wallet = await createWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT });
    const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)));
    const sealedLike = fc
      .record({
        format: fc.constantFrom('zkbazaar/wallet', 'x'),
        version: fc.constantFrom(1, 2, '1'),
        kdf: fc.jsonValue(),
        cipher: fc.jsonValue(),
        ciphertext: fc.base64String(),
      })
      .map((value) => Buffer.from(JSON.stringify(value)));
    const input = fc.oneof(
      json,
      sealedLike,
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(input, async (bytes) => {
        const isWalletError = (error: unknown): boolean => isCodedError(error) && error instanceof WalletError;
        await writeFile(join(dir, 'wallet.json'), bytes);
        await assert.rejects(openWallet({ dir, passphrase: PASSPHRASE, scrypt: SCRYPT }), isWalletError);
        await assert.rejects(wallet.credentials(), isWalletError);
        await assert.rejects(wallet.importCredentials(bytes), isWalletError);
      }),
      { numRuns: 700 },
    );
    wallet.close();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
