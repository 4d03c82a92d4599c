import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SCALAR_FIELD_ORDER } from '../../src/base/field.ts';
import {
  decodeEnvelope,
  ENVELOPE_KINDS,
  type Envelope,
  EnvelopeError,
  encodeEnvelope,
  envelopeId,
  isStrictPublicKey,
  MAX_ENVELOPE_BYTES,
} from '../../src/envelope/index.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const signal = fc.bigInt({ min: 0n, max: SCALAR_FIELD_ORDER - 1n });
const root = signal.map((value) => new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')));
const withProof = fc.record({
  kind: fc.constantFrom('claim' as const, 'listing' as const),
  circuit: bytes(32),
  policy: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  registryRoot: root,
  publicSignals: fc.array(signal, { minLength: 1, maxLength: 16 }),
  proof: fc.oneof(bytes(128), bytes(256)),
});
const none = new Uint8Array(0);
const withoutProof = fc.record({
  kind: fc.constantFrom(...ENVELOPE_KINDS.filter((kind) => kind !== 'claim')),
  circuit: fc.constant(none),
  policy: fc.constant(''),
  registryRoot: fc.constant(none),
  publicSignals: fc.constant<bigint[]>([]),
  proof: fc.constant(none),
});
const envelope: fc.Arbitrary<Envelope> = fc
  .record({
    parts: fc.oneof(withProof, withoutProof),
    expiresAt: fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((low) => low * 512 + 1),
    pseudonym: bytes(32).filter(isStrictPublicKey),
    body: fc.uint8Array({ minLength: 1, maxLength: 2048 }),
    signature: bytes(64),
  })
  .map(({ parts, ...rest }) => ({ version: 1 as const, ...parts, ...rest }));

const plain = (value: Envelope) => ({
  ...value,
  circuit: Buffer.from(value.circuit).toString('hex'),
  registryRoot: Buffer.from(value.registryRoot).toString('hex'),
  proof: Buffer.from(value.proof).toString('hex'),
  pseudonym: Buffer.from(value.pseudonym).toString('hex'),
  body: Buffer.from(value.body).toString('hex'),
  signature: Buffer.from(value.signature).toString('hex'),
});

test('decode undoes encode', () => {
  fc.assert(
    fc.property(envelope, (original) => {
      const encoded = encodeEnvelope(original);
      assert.ok(encoded.length <= MAX_ENVELOPE_BYTES);
      assert.deepEqual(plain(decodeEnvelope(encoded)), plain(original));
    }),
    { numRuns: 1000 },
  );
});

test('what decodes, encodes to the very same bytes; all else is an EnvelopeError', () => {
  const edit = fc.oneof(
    fc.record({ type: fc.constant('set' as const), at: fc.nat(), byte: fc.nat(255) }),
    fc.record({ type: fc.constant('insert' as const), at: fc.nat(), byte: fc.nat(255) }),
    fc.record({ type: fc.constant('cut' as const), at: fc.nat(), byte: fc.constant(0) }),
  );
  fc.assert(
    fc.property(envelope, fc.array(edit, { minLength: 1, maxLength: 4 }), (original, edits) => {
      let data = [...encodeEnvelope(original)];
      for (const { type, at, byte } of edits) {
        const index = at % (data.length + 1);
        if (type === 'set') data[index] = byte;
        else if (type === 'insert') data.splice(index, 0, byte);
        else data = data.slice(0, index);
      }
      const mutated = Uint8Array.from(data);
      try {
        assert.deepEqual(Buffer.from(encodeEnvelope(decodeEnvelope(mutated))), Buffer.from(mutated));
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});

test('two envelopes have one id only if they differ in proof or signature alone', () => {
  fc.assert(
    fc.property(envelope, envelope, bytes(128), bytes(64), (one, two, proof, signature) => {
      const sameStatement = { ...one, signature, proof: one.proof.length === 0 ? one.proof : proof };
      assert.equal(envelopeId(sameStatement, 'local'), envelopeId(one, 'local'));
      assert.notEqual(envelopeId(one, 'local'), envelopeId(two, 'local'));
    }),
    { numRuns: 300 },
  );
});
