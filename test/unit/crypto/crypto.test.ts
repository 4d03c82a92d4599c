import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { buildBabyjub, buildPoseidonReference } from 'circomlibjs';
import fc from 'fast-check';
import { SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';
import type { EngineChoice } from '../../../src/base/native/choose.ts';
import { loadNative } from '../../../src/base/native/load.ts';
import { SUBGROUP_ORDER } from '../../../src/crypto/babyjub.ts';
import { getCrypto, getSigningCrypto, type Point, prepareHashing } from '../../../src/crypto/index.ts';

const crypto = await getCrypto();
const element = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: R - 1n }) },
  fc.constantFrom(0n, 1n, 2n, R - 1n, R - 2n, (R - 1n) / 2n, 1n << 253n),
);

/** What can stand behind Poseidon here: plain integers, circomlibjs, and the addon where it is there. */
const HASHERS = [
  ['wasm', false],
  ['wasm', true],
  ...(loadNative().addon === undefined ? [] : [['native', true] as const]),
] as const;

describe('Poseidon', () => {
  afterEach(() => prepareHashing('wasm', { many: false }));

  for (const [engine, many] of HASHERS) {
    it(`is circomlib’s, for every number of inputs: ${engine}${many ? ', for many' : ''}`, () =>
      sameAsReference(engine, many));
  }

  async function sameAsReference(engine: EngineChoice, many: boolean): Promise<void> {
    await prepareHashing(engine, { many });
    const reference = await buildPoseidonReference();
    for (let count = 1; count <= 16; count++) {
      fc.assert(
        fc.property(fc.array(element, { minLength: count, maxLength: count }), (inputs) => {
          assert.equal(crypto.poseidon(inputs), reference.F.toObject(reference(inputs)));
        }),
        { numRuns: 8, examples: [[Array(count).fill(0n)], [Array(count).fill(R - 1n)]] },
      );
    }
  }

  it('gives the published hash of (1, 2)', () => {
    // As in circomlib's own tests.
    assert.equal(
      crypto.poseidon([1n, 2n]),
      7853200120776062878684798364095072458815029376092732009249414926327459813530n,
    );
  });

  it('refuses what is no 1 to 16 elements of the field', () => {
    for (const inputs of [[], Array<bigint>(17).fill(1n), [R], [-1n], [1n, R + 1n]]) {
      assert.throws(() => crypto.poseidon(inputs), RangeError);
    }
  });
});

describe('EdDSA-Poseidon', async () => {
  const signer = await getSigningCrypto();
  const babyJub = await buildBabyjub();
  const { F } = babyJub;
  const secrets = Array.from({ length: 6 }, (_, i) => new Uint8Array(32).fill(i * 41 + 3));
  const toPoint = (point: Point): [Uint8Array, Uint8Array] => [F.e(point.x), F.e(point.y)];
  /** Generates the whole curve, cofactor included; from ERC-2494. */
  const generator: Point = {
    x: 995203441582195749578291179787384436505546430278305826713579947235728471134n,
    y: 5472060717959818805561601436314318772137091100104008585924551046643952123905n,
  };
  const multiple = (scalar: bigint): Point => {
    const [x, y] = babyJub.mulPointEscalar(toPoint(generator), scalar);
    return { x: F.toObject(x), y: F.toObject(y) };
  };

  it('accepts what circomlibjs signs, and nothing of it that was changed', () => {
    for (const secret of secrets) {
      const key = signer.publicKey(secret);
      const message = crypto.poseidon([BigInt(secret[0] ?? 0), 7n]);
      const signature = signer.signPoseidon(secret, message);
      assert.ok(crypto.isPublicKey(key));
      assert.ok(crypto.verifyPoseidon(key, message, signature));
      const { r8x, r8y, s } = signature;
      const changed: [Point, bigint, typeof signature][] = [
        [key, message + 1n, signature],
        [key, message + R, signature],
        [key, message, { r8x, r8y, s: s + 1n }],
        [key, message, { r8x, r8y, s: s + SUBGROUP_ORDER }],
        [key, message, { r8x, r8y, s: s - SUBGROUP_ORDER }],
        [key, message, { r8x: R - r8x, r8y, s }],
        [key, message, { r8x: r8x + R, r8y, s }],
        [key, message, { r8x: 0n, r8y: 1n, s }],
        [signer.publicKey(new Uint8Array(32).fill(99)), message, signature],
        [{ x: R - key.x, y: key.y }, message, signature],
        [{ x: 0n, y: 1n }, message, { r8x: 0n, r8y: 1n, s: 0n }],
      ];
      for (const [publicKey, signed, parts] of changed) {
        assert.equal(crypto.verifyPoseidon(publicKey, signed, parts), false);
      }
    }
  });

  it('takes as public keys what lies in the subgroup, as circomlibjs does', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 8n * SUBGROUP_ORDER }), fc.nat(7), (scalar, coset) => {
        const point = multiple(8n * (scalar % SUBGROUP_ORDER) + BigInt(coset));
        const expected = babyJub.inSubgroup(toPoint(point)) && point.x !== 0n;
        assert.equal(crypto.isPublicKey(point), expected);
        assert.equal(crypto.isPublicKey({ x: point.x, y: (point.y + 1n) % R }), false);
      }),
      { numRuns: 40 },
    );
    // Small order: the points that make every message verify under some S.
    for (const torsion of [0n, 1n, 2n, 4n]) assert.equal(crypto.isPublicKey(multiple(torsion * SUBGROUP_ORDER)), false);
  });

  it('never throws for numbers outside the field', () => {
    const odd = fc.bigInt({ min: -(1n << 260n), max: 1n << 260n });
    fc.assert(
      fc.property(odd, odd, odd, odd, odd, odd, (x, y, message, r8x, r8y, s) => {
        assert.equal(crypto.verifyPoseidon({ x, y }, message, { r8x, r8y, s }), false);
      }),
      { numRuns: 200 },
    );
  });
});
