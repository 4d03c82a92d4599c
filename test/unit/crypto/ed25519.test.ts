/** Ed25519 by the addon and without it, alone and in batches: one verdict, at the edges of ZIP 215 too. */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { loadNative } from '../../../src/base/native/load.ts';
import { isSmallOrder } from '../../../src/crypto/signatures/ed25519.ts';
import { signedBytes } from '../../../src/crypto/signatures/format.ts';
import { createSignatureChecker, createSigner, SIGNATURE_ALGORITHM } from '../../../src/crypto/signatures/index.ts';
import {
  type Ed25519Case,
  edgeCases,
  littleEndian,
  numberOf,
  ORDER,
  smallOrderEncodings,
  torsion,
} from './ed25519-vectors.ts';

const algorithm = SIGNATURE_ALGORITHM.ed25519;
const item = ({ publicKey, message, signature }: Ed25519Case) => ({ algorithm, publicKey, message, signature });
const portable = createSignatureChecker({ portable: true });
const checkers = [
  { name: 'portable', checker: portable },
  ...(loadNative().addon === undefined
    ? []
    : [
        { name: 'native', checker: createSignatureChecker() },
        { name: 'native, one thread', checker: createSignatureChecker({ threads: 1 }) },
      ]),
];
/** All of them take minutes without the addon: ZKBAZAAR_ED25519_MUTANTS=10000. */
const MUTANTS = Number(process.env['ZKBAZAAR_ED25519_MUTANTS'] ?? 300);

const signers = Array.from({ length: 40 }, () => createSigner(algorithm, randomBytes(32)));
function goodOne(i: number): Ed25519Case {
  const signer = signers[i % signers.length];
  if (signer === undefined) throw new RangeError('no signer');
  const message = randomBytes(32);
  return { what: `good ${i}`, publicKey: signer.publicKey, message, signature: signer.sign(message), good: true };
}

/** A copy with one thing changed at random: a bit, a swapped part, an edge value. */
function mutant(base: Ed25519Case, other: Ed25519Case): Ed25519Case {
  const key = Uint8Array.from(base.publicKey);
  const message = Uint8Array.from(base.message);
  const signature = Uint8Array.from(base.signature);
  const flip = (bytes: Uint8Array) => {
    const bit = randomInt(bytes.length * 8);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  };
  const edge = smallOrderEncodings[randomInt(smallOrderEncodings.length)] ?? key;
  const s = numberOf(signature.subarray(32));
  const changes = [
    () => flip(key),
    () => flip(message),
    () => flip(signature),
    () => signature.set(other.signature.subarray(0, 32)),
    () => signature.set(other.signature.subarray(32), 32),
    () => key.set(other.publicKey),
    () => key.set(edge),
    () => signature.set(edge),
    () => signature.set(littleEndian(s + ORDER), 32),
    () => signature.set(littleEndian(ORDER - s), 32),
    () => signature.set(randomBytes(64)),
    () => undefined,
  ];
  const which = randomInt(changes.length);
  changes[which]?.();
  return { what: `mutant by ${which}`, publicKey: key, message, signature, good: false };
}

for (const { name, checker } of checkers) {
  describe(`Ed25519, ${name}`, () => {
    it('decides at the edges as ZIP 215 says, keys of small order aside', async () => {
      const verdicts = await checker.checkMany(edgeCases.map(item));
      edgeCases.forEach((one, i) => {
        assert.equal(verdicts[i], one.good ? 1 : 0, one.what);
      });
      for (const one of edgeCases.filter((_, i) => i % 7 === 0)) {
        assert.equal(checker.checkNow(item(one)), one.good, `${one.what}, alone`);
      }
    });

    it('finds every bad one among good ones, wherever they stand', async () => {
      const good = Array.from({ length: 600 }, (_, i) => goodOne(i));
      for (const bad of [[], [0], [599], [255, 256], [7, 8, 9, 300], Array.from({ length: 30 }, (_, i) => i * 20)]) {
        const cases = good.map((one, i) => ({ ...one, message: bad.includes(i) ? randomBytes(32) : one.message }));
        const verdicts = await checker.checkMany(cases.map(item));
        assert.deepEqual(
          [...verdicts.keys()].filter((i) => verdicts[i] !== 1),
          bad,
        );
        if (name === 'portable') break;
      }
    });
  });
}

describe('Ed25519', () => {
  it('has vectors that ZIP 215 itself takes: 196 with both points of small order, 120 of mixed order', () => {
    const small = edgeCases.filter(({ what }) => what === 'key of small order');
    const others = edgeCases.filter(({ good }) => good);
    assert.deepEqual([small.length, others.length], [196, 120]);
    for (const { what, publicKey, message, signature } of [...small, ...others]) {
      assert.ok(ed25519.verify(signature, signedBytes(message), publicKey, { zip215: true }), what);
    }
  });

  it('knows every encoding of a point of small order, and no other', () => {
    assert.equal(new Set(smallOrderEncodings.map((bytes) => Buffer.from(bytes).toString('hex'))).size, 14);
    for (const bytes of smallOrderEncodings) {
      assert.ok(isSmallOrder(bytes));
      assert.ok(torsion.some((point) => point.equals(ed25519.Point.fromBytes(bytes, true))));
    }
    for (const { publicKey } of signers) assert.ok(!isSmallOrder(publicKey));
    for (const y of [2n, 18n, 19n]) assert.ok(!isSmallOrder(littleEndian(y)));
  });

  it(`gives ${MUTANTS} mutants one verdict in every way`, async () => {
    const bases = [...Array.from({ length: 30 }, (_, i) => goodOne(i)), ...edgeCases.filter(({ good }) => good)];
    const pick = () => bases[randomInt(bases.length)] ?? goodOne(0);
    const mutants = Array.from({ length: MUTANTS }, () => mutant(pick(), pick()));
    const [expected, ...others] = await Promise.all(
      checkers.map(({ checker }) => checker.checkMany(mutants.map(item))),
    );
    for (const verdicts of others) assert.deepEqual(verdicts, expected);
    assert.ok(expected?.includes(1), 'some are left whole');
    assert.ok(expected?.includes(0));
  });

  const native = checkers[1]?.checker;
  if (native !== undefined) {
    it('gives 10,000 mutants the same verdict alone and in a batch', async () => {
      const bases = [...Array.from({ length: 300 }, (_, i) => goodOne(i)), ...edgeCases.filter(({ good }) => good)];
      const pick = () => bases[randomInt(bases.length)] ?? goodOne(0);
      const mutants = Array.from({ length: 10_000 }, () => (randomInt(20) === 0 ? mutant(pick(), pick()) : pick()));
      const verdicts = await native.checkMany(mutants.map(item));
      const wrong = mutants.filter((one, i) => native.checkNow(item(one)) !== (verdicts[i] === 1));
      assert.deepEqual(
        wrong.map(({ what }) => what),
        [],
      );
      assert.ok(verdicts.includes(0) && verdicts.includes(1));
    });
  }
});
