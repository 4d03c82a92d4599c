import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../src/base/bytes.ts';
import { contextOf } from '../../../src/claims/binding.ts';
import {
  bindingOf,
  createPseudonym,
  EnvelopeError,
  EnvelopeErrorCode,
  encodeEnvelope,
  envelopeId,
  MAX_PROOF_LIFETIME_SECONDS,
  messageId,
  proofTime,
  signalStrings,
  signEnvelope,
  signerFromSeed,
  verifyEnvelopeSignature,
  verifySignature,
} from '../../../src/envelope/index.ts';
import { claim, ID_A, ID_B, listing, NETWORK, NOW, proof, signer } from './make.ts';

const throwsCode = (work: () => unknown, code: string) =>
  assert.throws(work, (error: unknown) => error instanceof EnvelopeError && error.code === code, code);

test('a signature holds for its network, its author and every field', () => {
  const envelope = claim();
  assert.equal(verifyEnvelopeSignature(envelope, NETWORK), true);
  assert.equal(verifyEnvelopeSignature(envelope, 'other'), false);
  const other = createPseudonym().signer;
  assert.equal(verifyEnvelopeSignature({ ...envelope, pseudonym: other.publicKey }, NETWORK), false);
  const changes = [
    { kind: 'listing' as const },
    { circuit: new Uint8Array(32).fill(1) },
    { policy: '{}' },
    { registryRoot: new Uint8Array(32).fill(1) },
    { publicSignals: [...envelope.publicSignals.slice(1), 1n] },
    { proof: new Uint8Array(128).fill(8) },
    { expiresAt: envelope.expiresAt + 1 },
    { body: new Uint8Array(3).fill(65) },
    { signature: Uint8Array.from(envelope.signature, (byte, i) => (i === 5 ? byte ^ 1 : byte)) },
  ];
  for (const change of changes) {
    assert.equal(
      verifyEnvelopeSignature({ ...envelope, ...change }, NETWORK),
      false,
      JSON.stringify(Object.keys(change)),
    );
  }
});

test('the id ignores proof bytes and signature, and nothing else', () => {
  const envelope = claim();
  const id = envelopeId(envelope, NETWORK);
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(envelopeId({ ...envelope, proof: new Uint8Array(256).fill(3) }, NETWORK), id);
  assert.notEqual(envelopeId(envelope, 'other'), id);
  assert.notEqual(envelopeId({ ...envelope, expiresAt: envelope.expiresAt + 1 }, NETWORK), id);
  assert.notEqual(envelopeId({ ...envelope, policy: '{}' }, NETWORK), id);
});

test('the message id covers all bytes and the topic', () => {
  const bytes = encodeEnvelope(claim());
  const id = toHex(messageId('/t', bytes));
  assert.equal(id.length, 40);
  assert.notEqual(toHex(messageId('/u', bytes)), id);
  assert.notEqual(toHex(messageId('/t', bytes.subarray(1))), id);
  // Length of the topic: no bytes may wander between topic and data.
  const [a, b] = [messageId('/tx', bytes.subarray(1)), messageId('/t', bytes)];
  assert.notEqual(toHex(a), toHex(b));
});

test('createEnvelope refuses what does not fit together', () => {
  throwsCode(() => claim({ proof: undefined }), EnvelopeErrorCode.ProofParts);
  throwsCode(() => claim({ proof: proof({ circuit: 'balance' }) }), EnvelopeErrorCode.Field);
  throwsCode(() => claim({ proof: proof({ verifyingKey: 'zz' }) }), EnvelopeErrorCode.Field);
  throwsCode(() => claim({ proof: proof({ registryRoot: -1n }) }), EnvelopeErrorCode.Field);
  throwsCode(() => claim({ body: Buffer.from('{}') }), EnvelopeErrorCode.Body);
  throwsCode(() => claim({ body: listing().body }), EnvelopeErrorCode.Body);
  const signals = [...proof().publicSignals];
  signals[0] = '0x1';
  throwsCode(() => claim({ proof: proof({ publicSignals: signals }) }), EnvelopeErrorCode.Field);
});

test('an envelope does not outlive its proof', () => {
  claim({ expiresAt: NOW + MAX_PROOF_LIFETIME_SECONDS });
  throwsCode(() => claim({ expiresAt: NOW + MAX_PROOF_LIFETIME_SECONDS + 1 }), EnvelopeErrorCode.ProofLifetime);
  assert.equal(proofTime(claim(), 'credential'), NOW);
  throwsCode(() => proofTime(claim(), 'balance'), EnvelopeErrorCode.Field);
});

test('only the pseudonym signs', () => {
  const { signature: _, ...unsigned } = claim();
  throwsCode(() => signEnvelope(unsigned, NETWORK, createPseudonym().signer), EnvelopeErrorCode.Key);
});

test('the binding names the order; another order, author, expiry or network is another context', () => {
  const envelope = claim();
  const binding = bindingOf(envelope, NETWORK);
  assert.deepEqual(binding, {
    network: NETWORK,
    kind: 'claim',
    offerId: ID_A,
    orderId: ID_B,
    counterparty: ID_A,
    pseudonym: toHex(signer.publicKey),
    expiresAt: NOW + 600,
  });
  const context = contextOf(binding);
  assert.notEqual(contextOf(bindingOf(envelope, 'other')), context);
  assert.notEqual(contextOf(bindingOf({ ...envelope, expiresAt: NOW + 601 }, NETWORK)), context);
  assert.notEqual(contextOf(bindingOf(claim({}, createPseudonym().signer), NETWORK)), context);
  assert.equal(bindingOf(listing(), NETWORK).offerId, '');
  throwsCode(() => bindingOf({ ...envelope, kind: 'receipt' }, NETWORK), EnvelopeErrorCode.Kind);
});

test('signals travel as numbers and come out as canonical decimals', () => {
  assert.deepEqual(signalStrings(claim()), proof().publicSignals);
});

test('Ed25519 as in RFC 8032, test 2', () => {
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
  const key = signerFromSeed(seed);
  assert.equal(toHex(key.publicKey), '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  const signature = key.sign(Uint8Array.of(0x72));
  assert.equal(
    toHex(signature),
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  assert.equal(verifySignature(key.publicKey, Uint8Array.of(0x72), signature), true);
  assert.equal(verifySignature(key.publicKey, Uint8Array.of(0x73), signature), false);
  assert.throws(() => signerFromSeed(new Uint8Array(31)), RangeError);
});
