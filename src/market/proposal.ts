import { MAX_CLAIM_AGE_SECONDS } from './constants.ts';
import { MarketError } from './errors.ts';
import {
  type ClaimFacts,
  MarketErrorCode,
  type Offer,
  type Order,
  type OrderMessage,
  type OrderTerms,
  type Proposal,
  type ProposalContext,
} from './interface.ts';
import { checkOpen, samePolicy } from './offer.ts';
import { checkTerms } from './terms.ts';

/**
 * What a maker checks before any proof is looked at, cheapest first. Both doors lead here: a proposal from a stream and
 * one that is read again after a restart.
 * @returns the offer that is to be taken
 * @throws MarketError MARKET_UNKNOWN_OFFER, MARKET_OFFER_CLOSED, MARKET_BAD_TERMS, MARKET_PAST_DEADLINE, MARKET_OFFER_BUSY
 */
export function checkProposal(
  message: OrderMessage,
  proposal: Proposal,
  context: ProposalContext,
  network: string,
): Offer {
  const { offer, now, limits, openOrders } = context;
  if (offer === undefined || !offer.mine) {
    throw new MarketError(MarketErrorCode.UnknownOffer, 'this node has made no such offer', { where: message.offerId });
  }
  checkOpen(offer, now);
  const { terms } = proposal;
  checkTerms(terms, offer, network, now, context.clockSkew);
  if (terms.orderId !== message.orderId) {
    throw new MarketError(MarketErrorCode.BadTerms, 'the message is about another order', { where: 'terms.orderId' });
  }
  if (terms.payment !== context.payment) {
    throw new MarketError(MarketErrorCode.BadTerms, `payment by ${terms.payment} is not what this maker uses`, {
      where: 'terms.payment',
    });
  }
  if (now > terms.qualifyBy) {
    throw new MarketError(MarketErrorCode.PastDeadline, 'the proposal came too late', { where: terms.orderId });
  }
  const ofOffer = openOrders.filter((order) => order.terms.offerId === offer.id).length;
  if (ofOffer >= limits.maxOpenOrdersPerOffer || openOrders.length >= limits.maxOpenOrders) {
    throw new MarketError(MarketErrorCode.OfferBusy, 'too many orders are open on this offer', {
      where: offer.id,
      hint: 'try again later; the maker decides or they expire',
    });
  }
  return offer;
}

/**
 * Whether a claim is the one that this order needs: its policy, everything it is bound to, and its age. Whether its proof
 * is valid is the verifier's business.
 * @throws MarketError MARKET_WRONG_POLICY, MARKET_WRONG_BINDING naming the field, MARKET_PROOF_TOO_OLD
 */
export function checkClaim(claim: ClaimFacts, terms: OrderTerms, offer: Offer, now: number): void {
  if (!samePolicy(offer.policy, claim.policy)) {
    throw new MarketError(MarketErrorCode.WrongPolicy, "the claim shows another policy than the offer's", {
      where: 'policy',
    });
  }
  const bound: readonly (readonly [string, string | number, string | number])[] = [
    ['offerId', claim.offerId, terms.offerId],
    ['orderId', claim.orderId, terms.orderId],
    ['counterparty', claim.counterparty, terms.maker],
    ['pseudonym', claim.pseudonym, terms.taker],
    ['expiresAt', claim.expiresAt, terms.decideBy],
  ];
  for (const [field, has, wants] of bound) {
    if (has !== wants) {
      throw new MarketError(MarketErrorCode.WrongBinding, `the claim is bound to another ${field}`, { where: field });
    }
  }
  if (now - claim.provedAt > MAX_CLAIM_AGE_SECONDS) {
    throw new MarketError(MarketErrorCode.ProofTooOld, 'the proof says what held too long ago', {
      where: 'now',
      hint: `prove anew; a maker takes proofs of the last ${MAX_CLAIM_AGE_SECONDS / 60} minutes`,
    });
  }
}

/** An order as each side begins it. */
export function openOrder(role: Order['role'], terms: OrderTerms, contact: Order['contact'], now: number): Order {
  return {
    id: terms.orderId,
    role,
    state: 'proposed',
    terms,
    claimId: '',
    disclosed: null,
    contact,
    receipt: null,
    confirmed: false,
    reason: null,
    note: '',
    unsent: true,
    history: [{ state: 'proposed', at: now }],
  };
}
