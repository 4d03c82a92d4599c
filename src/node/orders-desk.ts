import { nowSeconds } from '../base/clock.ts';
import { createEnvelope, encodeBody, MAX_PROOF_LIFETIME_SECONDS } from '../envelope/index.ts';
import {
  checkOpen,
  createTerms,
  isNote,
  MAX_NOTE_CHARACTERS,
  MarketError,
  MarketErrorCode,
  type Offer,
  type Order,
  type OrderState,
  type OrderView,
  openOrder,
} from '../market/index.ts';
import type { OrderQuery, OrdersApi } from './market-interface.ts';
import type { MarketDeskComponents, ProveOptions } from './offers-desk.ts';
import { keyBytes } from './wallet-door.ts';

/** What users do with orders. */
export class OrdersDesk implements OrdersApi {
  readonly #parts: MarketDeskComponents;

  constructor(components: MarketDeskComponents) {
    this.#parts = components;
  }

  async take(offerId: string, options: ProveOptions = {}): Promise<OrderView> {
    const { clock, wallet, offers, orders } = this.#parts;
    const offer = await offers.require(offerId);
    checkOpen(offer, nowSeconds(clock));
    if (offer.mine) {
      throw new MarketError(MarketErrorCode.OwnOffer, 'this offer was made by this very node', { where: offerId });
    }
    const taker = (await wallet.open().createPseudonym('order', `order on ${offerId.slice(0, 16)}`)).publicKey;
    let order: Order;
    try {
      order = await this.#propose(offer, taker, options);
    } catch (error) {
      // Nobody has seen this key's order, so the key is of no use either.
      await wallet.open().removePseudonym(taker);
      throw error;
    }
    orders.deliverSoon(order.id);
    return await orders.show(order.id);
  }

  /** Proves for one order, keeps the order, and lets its claim out. */
  async #propose(offer: Offer, taker: string, options: ProveOptions): Promise<Order> {
    const { clock, wallet, orders, proofs, envelopes, network, settings, payment } = this.#parts;
    const offerId = offer.id;
    const terms = createTerms({
      network,
      offer,
      taker,
      payment: payment.driver,
      now: nowSeconds(clock),
      qualifySeconds: settings.qualifySeconds,
      decideSeconds: settings.decideSeconds,
      confirmSeconds: settings.confirmSeconds,
      maxProofSeconds: MAX_PROOF_LIFETIME_SECONDS,
    });
    const { parts } = await proofs.proveBound(
      offer.policy,
      {
        network,
        kind: 'claim',
        offerId,
        orderId: terms.orderId,
        counterparty: offer.maker,
        pseudonym: taker,
        expiresAt: terms.decideBy,
      },
      options,
    );
    const body = encodeBody('claim', { offerId, orderId: terms.orderId, counterparty: offer.maker });
    const { id, data } = await wallet.signEnvelope(
      createEnvelope({ kind: 'claim', expiresAt: terms.decideBy, pseudonym: keyBytes(taker), body, proof: parts }),
    );
    const order = { ...openOrder('taker', terms, offer.contact, nowSeconds(clock)), claimId: id };
    await orders.open(order, data);
    try {
      await envelopes.publishOwn(data);
    } catch (error) {
      await orders.discard(order.id);
      throw error;
    }
    return order;
  }

  async list(query: OrderQuery = {}): Promise<OrderView[]> {
    return await this.#parts.orders.list(query);
  }

  async show(id: string): Promise<OrderView> {
    return await this.#parts.orders.show(id);
  }

  async accept(id: string): Promise<OrderView> {
    return await this.#parts.orders.accept(id);
  }

  async decline(id: string, note = ''): Promise<OrderView> {
    return await this.#parts.orders.decline(id, checkNote(note));
  }

  async cancel(id: string, note = ''): Promise<OrderView> {
    return await this.#parts.orders.cancel(id, checkNote(note));
  }

  async wait(id: string, states: readonly OrderState[], signal?: AbortSignal): Promise<OrderView> {
    const { events, orders } = this.#parts;
    const reached = (order: OrderView) => order.final || states.includes(order.state);
    // Listened before asked, so that no change falls in between.
    const after = events.lastId;
    const now = await orders.show(id);
    if (reached(now)) return now;
    for await (const event of events.subscribe({ afterId: after, types: ['order'], signal })) {
      if (event.type === 'order' && event.data.id === id && reached(event.data)) return event.data;
    }
    return await orders.show(id);
  }
}

/** @throws MarketError MARKET_BAD_MESSAGE */
function checkNote(note: string): string {
  if (isNote(note)) return note;
  const rule = `a note is one line of at most ${MAX_NOTE_CHARACTERS} printable characters`;
  throw new MarketError(MarketErrorCode.BadMessage, rule, { where: 'note' });
}
