import { sha256, toHex, utf8 } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { MAX_CONFIRM_SECONDS, MIN_CONFIRM_SECONDS } from './constants.ts';
import { MarketError } from './errors.ts';
import { MarketErrorCode, type Offer, type OrderTerms } from './interface.ts';

/** One pseudonym takes one offer once, so the two of them name the order, and nobody else can take its id. */
export function orderIdOf(network: string, offerId: string, taker: string): string {
  return toHex(sha256(utf8(`zkbazaar/order-id/1\n${network}\n${offerId}\n${taker}`)));
}

export interface TermsInit {
  network: string;
  offer: Offer;
  /** The taker's fresh pseudonym. */
  taker: string;
  payment: string;
  now: number;
  qualifySeconds: number;
  decideSeconds: number;
  confirmSeconds: number;
  /** Longest time a proof is believed; the claim expires with `decideBy`. */
  maxProofSeconds: number;
}

/** Terms as a taker proposes them; every deadline lies within the offer's own life. */
export function createTerms(init: TermsInit): OrderTerms {
  const { network, offer, taker, payment, now } = init;
  const decideBy = Math.min(
    now + init.qualifySeconds + init.decideSeconds,
    now + init.maxProofSeconds,
    offer.expiresAt,
  );
  return {
    v: 1,
    network,
    offerId: offer.id,
    orderId: orderIdOf(network, offer.id, taker),
    maker: offer.maker,
    taker,
    side: offer.side,
    title: offer.title,
    price: { asset: offer.price.asset, amount: offer.price.amount },
    payment,
    createdAt: now,
    qualifyBy: Math.min(now + init.qualifySeconds, decideBy),
    decideBy,
    confirmSeconds: init.confirmSeconds,
  };
}

/**
 * Whether terms say what the offer says. The taker chose them, so the maker takes nothing for granted.
 * @throws MarketError MARKET_BAD_TERMS naming the field
 */
export function checkTerms(terms: OrderTerms, offer: Offer, network: string, now: number, clockSkew: number): void {
  const wrong = (field: string, what: string) =>
    new MarketError(MarketErrorCode.BadTerms, `${field} ${what}`, { where: `terms.${field}` });
  if (terms.network !== network) throw wrong('network', `is ${terms.network}, this is ${network}`);
  if (terms.offerId !== offer.id) throw wrong('offerId', 'names another offer');
  if (terms.maker !== offer.maker) throw wrong('maker', 'is not who made the offer');
  if (terms.taker === offer.maker) throw wrong('taker', 'is the maker');
  if (terms.orderId !== orderIdOf(network, offer.id, terms.taker))
    throw wrong('orderId', 'does not follow from offer and taker');
  if (terms.side !== offer.side || terms.title !== offer.title) throw wrong('title', 'differs from the offer');
  if (terms.price.asset !== offer.price.asset || terms.price.amount !== offer.price.amount) {
    throw wrong('price', 'differs from the offer');
  }
  if (terms.createdAt > now + clockSkew) throw wrong('createdAt', 'lies in the future');
  if (terms.createdAt > terms.qualifyBy || terms.qualifyBy > terms.decideBy)
    throw wrong('qualifyBy', 'is out of order');
  if (terms.decideBy > offer.expiresAt) throw wrong('decideBy', 'lies behind the end of the offer');
  if (terms.confirmSeconds < MIN_CONFIRM_SECONDS || terms.confirmSeconds > MAX_CONFIRM_SECONDS) {
    throw wrong('confirmSeconds', `must be ${MIN_CONFIRM_SECONDS} to ${MAX_CONFIRM_SECONDS}`);
  }
}

export function sameTerms(a: OrderTerms, b: OrderTerms): boolean {
  return canonicalJson(a as unknown as Json) === canonicalJson(b as unknown as Json);
}
