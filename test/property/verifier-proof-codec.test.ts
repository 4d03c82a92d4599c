import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { isCodedError } from '../../src/base/errors.ts';
import { fieldToBytes, BASE_FIELD_ORDER as Q } from '../../src/base/field.ts';
import type { Groth16Proof } from '../../src/claims/interface.ts';
import {
  COMPRESSED_PROOF_BYTES,
  decodeProof,
  encodeProof,
  encodeProofPoints,
  UNCOMPRESSED_PROOF_BYTES,
} from '../../src/claims/proof-codec.ts';
import {
  type Fp2,
  fp2Mul,
  fp2Sqrt,
  fpSqrt,
  G1_GENERATOR,
  G2_GENERATOR,
  negateG1,
  negateG2,
} from '../../src/crypto/bn254.ts';
import { createVerifier } from '../../src/verifier/index.ts';
import { at, malleated, productKey, products } from '../unit/verifier/vectors.ts';

const forms = ['compressed', 'uncompressed'] as const;
const proofs: Groth16Proof[] = products.flatMap((request) => [request.proof, malleated(request).proof]);
const anyProof = fc.constantFrom(...proofs);
const anyForm = fc.constantFrom(...forms);
const anyFieldElement = fc.bigInt({ min: 0n, max: Q - 1n });

/** The bytes again if they decode, undefined if they are refused with one of the codec's codes. */
function again(bytes: Uint8Array, form: (typeof forms)[number]): Uint8Array | undefined {
  try {
    return encodeProof(decodeProof(bytes), form);
  } catch (error) {
    assert.ok(isCodedError(error) && error.code.startsWith('PROOF_CODEC_'), String(error));
    return undefined;
  }
}
const byteAt = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;
const refusedAs = (bytes: Uint8Array, code: string) => assert.throws(() => decodeProof(bytes), { code });

describe('proof codec', () => {
  it('leaves the bytes as they were, also where they are a Buffer', () => {
    fc.assert(
      fc.property(anyProof, anyForm, (proof, form) => {
        const bytes = Buffer.from(encodeProof(proof, form));
        const before = toHex(bytes);
        decodeProof(bytes);
        assert.equal(toHex(bytes), before);
      }),
    );
  });

  it('brings every proof back, in 128 and in 256 bytes', () => {
    for (const proof of proofs) {
      for (const form of forms) {
        const bytes = encodeProof(proof, form);
        assert.equal(bytes.length, form === 'compressed' ? COMPRESSED_PROOF_BYTES : UNCOMPRESSED_PROOF_BYTES);
        assert.deepEqual(decodeProof(bytes), proof);
      }
    }
  });

  it('gives proofs that still verify', async () => {
    const verifier = await createVerifier({ keys: [productKey] });
    const request = at(products, 3);
    const proof = decodeProof(encodeProof(request.proof));
    assert.equal((await verifier.verify({ ...request, proof })).valid, true);
    await verifier.close();
  });

  it('writes the generators as EIP-197 does, the part at u first', () => {
    const bytes = encodeProofPoints({ a: G1_GENERATOR, b: G2_GENERATOR, c: G1_GENERATOR }, 'uncompressed');
    const one = `${'0'.repeat(63)}1`;
    const two = `${'0'.repeat(63)}2`;
    const b = [
      '198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2',
      '1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed',
      '090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b',
      '12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa',
    ];
    assert.equal(toHex(bytes), [one, two, ...b, one, two].join(''));
  });

  it('marks the smaller y with 10 and the larger with 11', () => {
    const tops = (bytes: Uint8Array) => [0, 32, 96].map((offset) => byteAt(bytes, offset) >> 6);
    const small = encodeProofPoints({ a: G1_GENERATOR, b: G2_GENERATOR, c: G1_GENERATOR }, 'compressed');
    const large = encodeProofPoints(
      { a: negateG1(G1_GENERATOR), b: negateG2(G2_GENERATOR), c: negateG1(G1_GENERATOR) },
      'compressed',
    );
    assert.deepEqual(tops(small), [2, 2, 2]);
    assert.deepEqual(tops(large), [3, 3, 3]);
  });

  it('compares the y of B by its part at u', () => {
    let unlike = 0;
    for (const proof of proofs) {
      const [real, imaginary] = proof.pi_b[1].map((text) => 2n * BigInt(text) > Q);
      if (real !== imaginary) unlike++;
      assert.equal(byteAt(encodeProof(proof), 32) >> 6, imaginary ? 3 : 2);
    }
    assert.ok(unlike > 0, 'no proof tells the two parts apart');
  });

  it('has one spelling: what decodes at all encodes to the same bytes', () => {
    fc.assert(
      fc.property(anyProof, anyForm, fc.nat(), fc.nat(7), (proof, form, position, bit) => {
        const bytes = encodeProof(proof, form);
        const index = position % bytes.length;
        bytes[index] = byteAt(bytes, index) ^ (1 << bit);
        const back = again(bytes, form);
        if (back !== undefined) assert.deepEqual(back, bytes);
        // Without a y that follows from x, a changed bit leaves the curve.
        if (form === 'uncompressed') assert.equal(back, undefined);
      }),
      { numRuns: 600 },
    );
  });

  it('never crashes on bytes, and has one spelling for those that are a proof', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 128, maxLength: 128 }), fc.nat(7), (bytes, choice) => {
        // Flags and small x, so that a good part gets as far as the curve.
        for (const offset of [0, 32, 64, 96]) bytes[offset] = byteAt(bytes, offset) & 0x1f;
        for (const [i, offset] of [0, 32, 96].entries()) {
          bytes[offset] = byteAt(bytes, offset) | ((choice >> i) & 1 ? 0xc0 : 0x80);
        }
        const back = again(bytes, 'compressed');
        if (back !== undefined) assert.deepEqual(back, bytes);
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        again(bytes, 'compressed');
      }),
      { numRuns: 500 },
    );
  });

  it('refuses other lengths', () => {
    for (const length of [0, 1, 127, 129, 192, 255, 257, 384]) refusedAs(new Uint8Array(length), 'PROOF_CODEC_LENGTH');
  });

  it('refuses flags 00 and 01 on each point', () => {
    for (const offset of [0, 32, 96]) {
      for (const flags of [0x00, 0x40]) {
        const bytes = encodeProof(at(proofs, 0));
        bytes[offset] = (byteAt(bytes, offset) & 0x3f) | flags;
        refusedAs(bytes, 'PROOF_CODEC_FLAGS');
      }
    }
  });

  it('refuses coordinates of q and above, in each place of each form', () => {
    for (const form of forms) {
      for (let offset = 0; offset < encodeProof(at(proofs, 0), form).length; offset += 32) {
        for (const value of [Q, Q + 1n, (1n << 254n) - 1n]) {
          const bytes = encodeProof(at(proofs, 0), form);
          const flags = form === 'compressed' ? byteAt(bytes, offset) & 0xc0 : 0;
          bytes.set(fieldToBytes(value), offset);
          bytes[offset] = byteAt(bytes, offset) | flags;
          refusedAs(bytes, 'PROOF_CODEC_COORDINATE');
        }
      }
    }
  });

  it('refuses flags in the uncompressed form and on the second half of a compressed B', () => {
    const uncompressed = encodeProof(at(proofs, 0), 'uncompressed');
    uncompressed[0] = byteAt(uncompressed, 0) | 0x80;
    refusedAs(uncompressed, 'PROOF_CODEC_COORDINATE');
    const compressed = encodeProof(at(proofs, 0));
    compressed[64] = byteAt(compressed, 64) | 0x80;
    refusedAs(compressed, 'PROOF_CODEC_COORDINATE');
  });

  it('refuses the point at infinity', () => {
    for (const [from, to] of [
      [0, 64],
      [64, 192],
      [192, 256],
    ] as const) {
      const bytes = encodeProof(at(proofs, 0), 'uncompressed');
      bytes.fill(0, from, to);
      refusedAs(bytes, 'PROOF_CODEC_INFINITY');
    }
    const { proof } = at(products, 0);
    for (const change of [{ pi_a: ['0', '1', '0'] }, { pi_c: ['0', '1', '0'] }]) {
      assert.throws(() => encodeProof({ ...proof, ...change } as Groth16Proof), { code: 'PROOF_CODEC_INFINITY' });
    }
  });

  it('refuses x of no point', () => {
    // x = 4 on the curve: 67 is no square. Any x with an odd one out serves for the twist.
    assert.equal(fpSqrt(67n), undefined);
    const bytes = encodeProof(at(proofs, 0));
    bytes.set(fieldToBytes(4n | (1n << 255n)), 0);
    refusedAs(bytes, 'PROOF_CODEC_NOT_ON_CURVE');
  });

  it('encodes nothing but a proof in its one spelling', () => {
    const { proof } = at(products, 0);
    const [x, y] = proof.pi_a;
    const cases: [unknown, string][] = [
      [null, 'PROOF_CODEC_SHAPE'],
      [{}, 'PROOF_CODEC_SHAPE'],
      [{ ...proof, pi_b: proof.pi_a }, 'PROOF_CODEC_SHAPE'],
      [{ ...proof, extra: 1 }, 'PROOF_CODEC_SHAPE'],
      [{ ...proof, curve: 'bn254' }, 'PROOF_CODEC_LABEL'],
      [{ ...proof, pi_a: [`0${x}`, y, '1'] }, 'PROOF_CODEC_COORDINATE'],
      [{ ...proof, pi_a: [x, y, '2'] }, 'PROOF_CODEC_COORDINATE'],
      [{ ...proof, pi_a: [y, x, '1'] }, 'PROOF_CODEC_NOT_ON_CURVE'],
    ];
    for (const [value, code] of cases) assert.throws(() => encodeProof(value as Groth16Proof), { code });
  });

  it('takes roots that square back, and finds one for each square', () => {
    fc.assert(
      fc.property(anyFieldElement, anyFieldElement, (a, b) => {
        const root = fpSqrt((a * a) % Q);
        assert.ok(root === a || root === Q - a || (a === 0n && root === 0n));
        for (const value of [
          [a, b],
          [a, 0n],
          [0n, b],
        ] as Fp2[]) {
          const square = fp2Mul(value, value);
          const found = fp2Sqrt(square);
          assert.ok(found !== undefined);
          assert.deepEqual(fp2Mul(found, found), square);
        }
        const other = fp2Sqrt([a, b]);
        if (other !== undefined) assert.deepEqual(fp2Mul(other, other), [a, b]);
      }),
      { numRuns: 100 },
    );
    // 9 + u is no square: the twist would not be a sextic one.
    assert.equal(fp2Sqrt([9n, 1n]), undefined);
  });

  it('reads bytes that share a buffer', () => {
    const bytes = encodeProof(at(proofs, 0));
    const big = fromHex(`ffff${toHex(bytes)}ffff`);
    assert.ok(big !== undefined);
    assert.deepEqual(decodeProof(big.subarray(2, 130)), at(proofs, 0));
  });
});
