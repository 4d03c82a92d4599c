import { type Clock, nowSeconds } from '../base/clock.ts';
import {
  type ClaimFacts,
  checkClaim,
  checkProposal,
  checkSender,
  MarketError,
  MarketErrorCode,
  type MarketLimits,
  type Offer,
  type Order,
  type OrderMessage,
  openOrder,
  type PaymentPort,
  type Proposal,
  transition,
} from '../market/index.ts';

/** `later`: not the claim's fault, or not for ever; the taker tries again. */
export type ClaimVerdict = { outcome: 'good' } | { outcome: 'bad' | 'later'; code: string };

export interface ProposalInit {
  network: string;
  limits: MarketLimits;
  clockSkew: number;
}

export interface ProposalPorts {
  clock: Clock;
  payment: PaymentPort;
  offer(id: string): Promise<Offer | undefined>;
  /** Reads a claim's envelope. @throws EnvelopeError */
  readClaim(data: Uint8Array): ClaimFacts & { disclosed: string | null };
  /** Full validation, nullifier and pledges included, and relay. */
  judge(data: Uint8Array, from: string): Promise<ClaimVerdict>;
  /** Orders this node has as maker that are not final. */
  open(): readonly Order[];
  /** Makes a qualified order durable. */
  admit(order: Order): Promise<Order>;
}

/**
 * The maker's front door: what stands between a stranger's proposal and an order. Cheapest checks first; nothing is
 * kept of a proposal that fails one.
 *
 * | check | cost | answer |
 * |---|---|---|
 * | form, network, size | microseconds | MARKET_BAD_MESSAGE |
 * | offer, terms, deadlines, limits | microseconds | MARKET_UNKNOWN_OFFER, _OFFER_CLOSED, _BAD_TERMS, _OFFER_BUSY |
 * | signature of the taker's pseudonym | 0.2 ms | MARKET_BAD_SIGNATURE |
 * | claim: policy, all it is bound to, its age | 0.1 ms | MARKET_WRONG_POLICY, _WRONG_BINDING, _PROOF_TOO_OLD |
 * | gossip's whole pipeline: nullifier, pledge, proof | 5 ms of a worker | MARKET_NOT_QUALIFIED, MARKET_TRY_LATER |
 */
export class ProposalDesk {
  readonly #init: ProposalInit;
  readonly #ports: ProposalPorts;
  /** By order id: repeated proposals share one verification, and each counts against the limits. */
  readonly #verifying = new Map<string, { order: Order; done: Promise<Order> }>();

  constructor(init: ProposalInit, ports: ProposalPorts) {
    this.#init = init;
    this.#ports = ports;
  }

  /** The proposal's order, verified and durable. @throws CodedError for the taker's node */
  async take(message: OrderMessage, proposal: Proposal, from: string): Promise<Order> {
    const offer = await this.#ports.offer(message.offerId);
    const running = this.#verifying.get(message.orderId);
    if (running !== undefined) {
      checkSender(message, running.order.terms.taker);
      return await running.done;
    }
    const { network, limits, clockSkew } = this.#init;
    const now = nowSeconds(this.#ports.clock);
    const openOrders = [...this.#ports.open(), ...[...this.#verifying.values()].map(({ order }) => order)];
    const context = { offer, openOrders, payment: this.#ports.payment.driver, limits, now, clockSkew };
    const wanted = checkProposal(message, proposal, context, network);
    checkSender(message, proposal.terms.taker);
    if (proposal.contact.peerId !== from) {
      throw new MarketError(MarketErrorCode.BadMessage, 'the contact is not the node that sent this', {
        where: 'contact',
      });
    }
    const claim = Buffer.from(proposal.claim, 'base64');
    const facts = this.#ports.readClaim(claim);
    checkClaim(facts, proposal.terms, wanted, now);

    const order = openOrder('maker', proposal.terms, proposal.contact, now);
    const done = this.#qualify(order, claim, facts, from);
    this.#verifying.set(order.id, { order, done });
    try {
      return await done;
    } finally {
      this.#verifying.delete(order.id);
    }
  }

  async #qualify(order: Order, claim: Uint8Array, facts: ClaimFacts & { disclosed: string | null }, from: string) {
    const verdict = await this.#ports.judge(claim, from);
    const where = { where: 'claim' };
    if (verdict.outcome === 'later') {
      throw new MarketError(MarketErrorCode.TryLater, `the claim cannot be judged now: ${verdict.code}`, where);
    }
    if (verdict.outcome === 'bad') {
      throw new MarketError(MarketErrorCode.NotQualified, `the claim is refused: ${verdict.code}`, where);
    }
    const { envelopeId: claimId, disclosed } = facts;
    const qualified = transition(order, { type: 'verified', claimId, disclosed }, nowSeconds(this.#ports.clock));
    return await this.#ports.admit(qualified);
  }
}
