/** Signatures of all three algorithms: made, checked together, and refused where any part is wrong. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { loadNative } from '../../../src/base/native/load.ts';
import { signedBytes } from '../../../src/crypto/signatures/format.ts';
import {
  createSignatureChecker,
  createSigner,
  generateKeyPair,
  MESSAGE_BYTES,
  SIGNATURE_ALGORITHM,
  type SignedBlock,
  type SignedItem,
  sign,
  signatureLengths,
} from '../../../src/crypto/signatures/index.ts';

const algorithms = Object.values(SIGNATURE_ALGORITHM);
const signers = algorithms.map((algorithm) => createSigner(algorithm, randomBytes(signatureLengths(algorithm).seed)));
const checkers = [
  { name: 'portable', checker: createSignatureChecker({ portable: true, threads: 2 }) },
  ...(loadNative().addon === undefined ? [] : [{ name: 'native', checker: createSignatureChecker({ threads: 2 }) }]),
];

function signedItem(i: number): SignedItem {
  const signer = signers[i % signers.length];
  if (signer === undefined) throw new RangeError('no signer');
  const message = randomBytes(MESSAGE_BYTES);
  return { algorithm: signer.algorithm, publicKey: signer.publicKey, message, signature: signer.sign(message) };
}
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** Items in one shared buffer with gaps, as transactions lie in a block. */
function blockOf(items: readonly SignedItem[]): SignedBlock {
  const size = items.reduce((sum, { publicKey, signature }) => sum + publicKey.length + signature.length + 13, 0);
  const bytes = new Uint8Array(new SharedArrayBuffer(size)).fill(0xa5);
  const block = {
    bytes,
    algorithms: Uint8Array.from(items, ({ algorithm }) => algorithm),
    publicKeys: new Uint32Array(items.length),
    signatures: new Uint32Array(items.length),
    messages: new Uint8Array(new SharedArrayBuffer(items.length * MESSAGE_BYTES)),
  };
  let offset = 0;
  items.forEach(({ publicKey, signature, message }, i) => {
    block.publicKeys[i] = offset + 8;
    bytes.set(publicKey, offset + 8);
    block.signatures[i] = offset + 8 + publicKey.length + 5;
    bytes.set(signature, offset + 8 + publicKey.length + 5);
    block.messages.set(message, i * MESSAGE_BYTES);
    offset += 13 + publicKey.length + signature.length;
  });
  return block;
}

for (const { name, checker } of checkers) {
  describe(`signatures, ${name}`, () => {
    it('takes good ones of every algorithm, as items, as a block, and alone', async () => {
      const items = Array.from({ length: 12 }, (_, i) => signedItem(i));
      const all = new Uint8Array(12).fill(1);
      assert.deepEqual(await checker.checkMany(items), all);
      assert.deepEqual(await checker.checkTransactions(blockOf(items)), all);
      assert.ok(items.every((item) => checker.checkNow(item)));
      assert.deepEqual(await checker.checkMany([]), new Uint8Array());
    });

    it('refuses a change in any part of key, message or signature, and tells which item it is', async () => {
      const items: SignedItem[] = [];
      for (const i of algorithms.keys()) {
        const good = signedItem(i);
        const { publicKey, signature } = signatureLengths(good.algorithm as 1 | 2 | 3);
        items.push(good, { ...good, message: flipped(good.message, 31) });
        for (const at of [0, 31, publicKey - 1]) items.push({ ...good, publicKey: flipped(good.publicKey, at) });
        for (const at of [0, 63, signature - 1]) items.push({ ...good, signature: flipped(good.signature, at) });
      }
      const expected = Uint8Array.from(items, (_, i) => (i % 8 === 0 ? 1 : 0));
      assert.deepEqual(await checker.checkMany(items), expected);
      assert.deepEqual(await checker.checkTransactions(blockOf(items)), expected);
      assert.deepEqual(
        Uint8Array.from(items, (item) => (checker.checkNow(item) ? 1 : 0)),
        expected,
      );
    });

    it('refuses what is cut off, of no algorithm, or of another', async () => {
      const items = [...algorithms.keys()].flatMap((i) => {
        const good = signedItem(i);
        const { publicKey, signature, message } = good;
        return [
          { ...good, algorithm: 0 },
          { ...good, algorithm: 4 },
          { ...good, algorithm: (good.algorithm % 3) + 1 },
          { ...good, publicKey: publicKey.subarray(1) },
          { ...good, signature: signature.subarray(0, -1) },
          { ...good, message: message.subarray(1) },
        ];
      });
      for (const item of items) {
        assert.deepEqual(await checker.checkMany([item]), Uint8Array.of(0));
        assert.ok(!checker.checkNow(item));
      }
    });

    it('makes a part that leaves the bytes a bad signature, and arrays of different lengths an error', async () => {
      const block = blockOf([signedItem(0), signedItem(1), signedItem(2)]);
      const beyond = Uint32Array.of(0xffff_ffff, block.bytes.length, block.bytes.length - 1000);
      for (const change of [{ publicKeys: beyond }, { signatures: beyond }, { bytes: new Uint8Array() }]) {
        assert.deepEqual(await checker.checkTransactions({ ...block, ...change }), new Uint8Array(3));
      }
      await assert.rejects(checker.checkTransactions({ ...block, messages: new Uint8Array(95) }), RangeError);
      await assert.rejects(checker.checkTransactions({ ...block, publicKeys: new Uint32Array(2) }), RangeError);
    });
  });
}

describe('keys of signatures', () => {
  it('makes the same key of the same seed, and other ones of no seed', () => {
    for (const algorithm of algorithms) {
      const { seed, publicKey } = signatureLengths(algorithm);
      const pair = generateKeyPair(algorithm, new Uint8Array(seed).fill(7));
      assert.deepEqual(generateKeyPair(algorithm, pair.seed).publicKey, pair.publicKey);
      assert.equal(pair.publicKey.length, publicKey);
      assert.notDeepEqual(generateKeyPair(algorithm).publicKey, generateKeyPair(algorithm).publicKey);
      const message = new Uint8Array(MESSAGE_BYTES);
      const item = { algorithm, publicKey: pair.publicKey, message, signature: sign(algorithm, pair.seed, message) };
      assert.ok(createSignatureChecker().checkNow(item));
    }
  });

  it('has the keys that the standards have for a seed', () => {
    // RFC 8032, 7.1, test 1.
    const ed = generateKeyPair(
      1,
      Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
    );
    const expected = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    assert.equal(Buffer.from(ed.publicKey).toString('hex'), expected);
    // The hybrid is the one beside the other.
    const both = generateKeyPair(3, Buffer.concat([ed.seed, new Uint8Array(32).fill(1)]));
    const quantum = generateKeyPair(2, new Uint8Array(32).fill(1));
    assert.deepEqual(both.publicKey, new Uint8Array(Buffer.concat([ed.publicKey, quantum.publicKey])));
  });

  it('signs an id of 32 bytes behind the prefix, in one block of SHA-512', () => {
    const signed = signedBytes(new Uint8Array(32).fill(1));
    assert.equal(Buffer.from(signed).toString('latin1'), `zkbazaar ledger${'\x01'.repeat(32)}`);
    assert.ok(64 + signed.length + 17 <= 128);
    assert.throws(() => signedBytes(new Uint8Array(31)), RangeError);
  });

  it('says nothing of a seed in an error', () => {
    const seed = Buffer.from('very secret seed of a wrong length!');
    for (const algorithm of algorithms) {
      assert.throws(
        () => createSigner(algorithm, seed),
        (error: Error) => error instanceof RangeError && !error.message.includes('secret'),
      );
    }
  });
});
