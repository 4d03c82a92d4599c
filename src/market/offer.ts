import { isCodedError } from '../base/errors.ts';
import type { Policy } from '../claims/interface.ts';
import { policyJson, readPolicyJson } from '../claims/policy/index.ts';
import type { ListingBody, ListingUpdateBody } from '../envelope/index.ts';
import { MarketError } from './errors.ts';
import {
  type Contact,
  MarketErrorCode,
  type Offer,
  type OfferSide,
  type OfferStatus,
  type OfferView,
  type Order,
  type Price,
} from './interface.ts';

/** What a maker says; the rest of a listing follows. */
export interface OfferDraft {
  side: OfferSide;
  title: string;
  description: string;
  price: Price;
  policy: Policy;
  units: number;
  contact: Contact;
}

/** A draft as a listing's body. @throws MarketError MARKET_BAD_OFFER, PolicyError */
export function listingBody(draft: OfferDraft): ListingBody {
  const { side, title, description, price, policy, units, contact } = draft;
  return {
    v: 1,
    side,
    title,
    ...(description === '' ? {} : { description }),
    price: { asset: price.asset, amount: price.amount },
    takerPolicy: policyJson(policy),
    units,
    peer: contact.peerId,
    addresses: contact.addresses,
  };
}

/** What an envelope says around a listing's body. */
export interface ListingFacts {
  id: string;
  maker: string;
  /** Canonical JSON of what the maker has proven, or ''. */
  makerPolicy: string;
  expiresAt: number;
  receivedAt: number;
  mine: boolean;
}

/**
 * The offer in a listing; undefined where nobody can take it, since it states no policy that this build reads. Such a
 * listing is still relayed: a later version may read it.
 */
export function offerFrom(body: ListingBody, facts: ListingFacts): Offer | undefined {
  try {
    return {
      id: facts.id,
      maker: facts.maker,
      side: body.side,
      title: body.title,
      description: body.description ?? '',
      price: body.price,
      policy: readPolicyJson(body.takerPolicy),
      makerPolicy: facts.makerPolicy === '' ? null : readPolicyJson(facts.makerPolicy),
      units: body.units,
      contact: { peerId: body.peer, addresses: body.addresses },
      receivedAt: facts.receivedAt,
      expiresAt: facts.expiresAt,
      announced: 'open',
      sequence: 0,
      mine: facts.mine,
    };
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}

/**
 * The offer after its maker's update; the same object for one that is not newer. Cancelled is for good: nobody who saw
 * a cancellation is made to see the offer again.
 */
export function applyUpdate(offer: Offer, body: ListingUpdateBody): Offer {
  if (body.offerId !== offer.id || body.sequence <= offer.sequence || offer.announced === 'cancelled') return offer;
  return { ...offer, announced: body.status, sequence: body.sequence };
}

export function statusOf(offer: Offer, now: number): OfferStatus {
  if (offer.announced === 'cancelled') return 'cancelled';
  return now >= offer.expiresAt ? 'expired' : offer.announced;
}

export function viewOffer(offer: Offer, now: number): OfferView {
  return { ...offer, status: statusOf(offer, now) };
}

/** @throws MarketError MARKET_OFFER_CLOSED unless the offer is open */
export function checkOpen(offer: Offer, now: number): void {
  const status = statusOf(offer, now);
  if (status === 'open') return;
  throw new MarketError(MarketErrorCode.OfferClosed, `the offer is ${status}`, { where: offer.id });
}

/** Units that accepted orders hold, confirmed or waiting for it; an order that ended gives its unit back. */
export function unitsHeld(orders: readonly Order[]): number {
  return orders.filter((order) => order.role === 'maker' && order.state === 'accepted').length;
}

/** Units whose deal both sides have signed. */
export function unitsConfirmed(orders: readonly Order[]): number {
  return orders.filter((order) => order.role === 'maker' && order.state === 'accepted' && order.confirmed).length;
}

/** @throws MarketError MARKET_OFFER_CLOSED where every unit is held by another order */
export function checkUnitLeft(offer: Offer, ordersOfOffer: readonly Order[]): void {
  const held = unitsHeld(ordersOfOffer);
  if (held < offer.units) return;
  const waiting = held - unitsConfirmed(ordersOfOffer);
  throw new MarketError(MarketErrorCode.OfferClosed, `all ${offer.units} units are accepted`, {
    where: offer.id,
    hint: waiting > 0 ? 'a unit comes back if its taker does not confirm in time' : 'make another offer for more',
  });
}

/** Whether a policy's canonical JSON is this one. */
export function samePolicy(policy: Policy, canonical: string): boolean {
  return policyJson(policy) === canonical;
}
