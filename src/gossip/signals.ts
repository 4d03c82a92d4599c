import { toHex } from '../base/bytes.ts';
import { nowSeconds } from '../base/clock.ts';
import {
  type CircuitName,
  ClaimError,
  contextOf,
  type ExpectedSignals,
  PUBLIC_SIGNALS,
  readPledges,
  readSignal,
  type SignalName,
  scopeOf,
} from '../claims/index.ts';
import { bindingOf, type Envelope, MAX_PROOF_LIFETIME_SECONDS, signalStrings } from '../envelope/index.ts';
import type { Tag } from '../store/interface.ts';
import { type CheckContext, type ProofCheck, readPolicy, type ShownProof } from './candidate.ts';
import { GossipError } from './errors.ts';
import type { GossipMessage } from './interface.ts';

/** The policy, what the signals must say, and whether its tags are free. */
export function checkSignals(
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
    // As long as any proof for the same offer could come, counted from our own clock: the prover may back-date its own.
    // Without `unique`, as long as this very envelope.
    nullifier: policy.policy.unique
      ? nowSeconds(components.clock) + tuning.maxLifetimeSeconds + 2 * tuning.clockSkewSeconds
      : 0,
    // A pledge names its day; a proof dated on it is good for its whole life after the day is over.
    pledge: (Math.floor(now / 86_400) + 1) * 86_400 + MAX_PROOF_LIFETIME_SECONDS,
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
