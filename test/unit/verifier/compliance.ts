/** What every `Verifier` must do, whatever stands behind it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { BASE_FIELD_ORDER as Q, SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';
import type { Groth16Proof } from '../../../src/claims/interface.ts';
import { G1_GENERATOR, negateG1 } from '../../../src/crypto/bn254.ts';
import {
  isDecided,
  type Verdict,
  VerdictCode,
  type Verifier,
  type VerifyRequest,
} from '../../../src/verifier/index.ts';
import {
  addG1,
  at,
  g1Texts,
  g2Texts,
  malleated,
  offSubgroup,
  productKey,
  products,
  skippedKey,
  squareKey,
  squares,
  toG1,
  withProof,
} from './vectors.ts';

export type VerifierFactory = (keys: readonly Uint8Array[]) => Promise<Verifier>;

const product = at(products, 0);
const square = at(squares, 0);
const { proof } = product;

const withSignal = (signal: unknown, position = 1): VerifyRequest => ({
  ...product,
  publicSignals: product.publicSignals.map((text, i) => (i === position ? (signal as string) : text)),
});
const withFields = (change: Record<string, unknown>): VerifyRequest =>
  withProof(product, change as Partial<Groth16Proof>);
const without = (field: keyof Groth16Proof): VerifyRequest => {
  const { [field]: _, ...rest } = proof;
  return { ...product, proof: rest as Groth16Proof };
};
const [ax, ay] = proof.pi_a;
const [bx, by] = proof.pi_b;
const wrongSignal = String((BigInt(at(product.publicSignals, 0)) + 1n) % R);
const elsewhere = g2Texts(offSubgroup());
const unknownKey = { ...product, verifyingKey: 'ab'.repeat(32) };
const throwing = new Proxy(product, {
  get() {
    throw new Error('trap');
  },
});

/** Each refusal by its code; the name says what is wrong. */
const REFUSALS: readonly [VerdictCode, string, unknown][] = [
  [VerdictCode.BadShape, 'null', null],
  [VerdictCode.BadShape, 'a text', 'proof'],
  [VerdictCode.BadShape, 'an empty object', {}],
  [VerdictCode.BadShape, 'a key id that is a number', { ...product, verifyingKey: 7 }],
  [VerdictCode.BadShape, 'signals that are no array', { ...product, publicSignals: { length: 4 } }],
  [VerdictCode.BadShape, 'a signal that is a number', withSignal(1)],
  [VerdictCode.BadShape, 'a signal that is a bigint', withSignal(1n)],
  [VerdictCode.BadShape, 'a hole among the signals', { ...product, publicSignals: new Array(4) }],
  [VerdictCode.BadShape, 'a million signals', { ...product, publicSignals: new Array(1_000_000).fill('0') }],
  [VerdictCode.BadShape, 'expected that is no array', { ...product, expected: 'all' }],
  [VerdictCode.BadShape, 'a hole in expected', { ...product, expected: new Array(4) }],
  [VerdictCode.BadShape, 'undefined in expected', { ...product, expected: [undefined, null, null, null] }],
  [VerdictCode.BadShape, 'no proof', { ...product, proof: undefined }],
  [VerdictCode.BadShape, 'a proof that is an array', { ...product, proof: [] }],
  [VerdictCode.BadShape, 'no pi_a', without('pi_a')],
  [VerdictCode.BadShape, 'no pi_b', without('pi_b')],
  [VerdictCode.BadShape, 'no protocol', without('protocol')],
  [VerdictCode.BadShape, 'no curve', without('curve')],
  [VerdictCode.BadShape, 'a further field', withFields({ note: 'hello' })],
  [VerdictCode.BadShape, 'two coordinates in pi_a', withFields({ pi_a: [ax, ay] })],
  [VerdictCode.BadShape, 'four coordinates in pi_c', withFields({ pi_c: [...proof.pi_c, '1'] })],
  [VerdictCode.BadShape, 'a flat pi_b', withFields({ pi_b: [...bx, ...by] })],
  [VerdictCode.BadShape, 'a number as coordinate', withFields({ pi_a: [1, 2, '1'] })],
  [VerdictCode.BadLabel, 'another protocol', withFields({ protocol: 'plonk' })],
  [VerdictCode.BadLabel, 'another curve', withFields({ curve: 'bls12381' })],
  [VerdictCode.BadLabel, 'another spelling of the curve', withFields({ curve: 'bn254' })],
  [VerdictCode.SignalNotCanonical, 'signal + r', withSignal(String(BigInt(at(product.publicSignals, 1)) + R))],
  [VerdictCode.SignalNotCanonical, 'signal = r', withSignal(String(R))],
  [VerdictCode.SignalNotCanonical, 'signal - r', withSignal(String(BigInt(at(product.publicSignals, 1)) - R))],
  [VerdictCode.SignalNotCanonical, 'hex', withSignal(`0x${BigInt(at(product.publicSignals, 1)).toString(16)}`)],
  [VerdictCode.SignalNotCanonical, 'a leading zero', withSignal(`0${product.publicSignals[1]}`)],
  [VerdictCode.SignalNotCanonical, 'a blank', withSignal(` ${product.publicSignals[1]}`)],
  [VerdictCode.SignalNotCanonical, 'a newline', withSignal(`${product.publicSignals[1]}\n`)],
  [VerdictCode.SignalNotCanonical, 'nothing', withSignal('')],
  [VerdictCode.SignalNotCanonical, 'a plus', withSignal('+1')],
  [VerdictCode.SignalNotCanonical, 'minus zero', withSignal('-0')],
  [VerdictCode.SignalNotCanonical, 'an exponent', withSignal('1e3')],
  [VerdictCode.SignalNotCanonical, 'other digits', withSignal('١')],
  [VerdictCode.SignalNotCanonical, 'a megabyte of digits', withSignal('9'.repeat(2 ** 20))],
  [VerdictCode.SignalCount, 'a signal too few', { ...product, publicSignals: product.publicSignals.slice(0, 3) }],
  [VerdictCode.SignalCount, 'a signal too many', { ...product, publicSignals: [...product.publicSignals, '0'] }],
  [VerdictCode.SignalCount, 'no signals', { ...product, publicSignals: [] }],
  [VerdictCode.CoordinateNotCanonical, 'A.x + q', withFields({ pi_a: [String(BigInt(ax) + Q), ay, '1'] })],
  [VerdictCode.CoordinateNotCanonical, 'A.x - q', withFields({ pi_a: [String(BigInt(ax) - Q), ay, '1'] })],
  [VerdictCode.CoordinateNotCanonical, 'A.y in hex', withFields({ pi_a: [ax, `0x${BigInt(ay).toString(16)}`, '1'] })],
  [VerdictCode.CoordinateNotCanonical, 'A.x = q', withFields({ pi_a: [String(Q), ay, '1'] })],
  [
    VerdictCode.CoordinateNotCanonical,
    'B.x + q',
    withFields({ pi_b: [[String(BigInt(bx[0]) + Q), bx[1]], by, ['1', '0']] }),
  ],
  [
    VerdictCode.CoordinateNotCanonical,
    'B.y in u + q',
    withFields({ pi_b: [bx, [by[0], String(BigInt(by[1]) + Q)], ['1', '0']] }),
  ],
  [
    VerdictCode.CoordinateNotCanonical,
    'a point with z = 2',
    withFields({ pi_a: [String((BigInt(ax) * 4n) % Q), String((BigInt(ay) * 8n) % Q), '2'] }),
  ],
  [VerdictCode.CoordinateNotCanonical, 'z = 01', withFields({ pi_c: [proof.pi_c[0], proof.pi_c[1], '01'] })],
  [VerdictCode.PointAtInfinity, 'A at infinity', withFields({ pi_a: ['0', '1', '0'] })],
  [VerdictCode.PointAtInfinity, 'A all zero', withFields({ pi_a: ['0', '0', '1'] })],
  [
    VerdictCode.PointAtInfinity,
    'B at infinity',
    withFields({
      pi_b: [
        ['0', '0'],
        ['1', '0'],
        ['0', '0'],
      ],
    }),
  ],
  [VerdictCode.PointAtInfinity, 'C at infinity', withFields({ pi_c: ['0', '1', '0'] })],
  [VerdictCode.PointNotOnCurve, 'A off the curve', withFields({ pi_a: ['1', '3', '1'] })],
  [VerdictCode.PointNotOnCurve, 'A with its coordinates swapped', withFields({ pi_a: [ay, ax, '1'] })],
  [VerdictCode.PointNotOnCurve, 'C off the curve', withFields({ pi_c: ['5', '5', '1'] })],
  [VerdictCode.PointNotOnCurve, 'B off the twist', withFields({ pi_b: [bx, [by[1], by[0]], ['1', '0']] })],
  [
    VerdictCode.PointNotOnCurve,
    'B in the order of the Ethereum precompile',
    withFields({
      pi_b: [
        [bx[1], bx[0]],
        [by[1], by[0]],
        ['1', '0'],
      ],
    }),
  ],
  [VerdictCode.PointNotInSubgroup, 'B off the subgroup', withFields({ pi_b: elsewhere })],
  [VerdictCode.UnknownKey, 'a key that is not on the list', unknownKey],
  [VerdictCode.UnknownKey, 'a key id in capitals', { ...product, verifyingKey: product.verifyingKey.toUpperCase() }],
  [VerdictCode.UnknownKey, 'no key id', { ...product, verifyingKey: '' }],
  [VerdictCode.UnknownKey, '__proto__ as key id', { ...product, verifyingKey: '__proto__' }],
  [
    VerdictCode.UnexpectedSignal,
    'another signal than expected',
    { ...product, expected: [wrongSignal, null, null, null] },
  ],
  [VerdictCode.UnexpectedSignal, 'fewer expected', { ...product, expected: [null] }],
  [VerdictCode.UnexpectedSignal, 'more expected', { ...product, expected: [null, null, null, null, null] }],
  [
    VerdictCode.UnexpectedSignal,
    'an expectation that is not canonical',
    { ...product, expected: [`0${product.publicSignals[0]}`, null, null, null] },
  ],
  [VerdictCode.InvalidProof, 'another first signal', withSignal(wrongSignal, 0)],
  [VerdictCode.InvalidProof, 'another last signal', withSignal('1', 3)],
  [VerdictCode.InvalidProof, 'A of another proof', withFields({ pi_a: at(products, 1).proof.pi_a })],
  [VerdictCode.InvalidProof, '-A alone', withFields({ pi_a: g1Texts(negateG1(toG1(proof.pi_a))) })],
  [VerdictCode.InvalidProof, '-C alone', withFields({ pi_c: g1Texts(negateG1(toG1(proof.pi_c))) })],
  [VerdictCode.InvalidProof, 'A and C swapped', withFields({ pi_a: proof.pi_c, pi_c: proof.pi_a })],
  [VerdictCode.InvalidProof, 'generators', withFields({ pi_a: g1Texts(G1_GENERATOR), pi_c: g1Texts(G1_GENERATOR) })],
  [VerdictCode.Internal, 'an object that throws when it is read', throwing],
];

/** Requests with two faults, in the order of the steps: the first one decides. */
const ORDER: readonly [VerdictCode, VerifyRequest][] = [
  [VerdictCode.BadShape, { ...withSignal('x'), proof: { ...proof, pi_c: [] } as unknown as Groth16Proof }],
  [VerdictCode.BadLabel, { ...withSignal('x'), proof: { ...proof, protocol: 'x' } as unknown as Groth16Proof }],
  [VerdictCode.SignalNotCanonical, { ...product, publicSignals: ['x'] }],
  [VerdictCode.SignalCount, { ...product, publicSignals: [], proof: { ...proof, pi_a: ['x', 'y', '1'] } }],
  [VerdictCode.CoordinateNotCanonical, withFields({ pi_a: ['1', '3', '1'], pi_c: [String(Q), '2', '1'] })],
  [VerdictCode.PointNotOnCurve, withFields({ pi_b: elsewhere, pi_c: ['5', '5', '1'] })],
  [VerdictCode.PointNotOnCurve, withProof(unknownKey, { pi_c: ['5', '5', '1'] })],
  [VerdictCode.PointNotInSubgroup, withProof(unknownKey, { pi_b: elsewhere })],
  [VerdictCode.PointNotInSubgroup, { ...withFields({ pi_b: elsewhere }), expected: [] }],
  [VerdictCode.UnknownKey, { ...unknownKey, expected: [wrongSignal] }],
  [VerdictCode.UnexpectedSignal, { ...withSignal(wrongSignal, 0), expected: ['0', null, null, null] }],
];

const codes = (verdicts: readonly Verdict[]) => verdicts.map(({ code }) => code);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

export function verifierCompliance(name: string, create: VerifierFactory): void {
  describe(`verifier compliance: ${name}`, () => {
    const verifier = create([productKey, squareKey]);
    after(async () => (await verifier).close());

    it('accepts what snarkjs proved, under each key', async () => {
      for (const request of [product, square]) {
        const verdict = await (await verifier).verify(request);
        assert.deepEqual([verdict.valid, verdict.code], [true, VerdictCode.Valid]);
      }
    });

    for (const [code, what, request] of REFUSALS) {
      it(`${code}: ${what}`, async () => {
        const verdict = await (await verifier).verify(request as VerifyRequest);
        assert.equal(verdict.code, code);
        assert.equal(verdict.valid, false);
        assert.ok(verdict.reason.length > 0 && verdict.reason.length < 200, verdict.reason);
      });
    }

    it('stops at the first step that fails', async () => {
      for (const [code, request] of ORDER) assert.equal((await (await verifier).verify(request)).code, code);
    });

    it('gives in a batch the verdicts that it gives alone', async () => {
      const requests = [product, ...REFUSALS.map(([, , request]) => request as VerifyRequest), square];
      const verdicts = codes(await (await verifier).verifyBatch(requests));
      assert.deepEqual(verdicts, [VerdictCode.Valid, ...REFUSALS.map(([code]) => code), VerdictCode.Valid]);
    });

    it('accepts what is expected, with outputs left free', async () => {
      const [, ...inputs] = product.publicSignals;
      const verdict = await (await verifier).verify({ ...product, expected: [null, ...inputs] });
      assert.equal(verdict.code, VerdictCode.Valid);
    });

    it('accepts (-A, -B, C): proof bytes are no id', async () => {
      const twin = malleated(product);
      assert.notDeepEqual(twin.proof, product.proof);
      assert.equal((await (await verifier).verify(twin)).code, VerdictCode.Valid);
    });

    it('keeps the order of a batch of 64 over two keys', async () => {
      const requests = Array.from({ length: 64 }, (_, i) => (i % 3 === 0 ? at(squares, i) : at(products, i)));
      assert.ok((await (await verifier).verifyBatch(requests)).every(({ valid }) => valid));
    });

    it('finds one bad proof among 64, wherever it stands', async () => {
      for (const bad of [0, 1, 31, 32, 63]) {
        const requests = Array.from({ length: 64 }, (_, i) => {
          const request = at(products, i);
          return i === bad ? { ...request, publicSignals: at(products, i + 1).publicSignals } : request;
        });
        const verdicts = codes(await (await verifier).verifyBatch(requests));
        const expected = requests.map((_, i) => (i === bad ? VerdictCode.InvalidProof : VerdictCode.Valid));
        assert.deepEqual(verdicts, expected);
      }
    });

    it('refuses each of a batch of bad proofs', async () => {
      const requests = products.map((request, i) => ({ ...request, proof: at(products, i + 1).proof }));
      assert.ok(codes(await (await verifier).verifyBatch(requests)).every((code) => code === VerdictCode.InvalidProof));
    });

    it('finds every other bad proof', async () => {
      const requests = products.map((request, i) =>
        i % 2 === 0 ? request : { ...request, proof: at(products, i + 1).proof },
      );
      const verdicts = codes(await (await verifier).verifyBatch(requests));
      const expected = requests.map((_, i) => (i % 2 === 0 ? VerdictCode.Valid : VerdictCode.InvalidProof));
      assert.deepEqual(verdicts, expected);
    });

    it('refuses two proofs whose errors cancel', async () => {
      const other = at(products, 1);
      const error = G1_GENERATOR;
      const plus = withProof(product, { pi_c: g1Texts(addG1(toG1(product.proof.pi_c), error)) });
      const minus = withProof(other, { pi_c: g1Texts(addG1(toG1(other.proof.pi_c), negateG1(error))) });
      const verdicts = codes(await (await verifier).verifyBatch([plus, minus]));
      assert.deepEqual(verdicts, [VerdictCode.InvalidProof, VerdictCode.InvalidProof]);
    });

    it('takes the same proof many times', async () => {
      const verdicts = await (await verifier).verifyBatch(Array.from({ length: 33 }, () => square));
      assert.ok(verdicts.every(({ valid }) => valid));
    });

    it('answers an empty batch with none', async () => {
      assert.deepEqual(await (await verifier).verifyBatch([]), []);
    });

    it('keeps concurrent calls apart', async () => {
      const requests = products.map((request, i) =>
        i % 5 === 0 ? withProof(request, { pi_a: [ax, ay, '1'] }) : request,
      );
      const verdicts = codes(await Promise.all(requests.map(async (request) => (await verifier).verify(request))));
      const expected = requests.map((_, i) => (i % 5 === 0 && i > 0 ? VerdictCode.InvalidProof : VerdictCode.Valid));
      assert.deepEqual(verdicts, expected);
    });

    it('does not change a request', async () => {
      const request = deepFreeze(structuredClone({ ...product, expected: product.publicSignals }));
      assert.equal((await (await verifier).verify(request)).code, VerdictCode.Valid);
    });

    it('refuses a key under which proofs can be forged, when it is made', async () => {
      await assert.rejects(create([productKey, skippedKey]), { code: 'VERIFIER_UNSOUND_KEY' });
    });

    it('with no keys knows none', async () => {
      const empty = await create([]);
      assert.equal((await empty.verify(product)).code, VerdictCode.UnknownKey);
      await empty.close();
    });

    it('closes once and for all', async () => {
      const short = await create([squareKey]);
      assert.equal(short.canAcceptWork(), true);
      const last = short.verify(square);
      await Promise.all([short.close(), short.close()]);
      assert.equal((await last).code, VerdictCode.Valid);
      assert.equal(short.canAcceptWork(), false);
      const verdicts = [await short.verify(square), ...(await short.verifyBatch([square, square]))];
      assert.ok(verdicts.every((verdict) => verdict.code === VerdictCode.Closed && !isDecided(verdict)));
      await short.close();
    });
  });
}
