import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { concatBytes, toHex } from '../../../src/base/bytes.ts';
import { SCALAR_FIELD_ORDER } from '../../../src/base/field.ts';
import { encodeFields } from '../../../src/envelope/codec.ts';
import {
  decodeEnvelope,
  type Envelope,
  EnvelopeError,
  EnvelopeErrorCode,
  encodeEnvelope,
  MAX_ENVELOPE_BYTES,
} from '../../../src/envelope/index.ts';
import { claim, listing } from './make.ts';

const all = { proof: true, signature: true };
const refuses = (bytes: Uint8Array, code: string) =>
  assert.throws(
    () => decodeEnvelope(bytes),
    (error: unknown) => error instanceof EnvelopeError && error.code === code,
    `expected ${code}`,
  );
/** The bytes of an envelope that no honest encoder would write. */
const forge = (changes: Partial<Envelope>) => encodeFields({ ...claim(), ...changes }, all);

test('an envelope survives the wire', () => {
  for (const envelope of [claim(), listing()]) {
    const bytes = encodeEnvelope(envelope);
    const again = decodeEnvelope(bytes);
    assert.equal(toHex(encodeEnvelope(again)), toHex(bytes));
    assert.equal(again.kind, envelope.kind);
    assert.deepEqual(again.publicSignals, envelope.publicSignals);
    assert.equal(again.policy, envelope.policy);
  }
});

test('the encoding is pinned: a change of it is another network', () => {
  const hash = (envelope: Envelope) => createHash('sha256').update(encodeEnvelope(envelope)).digest('hex');
  assert.equal(hash(claim()), 'dc819eeebed059fbc57c4371208d030cfef285b6649822e5dac904f321efbbb8');
  assert.equal(hash(listing()), '2e0c1aa23423ce31c09a59f311e446454e9daa23c5ecdd28f81089b51e59dac5');
});

test('size: nothing, and one byte too many', () => {
  refuses(new Uint8Array(0), EnvelopeErrorCode.Size);
  refuses(new Uint8Array(MAX_ENVELOPE_BYTES + 1), EnvelopeErrorCode.Size);
});

test('every truncation is refused', () => {
  const bytes = encodeEnvelope(claim());
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeEnvelope(bytes.subarray(0, length)), EnvelopeError, `cut at ${length}`);
  }
});

test('malformed: giant and endless varints, wrong wire types, lengths beyond the end', () => {
  refuses(new Uint8Array(11).fill(0xff), EnvelopeErrorCode.Malformed);
  refuses(new Uint8Array(4096).fill(0x80), EnvelopeErrorCode.Malformed);
  refuses(Uint8Array.of(0x08, ...new Array(9).fill(0xff), 0x01), EnvelopeErrorCode.Malformed);
  refuses(Uint8Array.of(0x0d, 1, 2, 3, 4), EnvelopeErrorCode.Malformed);
  refuses(Uint8Array.of(0x0a, 0x01, 0x01), EnvelopeErrorCode.Malformed);
  refuses(Uint8Array.of(0x1a, 0x20, 0x00), EnvelopeErrorCode.Malformed);
  refuses(Uint8Array.of(0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f), EnvelopeErrorCode.Malformed);
  const policy = encodeEnvelope(claim());
  const at = policy.indexOf(0x7b);
  refuses(
    Uint8Array.from(policy, (byte, i) => (i === at ? 0xff : byte)),
    EnvelopeErrorCode.Malformed,
  );
});

test('one spelling: unknown fields, order, repeats, long varints and written-out defaults are refused', () => {
  const bytes = encodeEnvelope(claim());
  const code = EnvelopeErrorCode.NotCanonical;
  refuses(concatBytes(bytes, Uint8Array.of(0x60, 1)), code); // field 12
  refuses(concatBytes(bytes, Uint8Array.of(0x00, 1)), code); // field 0
  refuses(concatBytes(bytes, bytes.subarray(0, 2)), code); // version once more, at the end
  refuses(concatBytes(bytes.subarray(0, 2), bytes), code); // version twice, in order
  refuses(concatBytes(bytes.subarray(2, 4), bytes.subarray(0, 2), bytes.subarray(4)), code); // kind before version
  refuses(concatBytes(Uint8Array.of(0x08, 0x81, 0x00), bytes.subarray(2)), code); // 1 in two bytes
  refuses(concatBytes(Uint8Array.of(0x88, 0x00, 0x01), bytes.subarray(2)), code); // tag in two bytes
  const plain = encodeEnvelope(listing());
  refuses(concatBytes(plain.subarray(0, 4), Uint8Array.of(0x1a, 0x00), plain.subarray(4)), code); // empty circuit
});

test('version and kind', () => {
  const bytes = encodeEnvelope(claim());
  for (const version of [0, 2, 127]) {
    refuses(
      Uint8Array.from(bytes, (byte, i) => (i === 1 ? version : byte)),
      EnvelopeErrorCode.Version,
    );
  }
  for (const kind of [0, 6, 127]) {
    refuses(
      Uint8Array.from(bytes, (byte, i) => (i === 3 ? kind : byte)),
      EnvelopeErrorCode.Kind,
    );
  }
});

test('field lengths and ranges, at their edges', () => {
  const field = EnvelopeErrorCode.Field;
  refuses(forge({ expiresAt: 0 }), field);
  refuses(forge({ expiresAt: 2 ** 40 }), field);
  decodeEnvelope(forge({ expiresAt: 2 ** 40 - 1 }));
  for (const length of [1, 31, 33]) {
    refuses(forge({ circuit: new Uint8Array(length).fill(1) }), field);
    refuses(forge({ pseudonym: new Uint8Array(length).fill(1) }), field);
    refuses(forge({ registryRoot: new Uint8Array(length).fill(1) }), field);
  }
  for (const length of [1, 127, 129, 255, 257]) refuses(forge({ proof: new Uint8Array(length).fill(1) }), field);
  decodeEnvelope(forge({ proof: new Uint8Array(256).fill(1) }));
  for (const length of [63, 65, 0]) refuses(forge({ signature: new Uint8Array(length).fill(1) }), field);
  refuses(forge({ body: new Uint8Array(0) }), field);
  refuses(forge({ body: new Uint8Array(2049).fill(1) }), field);
  decodeEnvelope(forge({ body: new Uint8Array(2048).fill(1) }));
  refuses(forge({ policy: 'x'.repeat(1025) }), field);
  decodeEnvelope(forge({ policy: 'x'.repeat(1024) }));
});

test('signals and root lie below r', () => {
  const last = SCALAR_FIELD_ORDER - 1n;
  decodeEnvelope(forge({ publicSignals: [last] }));
  refuses(forge({ publicSignals: [SCALAR_FIELD_ORDER] }), EnvelopeErrorCode.Field);
  refuses(forge({ publicSignals: [1n, (1n << 256n) - 1n] }), EnvelopeErrorCode.Field);
  refuses(forge({ publicSignals: new Array(17).fill(1n) }), EnvelopeErrorCode.Field);
  decodeEnvelope(forge({ publicSignals: new Array(16).fill(0n) }));
  refuses(forge({ registryRoot: Buffer.from(SCALAR_FIELD_ORDER.toString(16), 'hex') }), EnvelopeErrorCode.Field);
});

test('the parts of a proof come together, and only where the kind has one', () => {
  const code = EnvelopeErrorCode.ProofParts;
  const none = new Uint8Array(0);
  refuses(forge({ proof: none }), code);
  refuses(forge({ circuit: none }), code);
  refuses(forge({ policy: '' }), code);
  refuses(forge({ registryRoot: none }), code);
  refuses(forge({ publicSignals: [] }), code);
  refuses(forge({ circuit: none, policy: '', registryRoot: none, publicSignals: [], proof: none }), code);
  for (const kind of ['listing-update', 'registry', 'receipt'] as const) refuses(forge({ kind }), code);
  decodeEnvelope(forge({ kind: 'listing' }));
});

test('what cannot be decoded cannot be encoded', () => {
  assert.throws(() => encodeEnvelope({ ...claim(), signature: new Uint8Array(10) }), EnvelopeError);
  assert.throws(() => encodeEnvelope({ ...claim(), expiresAt: 1.5 }), EnvelopeError);
  assert.throws(() => encodeEnvelope({ ...claim(), policy: '\ud800' }), EnvelopeError);
});

test('every part at its largest still fits', () => {
  const crowded = { body: new Uint8Array(2048).fill(1), policy: 'x'.repeat(1024), proof: new Uint8Array(256).fill(1) };
  const bytes = encodeEnvelope({
    ...claim(),
    ...crowded,
    expiresAt: 2 ** 40 - 1,
    publicSignals: new Array(16).fill(1n),
  });
  assert.equal(bytes.length, 4060);
  decodeEnvelope(bytes);
});
