import { createHash } from 'node:crypto';
import { fromHex, toHex, utf8 } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { bytesToInteger, fieldToBytes, parseDecimal, SCALAR_FIELD_ORDER } from '../base/field.ts';
import { type CircuitName, type ClaimBinding, PUBLIC_SIGNALS } from '../claims/interface.ts';
import { decodeBody } from './bodies.ts';
import { checkUnsigned } from './check.ts';
import { encodeFields } from './codec.ts';
import { MAX_PROOF_LIFETIME_SECONDS } from './constants.ts';
import { EnvelopeError } from './errors.ts';
import {
  type Envelope,
  EnvelopeErrorCode,
  type EnvelopeInit,
  type EnvelopeProof,
  type ReceiptBody,
  type Signer,
  type UnsignedEnvelope,
} from './interface.ts';
import { verifySignature } from './keys.ts';

const DOMAIN = 'zkbazaar/envelope/1\n';

/**
 * An envelope ready to be signed. Body and proof are checked for form, and that they belong to the kind; whether the
 * proof is valid is the verifier's business.
 * @throws EnvelopeError
 */
export function createEnvelope(init: EnvelopeInit): UnsignedEnvelope {
  decodeBody(init.kind, init.body);
  const envelope: UnsignedEnvelope = {
    version: 1,
    kind: init.kind,
    ...proofParts(init.proof),
    expiresAt: init.expiresAt,
    pseudonym: init.pseudonym,
    body: init.body,
  };
  checkUnsigned(envelope);
  if (init.proof) checkProofLifetime(envelope, init.proof.circuit);
  return envelope;
}

function proofParts(proof: EnvelopeProof | undefined) {
  if (proof === undefined) {
    const none = new Uint8Array(0);
    return { circuit: none, policy: '', registryRoot: none, publicSignals: [], proof: none };
  }
  const circuit = fromHex(proof.verifyingKey, 32);
  const signals = proof.publicSignals.map((signal) => parseDecimal(signal));
  if (circuit === undefined || signals.length !== PUBLIC_SIGNALS[proof.circuit].length || signals.includes(undefined)) {
    throw new EnvelopeError(EnvelopeErrorCode.Field, 'the verifying key or the public signals are not of this circuit');
  }
  if (proof.registryRoot < 0n || proof.registryRoot >= SCALAR_FIELD_ORDER) {
    throw new EnvelopeError(EnvelopeErrorCode.Field, 'the registry root is no field element', {
      where: 'registryRoot',
    });
  }
  return {
    circuit,
    policy: proof.policy,
    registryRoot: fieldToBytes(proof.registryRoot),
    publicSignals: signals.filter((signal) => signal !== undefined),
    proof: proof.proof,
  };
}

/** Value of the public signal `now`, as the circuit places it. @throws EnvelopeError ENVELOPE_FIELD on a wrong count */
export function proofTime(envelope: UnsignedEnvelope, circuit: CircuitName): number {
  const names: readonly string[] = PUBLIC_SIGNALS[circuit];
  const now = envelope.publicSignals[names.indexOf('now')];
  if (now === undefined || envelope.publicSignals.length !== names.length || now > Number.MAX_SAFE_INTEGER) {
    throw new EnvelopeError(EnvelopeErrorCode.Field, `not the ${names.length} public signals of ${circuit}`, {
      where: 'publicSignals',
    });
  }
  return Number(now);
}

/** The proof is believed for at most `MAX_PROOF_LIFETIME_SECONDS`. @throws EnvelopeError ENVELOPE_PROOF_LIFETIME */
export function checkProofLifetime(envelope: UnsignedEnvelope, circuit: CircuitName): void {
  if (envelope.expiresAt - proofTime(envelope, circuit) > MAX_PROOF_LIFETIME_SECONDS) {
    throw new EnvelopeError(EnvelopeErrorCode.ProofLifetime, 'the envelope outlives its proof', {
      hint: `Let it expire within ${MAX_PROOF_LIFETIME_SECONDS} seconds of the proof.`,
      where: 'expiresAt',
    });
  }
}

/** Signs for one network. @throws EnvelopeError ENVELOPE_KEY where the signer is not the pseudonym */
export function signEnvelope(envelope: UnsignedEnvelope, network: string, signer: Signer): Envelope {
  if (Buffer.compare(signer.publicKey, envelope.pseudonym) !== 0) {
    throw new EnvelopeError(EnvelopeErrorCode.Key, 'the signing key is not the pseudonym', { where: 'pseudonym' });
  }
  return { ...envelope, signature: signer.sign(signingBytes(envelope, network)) };
}

/** What the author signs: domain, network and everything but the signature. */
export function signingBytes(envelope: UnsignedEnvelope, network: string): Uint8Array {
  const { signature: _, ...unsigned } = envelope as Envelope;
  return Buffer.concat([utf8(`${DOMAIN}${network}\n`), encodeFields(unsigned, { proof: true, signature: false })]);
}

/** Whether the pseudonym signed this envelope for this network. Never throws. */
export function verifyEnvelopeSignature(envelope: Envelope, network: string): boolean {
  return verifySignature(envelope.pseudonym, signingBytes(envelope, network), envelope.signature);
}

/** Lower-case hex of 32 bytes; the same for every proof and signature of the same statement. */
export function envelopeId(envelope: UnsignedEnvelope, network: string): string {
  const named = encodeFields(envelope, { proof: false, signature: false });
  return createHash('sha256').update(`${DOMAIN}${network}\n`).update(named).digest('hex');
}

/** What the counterparty of a receipt signs: everything in its body but that signature, and who the author is. */
export function receiptSigningBytes(body: ReceiptBody, author: string, network: string): Uint8Array {
  const { counterSignature: _, ...signed } = body;
  return utf8(`zkbazaar/receipt-notice/1\n${network}\n${canonicalJson({ ...signed, author })}`);
}

/** Public signals as snarkjs writes them. */
export function signalStrings(envelope: Pick<Envelope, 'publicSignals'>): string[] {
  return envelope.publicSignals.map((signal) => signal.toString());
}

/** The registry root as an integer; 0 where there is none. */
export function registryRootOf(envelope: Pick<Envelope, 'registryRoot'>): bigint {
  return bytesToInteger(envelope.registryRoot);
}

/**
 * Everything that the proof in this envelope must be bound to. A claim: its order. A listing: the maker's pseudonym and
 * the listing's expiry, no offer id, since that depends on the proof's own signals; a second listing under the same
 * proof shows a nullifier that is spent already.
 * @throws EnvelopeError ENVELOPE_KIND for kinds that carry no proof, ENVELOPE_BODY
 */
export function bindingOf(envelope: UnsignedEnvelope, network: string): ClaimBinding {
  const common = { network, pseudonym: toHex(envelope.pseudonym), expiresAt: envelope.expiresAt };
  if (envelope.kind === 'claim') return { kind: 'claim', ...decodeBody('claim', envelope.body), ...common };
  if (envelope.kind === 'listing') return { kind: 'listing', offerId: '', orderId: '', counterparty: '', ...common };
  throw new EnvelopeError(EnvelopeErrorCode.Kind, `a ${envelope.kind} carries no proof`, { where: 'kind' });
}
