/**
 * The wire message. `createEnvelope` and `signEnvelope` make one, `encodeEnvelope` and `decodeEnvelope` move it,
 * `envelopeId` names it.
 *
 * @example
 * const { signer } = createPseudonym();
 * const body = encodeBody('claim', { offerId, orderId, counterparty });
 * const unsigned = createEnvelope({ kind: 'claim', expiresAt, pseudonym: signer.publicKey, body, proof });
 * const bytes = encodeEnvelope(signEnvelope(unsigned, 'local', signer));
 */
export { decodeBody, encodeBody } from './bodies.ts';
export { decodeEnvelope, encodeEnvelope } from './codec.ts';
export * from './constants.ts';
export {
  bindingOf,
  checkProofLifetime,
  createEnvelope,
  envelopeId,
  proofTime,
  receiptSigningBytes,
  registryRootOf,
  signalStrings,
  signEnvelope,
  signingBytes,
  verifyEnvelopeSignature,
} from './envelope.ts';
export { EnvelopeError } from './errors.ts';
export * from './interface.ts';
export { createPseudonym, isStrictPublicKey, signerFromSeed, verifySignature } from './keys.ts';
export { messageId } from './message-id.ts';
