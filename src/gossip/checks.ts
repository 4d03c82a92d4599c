/**
 * Stage 1: everything that can be known at once, in under a millisecond, cheapest first. The order and the measured
 * cost of each check stand in `docs/validation.md`.
 */
import { fromHex, toHex } from '../base/bytes.ts';
import { nowSeconds } from '../base/clock.ts';
import {
  type CircuitName,
  type ClaimBinding,
  ClaimError,
  contextOf,
  type ExpectedSignals,
  PUBLIC_SIGNALS,
  type RegistryView,
  readPledges,
  readSignal,
  type SignalName,
  scopeOf,
} from '../claims/index.ts';
import {
  bindingOf,
  checkProofLifetime,
  decodeBody,
  decodeEnvelope,
  type Envelope,
  EnvelopeError,
  EnvelopeErrorCode,
  envelopeId,
  proofTime,
  type RegistryBody,
  receiptSigningBytes,
  registryRootOf,
  signalStrings,
  verifyEnvelopeSignature,
  verifySignature,
} from '../envelope/index.ts';
import type { RegistryRecord, StoredEnvelope, Tag } from '../store/interface.ts';
import { GossipError } from './errors.ts';
import type { GossipComponents, GossipInit, GossipMessage, GossipTuning } from './interface.ts';
import type { KnownPolicy, PolicyBook } from './policy-book.ts';
import type { TokenBuckets } from './token-buckets.ts';
import { topicOfKind } from './topics.ts';

/** What is known of a message so far; a refusal leaves it half filled, and is logged with what there is. */
export interface Look {
  envelope?: Envelope;
  id?: string;
}

/** A message that passed stage 1. */
export interface Candidate {
  envelope: Envelope;
  id: string;
  record: StoredEnvelope;
  /** For registry messages. */
  registry?: { record: RegistryRecord; view: RegistryView };
  proof?: ProofCheck;
}

/** What is left to be shown about a proof. */
export interface ProofCheck {
  circuit: CircuitName;
  verifyingKey: string;
  signals: string[];
  /** As far as it is known without hashing a new policy. */
  expected: ExpectedSignals;
  /** False: the policy's hash must still be compared, after the proof has paid for it. */
  complete: boolean;
  policy: KnownPolicy;
  view: RegistryView;
  binding: ClaimBinding;
  now: number;
  tags: Tag[];
  context: string;
}

export interface CheckContext {
  init: GossipInit;
  tuning: GossipTuning;
  components: GossipComponents;
  topics: ReadonlySet<string>;
  exempt: ReadonlySet<string>;
  rate: TokenBuckets;
  newPolicies: TokenBuckets;
  book: PolicyBook;
}

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

interface ShownProof {
  circuit: CircuitName;
  view: RegistryView;
  now: number;
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

/** The body, and what each kind demands besides. */
function checkKind(candidate: Candidate, message: GossipMessage, context: CheckContext): void {
  const { envelope, record } = candidate;
  switch (envelope.kind) {
    case 'claim':
      record.offerId = decodeBody('claim', envelope.body).offerId;
      return;
    case 'listing': {
      const { takerPolicy } = decodeBody('listing', envelope.body);
      if (takerPolicy !== '') readPolicy(takerPolicy, message, context);
      return;
    }
    case 'listing-update': {
      record.offerId = decodeBody('listing-update', envelope.body).offerId;
      const author = context.components.store.envelopes.authorOf(record.offerId);
      if (author === undefined) throw new GossipError('GOSSIP_UNKNOWN_LISTING', 'the listing is not known here');
      if (author !== record.pseudonym) throw new GossipError('GOSSIP_WRONG_AUTHOR', 'not by the author of the listing');
      return;
    }
    case 'registry':
      candidate.registry = checkRegistry(decodeBody('registry', envelope.body), record.pseudonym, context);
      return;
    case 'receipt': {
      const body = decodeBody('receipt', envelope.body);
      record.offerId = body.offerId;
      const signed = receiptSigningBytes(body, record.pseudonym, context.init.network);
      const [key, signature] = [fromHex(body.counterparty), fromHex(body.counterSignature)];
      if (!key || !signature || !verifySignature(key, signed, signature)) {
        throw new EnvelopeError(EnvelopeErrorCode.Signature, 'the counterparty did not sign this receipt');
      }
    }
  }
}

function checkRegistry(body: RegistryBody, author: string, context: CheckContext): NonNullable<Candidate['registry']> {
  const { registryKey } = context.init;
  if (registryKey === null) throw new GossipError('GOSSIP_NO_REGISTRY', 'no registry key is configured here');
  if (author !== registryKey) throw new GossipError('GOSSIP_WRONG_AUTHOR', 'not by the registry of this network');
  const { components, tuning } = context;
  if (body.issuedAt > nowSeconds(components.clock) + tuning.clockSkewSeconds) {
    throw new GossipError('GOSSIP_FROM_FUTURE', 'the registry header is from the future');
  }
  const { sequence, issuedAt, root, lists, snapshot } = body;
  const view = {
    root: BigInt(root),
    sequence,
    listRoots: Object.fromEntries(Object.entries(lists).map(([name, value]) => [name, BigInt(value)])),
  };
  checkSequence(view, context);
  return { view, record: { sequence, issuedAt, root, lists, snapshotHash: snapshot } };
}

/** Whether this header is newer than what we have. Asked again just before it is kept. */
export function checkSequence(view: RegistryView, { components }: CheckContext): void {
  const current = components.registry.current();
  if (current === undefined || view.sequence > current.sequence) return;
  if (view.sequence < current.sequence) throw new GossipError('GOSSIP_STALE_SEQUENCE', 'an older registry header');
  if (view.root === current.root) throw new GossipError('GOSSIP_DUPLICATE', 'the registry header is known already');
  // Only the registry can do this: two roots under one number. Worth an operator's look, and nobody else's fault.
  throw new GossipError('GOSSIP_REGISTRY_CONFLICT', 'another root under the same sequence number');
}

function readPolicy(text: string, message: GossipMessage, { book, exempt, newPolicies }: CheckContext): KnownPolicy {
  return book.read(text, () => {
    if (!exempt.has(message.from) && !newPolicies.take(message.from)) {
      throw new GossipError('GOSSIP_RATE_LIMITED', 'this peer brings new policies faster than it may');
    }
  });
}

/** The policy, what the signals must say, and whether its tags are free. */
function checkSignals(
  envelope: Envelope,
  { circuit, view, now }: ShownProof,
  message: GossipMessage,
  context: CheckContext,
): ProofCheck {
  const { components, init, tuning, book } = context;
  const policy = readPolicy(envelope.policy, message, context);
  if (policy.circuit !== circuit) throw new GossipError('GOSSIP_BAD_POLICY', `the policy is not for ${circuit}`);
  const binding = bindingOf(envelope, init.network);
  const signals = signalStrings(envelope);
  const complete = book.isHashed(policy, view.root, now);
  const check = { circuit, policy, view, binding, now };
  const expected = complete ? fullExpectation(check, context) : boundExpectation(check);
  compareSignals(circuit, signals, expected);
  const tags = tagsOf(circuit, signals, {
    // Good for as long as any proof for the same offer could come; without `unique`, as long as this very envelope.
    nullifier: policy.policy.unique ? now + tuning.maxLifetimeSeconds + tuning.clockSkewSeconds : 0,
    // A pledge names its day, so it cannot come back on the next one.
    pledge: (Math.floor(now / 86_400) + 1) * 86_400,
    atLeast: envelope.expiresAt,
  });
  const contextTag = signalToHex(readSignal(circuit, signals, 'context'));
  const status = components.store.spent.peek(tags, contextTag);
  if (status !== 'free') throw spentError(status);
  const verifyingKey = toHex(envelope.circuit);
  return { ...check, verifyingKey, signals, expected, complete, tags, context: contextTag };
}

export function spentError(status: 'duplicate' | 'spent'): GossipError {
  // An honest peer may have seen the other one first, so neither of the two senders is to blame.
  return status === 'spent'
    ? new GossipError('GOSSIP_NULLIFIER_SPENT', 'the nullifier or a pledge is spent on something else')
    : new GossipError('GOSSIP_DUPLICATE', 'this very claim is known already');
}

type PolicyCheck = Pick<ProofCheck, 'circuit' | 'policy' | 'view' | 'binding' | 'now'>;

/** All that a proof must show, the policy's hash included. @throws GossipError GOSSIP_BAD_POLICY */
export function fullExpectation(check: PolicyCheck, { components, book }: CheckContext): ExpectedSignals {
  const { policy, view, binding, now } = check;
  try {
    const { expected } = components.claims.expectedSignals(policy.policy, { registry: view, binding, now });
    book.setHashed(policy, view.root, now);
    return expected;
  } catch (error) {
    // The root pins its lists, so all peers agree that this policy names one that is not there.
    if (error instanceof ClaimError) throw new GossipError('GOSSIP_BAD_POLICY', `${error.code}: ${error.message}`);
    throw error;
  }
}

/** What follows from binding and registry alone. */
function boundExpectation({ circuit, policy, view, binding, now }: PolicyCheck): ExpectedSignals {
  const known: Partial<Record<SignalName, bigint>> = {
    registryRoot: view.root,
    now: BigInt(now),
    scope: scopeOf(policy.policy.unique, binding),
    context: contextOf(binding),
  };
  return PUBLIC_SIGNALS[circuit].map((name) => known[name]?.toString() ?? null);
}

/** @throws GossipError GOSSIP_UNEXPECTED_SIGNAL */
export function compareSignals(circuit: CircuitName, signals: readonly string[], expected: ExpectedSignals): void {
  const at = expected.findIndex((value, index) => value !== null && value !== signals[index]);
  if (at < 0) return;
  throw new GossipError('GOSSIP_UNEXPECTED_SIGNAL', `the proof shows another ${PUBLIC_SIGNALS[circuit][at]}`);
}

function tagsOf(
  circuit: CircuitName,
  signals: readonly string[],
  until: { nullifier: number; pledge: number; atLeast: number },
): Tag[] {
  const tag = (kind: Tag['kind'], signal: string | undefined, expiresAt: number): Tag => ({
    kind,
    value: signalToHex(signal),
    expiresAt: Math.max(expiresAt, until.atLeast),
  });
  const pledges = readPledges(circuit, signals);
  if (new Set(pledges).size !== pledges.length) {
    throw new GossipError('GOSSIP_UNEXPECTED_SIGNAL', 'one account is pledged twice');
  }
  return [
    tag('nullifier', readSignal(circuit, signals, 'nullifier'), until.nullifier),
    ...pledges.map((pledge) => tag('pledge', pledge, until.pledge)),
  ];
}

function signalToHex(signal: string | undefined): string {
  return BigInt(signal ?? 0)
    .toString(16)
    .padStart(64, '0');
}
