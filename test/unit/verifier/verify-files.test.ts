import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { utf8 } from '../../../src/base/bytes.ts';
import { type FileVerdict, type ProofFiles, verifyFiles } from '../../../src/verifier/index.ts';
import { ENGINES } from './engines.ts';
import { at, forgery, productKey, products, skippedKey, squareKey } from './vectors.ts';

const { proof, publicSignals } = at(products, 0);
const json = (value: unknown) => utf8(JSON.stringify(value));
const good: ProofFiles = { verifyingKey: productKey, publicSignals: json(publicSignals), proof: json(proof) };

const outcome = ({ valid, unusable, code }: FileVerdict) => [valid ? 'valid' : unusable ? 'unusable' : 'invalid', code];

const CASES: readonly [string, Partial<ProofFiles>, string, string][] = [
  ['the files of snarkjs', {}, 'valid', 'VERIFIER_VALID'],
  ['blanks around the JSON', { proof: utf8(`\n ${JSON.stringify(proof, null, 2)}\n`) }, 'valid', 'VERIFIER_VALID'],
  ['other signals', { publicSignals: json(['1', '2', '3', '4']) }, 'invalid', 'VERIFIER_INVALID_PROOF'],
  ['a signal in hex', { publicSignals: json(['0x1', '2', '3', '4']) }, 'invalid', 'VERIFIER_SIGNAL_NOT_CANONICAL'],
  ['too few signals', { publicSignals: json([]) }, 'invalid', 'VERIFIER_SIGNAL_COUNT'],
  ['the key of another circuit', { verifyingKey: squareKey }, 'invalid', 'VERIFIER_SIGNAL_COUNT'],
  ['A off the curve', { proof: json({ ...proof, pi_a: ['1', '3', '1'] }) }, 'invalid', 'VERIFIER_POINT_NOT_ON_CURVE'],
  ['an empty key', { verifyingKey: new Uint8Array() }, 'unusable', 'VERIFIER_BAD_KEY'],
  ['a proof as key', { verifyingKey: good.proof }, 'unusable', 'VERIFIER_BAD_KEY'],
  ['a proof that is no JSON', { proof: utf8('proof') }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  ['a proof that is no UTF-8', { proof: new Uint8Array([0xff, 0xfe]) }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  ['null as proof', { proof: json(null) }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  ['a proof without pi_b', { proof: json({ ...proof, pi_b: undefined }) }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  ['signals as proof', { proof: good.publicSignals }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  ['a PLONK proof', { proof: json({ ...proof, protocol: 'plonk' }) }, 'unusable', 'VERIFIER_BAD_LABEL'],
  ['another curve', { proof: json({ ...proof, curve: 'bls12381' }) }, 'unusable', 'VERIFIER_BAD_LABEL'],
  ['signals as an object', { publicSignals: json({ 0: '1' }) }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  ['signals as numbers', { publicSignals: json([1, 2, 3, 4]) }, 'unusable', 'VERIFIER_BAD_SHAPE'],
  [
    'a forgery against a key without phase 2',
    { verifyingKey: skippedKey, proof: json(forgery.proof), publicSignals: json(forgery.publicSignals) },
    'unusable',
    'VERIFIER_BAD_KEY',
  ],
];

describe('verifyFiles', () => {
  for (const [what, change, result, code] of CASES) {
    it(`${result}: ${what}`, async () => {
      for (const engine of ENGINES) {
        const verdict = await verifyFiles({ ...good, ...change }, engine);
        assert.deepEqual(outcome(verdict), [result, code]);
        assert.ok(verdict.reason.length < 250, verdict.reason);
      }
    });
  }

  it('says which file is wrong', async () => {
    assert.match((await verifyFiles({ ...good, proof: utf8('{') })).reason, /^proof: /);
    assert.match((await verifyFiles({ ...good, publicSignals: utf8('{') })).reason, /^public signals: /);
    assert.match((await verifyFiles({ ...good, verifyingKey: utf8('{') })).reason, /^verifying key: /);
  });

  it('is not confused by deep or long JSON', async () => {
    const deep = utf8('['.repeat(200_000));
    const long = json(new Array(100_000).fill('1'));
    assert.equal((await verifyFiles({ ...good, proof: deep })).unusable, true);
    assert.equal((await verifyFiles({ ...good, publicSignals: deep })).unusable, true);
    assert.equal((await verifyFiles({ ...good, publicSignals: long })).unusable, true);
    assert.equal((await verifyFiles({ ...good, verifyingKey: deep })).unusable, true);
  });
});
