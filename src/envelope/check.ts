import { bytesToInteger, SCALAR_FIELD_ORDER } from '../base/field.ts';
import {
  COMPRESSED_PROOF_BYTES,
  MAX_BODY_BYTES,
  MAX_POLICY_BYTES,
  MAX_PUBLIC_SIGNALS,
  TIME_LIMIT,
  UNCOMPRESSED_PROOF_BYTES,
} from './constants.ts';
import { EnvelopeError } from './errors.ts';
import { type Envelope, EnvelopeErrorCode, type EnvelopeKind, type UnsignedEnvelope } from './interface.ts';
import { isStrictPublicKey } from './keys.ts';

/** Whether an envelope of this kind carries a proof. */
export const PROOF_RULE: Readonly<Record<EnvelopeKind, 'required' | 'allowed' | 'none'>> = {
  listing: 'allowed',
  'listing-update': 'none',
  claim: 'required',
  registry: 'none',
  receipt: 'none',
};

/** Field by field: lengths and ranges, and that the parts of a proof come together. @throws EnvelopeError */
export function checkEnvelope(envelope: Envelope): void {
  checkUnsigned(envelope);
  if (envelope.signature.length !== 64) throw field('signature', 'has 64 bytes');
}

/** The same before it is signed. @throws EnvelopeError */
export function checkUnsigned(envelope: UnsignedEnvelope): void {
  const { expiresAt, pseudonym, body } = envelope;
  if (!Number.isSafeInteger(expiresAt) || expiresAt <= 0 || expiresAt >= TIME_LIMIT) {
    throw field('expiresAt', 'is a whole Unix second below 2^40');
  }
  if (pseudonym.length !== 32) throw field('pseudonym', 'has 32 bytes');
  if (body.length === 0 || body.length > MAX_BODY_BYTES) throw field('body', `has 1 to ${MAX_BODY_BYTES} bytes`);
  checkProofParts(envelope);
  if (!isStrictPublicKey(pseudonym)) {
    throw new EnvelopeError(EnvelopeErrorCode.Key, 'the pseudonym is a weak or badly spelt Ed25519 key', {
      where: 'pseudonym',
    });
  }
}

function checkProofParts(envelope: UnsignedEnvelope): void {
  const { kind, circuit, policy, registryRoot, publicSignals, proof } = envelope;
  const parts = [circuit.length, policy.length, registryRoot.length, publicSignals.length, proof.length];
  const present = parts.filter((length) => length > 0).length;
  const rule = PROOF_RULE[kind];
  if (present === 0 ? rule === 'required' : rule === 'none' || present < parts.length) {
    const what = rule === 'none' ? 'no' : 'a whole';
    throw new EnvelopeError(
      EnvelopeErrorCode.ProofParts,
      `a ${kind} carries ${what} proof: circuit, policy, root, signals, proof`,
    );
  }
  if (present === 0) return;
  if (circuit.length !== 32) throw field('circuit', 'has 32 bytes');
  // A lone surrogate has no UTF-8, so it would not survive the wire.
  if (!policy.isWellFormed()) throw field('policy', 'is well-formed text');
  if (Buffer.byteLength(policy, 'utf8') > MAX_POLICY_BYTES)
    throw field('policy', `has at most ${MAX_POLICY_BYTES} bytes`);
  if (registryRoot.length !== 32 || bytesToInteger(registryRoot) >= SCALAR_FIELD_ORDER) {
    throw field('registryRoot', 'is a field element of 32 bytes');
  }
  if (publicSignals.length > MAX_PUBLIC_SIGNALS) throw field('publicSignals', `are at most ${MAX_PUBLIC_SIGNALS}`);
  if (publicSignals.some((signal) => signal < 0n || signal >= SCALAR_FIELD_ORDER)) {
    throw field('publicSignals', 'are field elements below r');
  }
  if (proof.length !== COMPRESSED_PROOF_BYTES && proof.length !== UNCOMPRESSED_PROOF_BYTES) {
    throw field('proof', `has ${COMPRESSED_PROOF_BYTES} or ${UNCOMPRESSED_PROOF_BYTES} bytes`);
  }
}

function field(name: string, rule: string): EnvelopeError {
  return new EnvelopeError(EnvelopeErrorCode.Field, `${name} ${rule}`, { where: name });
}
