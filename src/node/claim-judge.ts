import { toHex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { circuitOf, readDisclosed, readPolicyJson, readSignal } from '../claims/index.ts';
import { decodeBody, decodeEnvelope, envelopeId, proofTime, signalStrings } from '../envelope/index.ts';
import { TokenBuckets } from '../gossip/token-buckets.ts';
import { type ClaimFacts, MarketError, MarketErrorCode } from '../market/index.ts';
import type { Store } from '../store/interface.ts';
import type { EnvelopeDesk } from './envelope-desk.ts';
import type { ClaimVerdict } from './proposal-desk.ts';
import type { VerdictBook } from './verdict-book.ts';

export interface JudgeComponents {
  network: string;
  envelopes: EnvelopeDesk;
  store: Store;
  verdictBook: VerdictBook;
  clock: Clock;
  /** Shuts a peer out. */
  ban(peerId: string, reason: string): void;
}

/**
 * Claims one peer may have judged by way of orders: an honest taker brings one a proof of seconds at a time. Gossip's own
 * bounds per peer do not hold here, since these claims count as published by ourselves.
 */
const CLAIMS_PER_SECOND = 1;
const CLAIMS_BURST = 8;
/** A node that verifies its own proofs never sends a bad one; three are no accident. As for gossip and sync. */
const MAX_REJECTS = 3;
/** Peers whose rejects are remembered; a peer id costs nothing, so an unbounded list would be a leak. */
const MAX_SUSPECTS = 1024;

/** Refusals that time, a registry update or an empty queue may turn; every other one is about the claim itself. */
const LATER: ReadonlySet<string> = new Set([
  'GOSSIP_FROM_FUTURE',
  'GOSSIP_UNKNOWN_ROOT',
  'GOSSIP_UNKNOWN_LISTING',
  'GOSSIP_CONTESTED',
  'GOSSIP_RATE_LIMITED',
  'GOSSIP_QUEUE_FULL',
  'GOSSIP_TIMEOUT',
  'GOSSIP_VERIFIER_FAILED',
  'GOSSIP_STORE_FAILED',
  'GOSSIP_STOPPED',
  'GOSSIP_INTERNAL',
]);

/**
 * Judges a claim that came with an order by the very pipeline that gossip goes through, nullifiers and pledges included,
 * and passes it on to the network: whoever took an offer cannot use the same proof or account elsewhere.
 */
export function createJudge(components: JudgeComponents): (data: Uint8Array, from: string) => Promise<ClaimVerdict> {
  const { network, envelopes, store, verdictBook, clock, ban } = components;
  const buckets = new TokenBuckets(CLAIMS_PER_SECOND, CLAIMS_BURST, clock);
  const rejects = new Map<string, number>();
  const blame = (peer: string) => {
    const count = (rejects.get(peer) ?? 0) + 1;
    rejects.delete(peer);
    if (count >= MAX_REJECTS) return ban(peer, 'MARKET_INVALID_CLAIMS');
    rejects.set(peer, count);
    const [oldest] = rejects.keys();
    if (rejects.size > MAX_SUSPECTS && oldest !== undefined) rejects.delete(oldest);
  };
  return async (data, from) => {
    const id = envelopeId(decodeEnvelope(data), network);
    // Gossip may have been faster: what is in the store has passed everything.
    if (store.envelopes.has(id)) return { outcome: 'good' };
    if (!buckets.take(from)) return { outcome: 'later', code: 'GOSSIP_RATE_LIMITED' };
    const { accepted, action, code } = await verdictBook.forOrder(id, from, () => envelopes.publish(data));
    if (accepted || store.envelopes.has(id)) return { outcome: 'good' };
    if (action === 'reject') blame(from);
    return { outcome: LATER.has(code) ? 'later' : 'bad', code };
  };
}

/** What the market reads in a claim's bytes. @throws EnvelopeError, MarketError MARKET_WRONG_BINDING for another kind */
export function readClaimFacts(data: Uint8Array, network: string): ClaimFacts & { disclosed: string | null } {
  const envelope = decodeEnvelope(data);
  if (envelope.kind !== 'claim') {
    throw new MarketError(MarketErrorCode.WrongBinding, `a ${envelope.kind} is no claim`, { where: 'kind' });
  }
  const { offerId, orderId, counterparty } = decodeBody('claim', envelope.body);
  return {
    envelopeId: envelopeId(envelope, network),
    policy: envelope.policy,
    pseudonym: toHex(envelope.pseudonym),
    offerId,
    orderId,
    counterparty,
    expiresAt: envelope.expiresAt,
    provedAt: proofTime(envelope, circuitOf(readPolicyJson(envelope.policy))),
    disclosed: disclosedOf(envelope.policy, signalStrings(envelope)),
  };
}

/** In the policy's own words (`DE`); null where nothing was asked for. The value counts only once the proof is verified. */
function disclosedOf(policyText: string, signals: readonly string[]): string | null {
  const policy = readPolicyJson(policyText);
  const value = readSignal(circuitOf(policy), signals, 'disclosed');
  return value === undefined ? null : (readDisclosed(policy, value) ?? null);
}
