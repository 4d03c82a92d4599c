import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { utf8 } from '../../../src/base/bytes.ts';
import { BASE_FIELD_ORDER as Q } from '../../../src/base/field.ts';
import { G2_GENERATOR, negateG2 } from '../../../src/crypto/bn254.ts';
import { createVerifier, readVerifyingKey } from '../../../src/verifier/index.ts';
import { at, g2Texts, offSubgroup, productKey, products, readVector, skippedKey, toG2 } from './vectors.ts';

type KeyFile = Record<string, unknown> & { IC: string[][]; vk_alpha_1: string[]; vk_delta_2: never };
const file = readVector('product-key') as KeyFile;
const bytesOf = (value: unknown) => utf8(JSON.stringify(value));
const [x, y] = file.vk_alpha_1;
const infinity1 = ['0', '1', '0'];
const infinity2 = [
  ['0', '0'],
  ['1', '0'],
  ['0', '0'],
];

const BAD: readonly [string, unknown][] = [
  ['null', null],
  ['an array', []],
  ['an empty object', {}],
  ['another protocol', { ...file, protocol: 'fflonk' }],
  ['another curve', { ...file, curve: 'bls12381' }],
  ['no nPublic', { ...file, nPublic: undefined }],
  ['nPublic as text', { ...file, nPublic: '4' }],
  ['a negative nPublic', { ...file, nPublic: -1, IC: [] }],
  ['half a signal', { ...file, nPublic: 3.5 }],
  ['too few points in IC', { ...file, IC: file.IC.slice(1) }],
  ['too many points in IC', { ...file, IC: [...file.IC, file.IC[0]] }],
  ['no IC', { ...file, IC: undefined }],
  ['a hole in IC', { ...file, IC: [...file.IC.slice(0, 4), null] }],
  ['IC at infinity', { ...file, IC: [...file.IC.slice(0, 4), infinity1] }],
  ['IC off the curve', { ...file, IC: [...file.IC.slice(0, 4), ['1', '1', '1']] }],
  ['no alpha', { ...file, vk_alpha_1: undefined }],
  ['alpha at infinity', { ...file, vk_alpha_1: infinity1 }],
  ['alpha off the curve', { ...file, vk_alpha_1: [x, x, '1'] }],
  ['alpha + q', { ...file, vk_alpha_1: [String(BigInt(x ?? '') + Q), y, '1'] }],
  ['alpha in hex', { ...file, vk_alpha_1: [`0x${BigInt(x ?? '').toString(16)}`, y, '1'] }],
  ['alpha as numbers', { ...file, vk_alpha_1: [1, 2, 1] }],
  ['beta at infinity', { ...file, vk_beta_2: infinity2 }],
  ['beta off the subgroup', { ...file, vk_beta_2: g2Texts(offSubgroup()) }],
  ['gamma at infinity', { ...file, vk_gamma_2: infinity2 }],
  ['gamma off the subgroup', { ...file, vk_gamma_2: g2Texts(offSubgroup()) }],
  ['delta at infinity', { ...file, vk_delta_2: infinity2 }],
  ['delta off the subgroup', { ...file, vk_delta_2: g2Texts(offSubgroup()) }],
  [
    'delta off the twist',
    {
      ...file,
      vk_delta_2: [
        ['1', '2'],
        ['3', '4'],
        ['1', '0'],
      ],
    },
  ],
];

const other = toG2((readVector('square-key') as KeyFile).vk_delta_2);
const UNSOUND: readonly [string, unknown][] = [
  ['gamma = delta = generator, as snarkjs makes it without phase 2', JSON.parse(new TextDecoder().decode(skippedKey))],
  ['gamma = delta, not the generator', { ...file, vk_gamma_2: g2Texts(other), vk_delta_2: g2Texts(other) }],
  ['gamma = -delta', { ...file, vk_gamma_2: g2Texts(other), vk_delta_2: g2Texts(negateG2(other)) }],
  ['delta = generator', { ...file, vk_gamma_2: g2Texts(other), vk_delta_2: g2Texts(G2_GENERATOR) }],
  ['delta = -generator', { ...file, vk_gamma_2: g2Texts(other), vk_delta_2: g2Texts(negateG2(G2_GENERATOR)) }],
];

describe('verifying key', () => {
  it('is named by the hash of its bytes', () => {
    const { id, key } = readVerifyingKey(productKey);
    assert.equal(id, createHash('sha256').update(productKey).digest('hex'));
    assert.equal(key.ic.length, 5);
  });

  for (const [what, value] of BAD) {
    it(`is refused: ${what}`, () => {
      assert.throws(() => readVerifyingKey(bytesOf(value)), { code: 'VERIFIER_BAD_KEY' });
    });
  }

  for (const [what, value] of UNSOUND) {
    it(`is refused as unsound: ${what}`, () => {
      assert.throws(() => readVerifyingKey(bytesOf(value)), { code: 'VERIFIER_UNSOUND_KEY' });
    });
  }

  it('is refused where it is no JSON or no UTF-8', () => {
    for (const bytes of [new Uint8Array(), utf8('{'), new Uint8Array([0x22, 0xff, 0x22])]) {
      assert.throws(() => readVerifyingKey(bytes), { code: 'VERIFIER_BAD_KEY' });
    }
  });

  it('never gives away what it says of e(alpha, beta)', async () => {
    const lying = structuredClone(file);
    const proof = at(products, 0);
    for (const claim of [undefined, [], 'x', (readVector('square-key') as KeyFile)['vk_alphabeta_12']]) {
      lying['vk_alphabeta_12'] = claim;
      const bytes = bytesOf(lying);
      const verifier = await createVerifier({ keys: [bytes] });
      const verifyingKey = readVerifyingKey(bytes).id;
      assert.equal((await verifier.verify({ ...proof, verifyingKey })).code, 'VERIFIER_VALID');
      assert.equal(
        (await verifier.verify({ ...proof, publicSignals: ['1', '2', '3', '4'], verifyingKey })).valid,
        false,
      );
      await verifier.close();
    }
  });
});
