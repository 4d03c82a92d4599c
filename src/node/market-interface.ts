/** Offers and orders as their users see them. */

import type {
  OfferSide,
  OfferStatus,
  OfferView,
  OrderRole,
  OrderState,
  OrderView,
  Price,
} from '../market/interface.ts';
import type { ProgressListener } from '../prover/interface.ts';
import type { Page } from './interface.ts';
import type { PolicyInput } from './proofs-interface.ts';

export interface CreateOffer {
  /** What the maker does; default `sell`. */
  side?: OfferSide | undefined;
  /** One line, 1 to 120 characters. */
  title: string;
  /** Up to 1000 characters. */
  description?: string | undefined;
  /** `amount` in minor units. */
  price: Price;
  /** What takers must prove. */
  policy: PolicyInput;
  /** Proven by the maker when the offer is made, and shown with it. */
  makerPolicy?: PolicyInput | undefined;
  /** Default 1. */
  units?: number | undefined;
  /** Default `market.offerSeconds`. */
  lifetimeSeconds?: number | undefined;
}

export interface OfferQuery {
  status?: OfferStatus | undefined;
  mine?: boolean | undefined;
  /** Only after this id of an earlier page. */
  after?: string | undefined;
  limit?: number | undefined;
}

export interface OffersApi {
  /** @throws NODE_WALLET_*, MARKET_BAD_OFFER, ENVELOPE_BODY, NODE_NOT_PUBLISHED */
  create(offer: CreateOffer, options?: { signal?: AbortSignal; onProgress?: ProgressListener }): Promise<OfferView>;
  list(query?: OfferQuery): Promise<Page<OfferView>>;
  /** @throws MARKET_UNKNOWN_OFFER */
  show(id: string): Promise<OfferView>;
  /** Also declines its open orders. @throws MARKET_UNKNOWN_OFFER, MARKET_NOT_YOUR_OFFER */
  cancel(id: string): Promise<OfferView>;
}

export interface OrderQuery {
  role?: OrderRole | undefined;
  state?: OrderState | undefined;
  offerId?: string | undefined;
}

export interface OrdersApi {
  /**
   * Proves the offer's policy for one new order, checks the proof, stores the order and starts to deliver it.
   * Resolves once the order is durable, as `proposed` or already further.
   * @throws MARKET_UNKNOWN_OFFER, MARKET_OFFER_CLOSED, MARKET_OWN_OFFER, NODE_WALLET_*, NODE_NO_REGISTRY, CLAIM_*, PROVER_*
   */
  take(offerId: string, options?: { signal?: AbortSignal; onProgress?: ProgressListener }): Promise<OrderView>;
  list(query?: OrderQuery): Promise<OrderView[]>;
  /** @throws MARKET_UNKNOWN_ORDER */
  show(id: string): Promise<OrderView>;
  /** Maker only. @throws MARKET_UNKNOWN_ORDER, MARKET_ILLEGAL_TRANSITION, MARKET_PAST_DEADLINE, MARKET_OFFER_CLOSED */
  accept(id: string): Promise<OrderView>;
  /** Maker only. */
  decline(id: string, note?: string): Promise<OrderView>;
  /** Taker only. */
  cancel(id: string, note?: string): Promise<OrderView>;
  /** Resolves when the order is in one of `states` or final. */
  wait(id: string, states: readonly OrderState[], signal?: AbortSignal): Promise<OrderView>;
}
