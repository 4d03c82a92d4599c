/**
 * Stage 1: everything that can be known at once, in under a millisecond, cheapest first. The order and the measured
 * cost of each check stand in `docs/validation.md`.
 */
import { toHex } from '../base/bytes.ts';
import { nowSeconds } from '../base/clock.ts';
import {
  checkProofLifetime,
  decodeEnvelope,
  type Envelope,
  EnvelopeError,
  EnvelopeErrorCode,
  envelopeId,
  proofTime,
  registryRootOf,
  verifyEnvelopeSignature,
} from '../envelope/index.ts';
import type { StoredEnvelope } from '../store/interface.ts';
import type { Candidate, CheckContext, Look, ShownProof } from './candidate.ts';
import { GossipError } from './errors.ts';
import type { GossipMessage } from './interface.ts';
import { checkKind } from './kinds.ts';
import { checkSignals } from './signals.ts';
import { topicOfKind } from './topics.ts';

/** @throws GossipError, EnvelopeError; anything else is our own failure */
export function checkMessage(message: GossipMessage, context: CheckContext, look: Look): Candidate {
  if (!context.topics.has(message.topic)) throw new GossipError('GOSSIP_UNKNOWN_TOPIC', 'not one of our topics');
  const envelope = decodeEnvelope(message.data);
  look.envelope = envelope;
  const { network } = context.init;
  if (topicOfKind(network, envelope.kind) !== message.topic) {
    throw new GossipError('GOSSIP_WRONG_TOPIC', `a ${envelope.kind} does not belong on this topic`);
  }
  checkExpiry(envelope, context);
  const shown = envelope.proof.length === 0 ? undefined : checkShownProof(envelope, context);
  if (!context.exempt.has(message.from) && !context.rate.take(message.from)) {
    throw new GossipError('GOSSIP_RATE_LIMITED', 'this peer sends faster than it may');
  }
  const id = envelopeId(envelope, network);
  look.id = id;
  if (context.components.store.envelopes.has(id)) throw new GossipError('GOSSIP_DUPLICATE', 'known already');
  const candidate: Candidate = { envelope, id, record: toRecord(message, envelope, id, context) };
  checkKind(candidate, message, context);
  if (shown) candidate.proof = checkSignals(envelope, shown, message, context);
  if (!verifyEnvelopeSignature(envelope, network)) {
    throw new EnvelopeError(EnvelopeErrorCode.Signature, 'the pseudonym did not sign this');
  }
  return candidate;
}

/** Clocks differ and messages take time, so nobody is blamed for these. */
export function checkExpiry(envelope: Envelope, { components, tuning }: CheckContext): void {
  const now = nowSeconds(components.clock);
  if (envelope.expiresAt <= now) throw new GossipError('GOSSIP_EXPIRED', 'expired');
  if (envelope.expiresAt > now + tuning.maxLifetimeSeconds + tuning.clockSkewSeconds) {
    throw new GossipError('GOSSIP_TOO_FAR_AHEAD', `lives longer than ${tuning.maxLifetimeSeconds} s`);
  }
}

/** Key known, root good, signals as many as the circuit has, `now` not ahead of us and not too long before the expiry. */
function checkShownProof(envelope: Envelope, { components, tuning }: CheckContext): ShownProof {
  const circuit = components.verifyingKeys.get(toHex(envelope.circuit));
  if (circuit === undefined) throw new GossipError('GOSSIP_UNKNOWN_KEY', 'the verifying key is none of this network');
  const found = components.registry.lookup(registryRootOf(envelope));
  if (found.state === 'unknown') throw new GossipError('GOSSIP_UNKNOWN_ROOT', 'a registry root not seen here');
  if (found.state === 'expired') throw new GossipError('GOSSIP_STALE_ROOT', 'the registry root was superseded');
  const now = proofTime(envelope, circuit);
  checkProofLifetime(envelope, circuit);
  if (now > nowSeconds(components.clock) + tuning.clockSkewSeconds) {
    throw new GossipError('GOSSIP_FROM_FUTURE', 'the proof is from the future');
  }
  return { circuit, view: 'view' in found ? found.view : unreachable(), now };
}

function unreachable(): never {
  throw new Error('a root that is good has a view');
}

function toRecord(message: GossipMessage, envelope: Envelope, id: string, context: CheckContext): StoredEnvelope {
  return {
    id,
    topic: message.topic,
    kind: envelope.kind,
    offerId: envelope.kind === 'listing' ? id : '',
    pseudonym: toHex(envelope.pseudonym),
    expiresAt: envelope.expiresAt,
    receivedAt: nowSeconds(context.components.clock),
    bytes: message.data,
  };
}
