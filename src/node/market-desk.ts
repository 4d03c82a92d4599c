import { type Clock, nowSeconds } from '../base/clock.ts';
import { type Policy, policyJson } from '../claims/index.ts';
import type { Config } from '../config/interface.ts';
import { createEnvelope, decodeBody, encodeBody, MAX_PROOF_LIFETIME_SECONDS } from '../envelope/index.ts';
import {
  type Contact,
  checkOpen,
  createTerms,
  listingBody,
  MarketError,
  MarketErrorCode,
  type Offer,
  type OfferView,
  type OrderState,
  type OrderView,
  offerFrom,
  openOrder,
  orderIdOf,
  type PaymentPort,
  viewOffer,
} from '../market/index.ts';
import type { ProgressListener } from '../prover/interface.ts';
import type { EnvelopeDesk } from './envelope-desk.ts';
import type { EventBus } from './event-bus.ts';
import type { CreateOffer, OffersApi, OrdersApi } from './interface.ts';
import type { OfferBook, OfferQuery } from './offer-book.ts';
import type { OrderDesk } from './order-desk.ts';
import type { OrderFilter } from './order-repository.ts';
import { type ProofDesk, readPolicy, type VerifiedProof } from './proof-desk.ts';
import { keyBytes, type WalletDoor } from './wallet-door.ts';

export interface MarketDeskComponents {
  network: string;
  settings: Config['market'];
  maxLifetimeSeconds: number;
  clock: Clock;
  payment: PaymentPort;
  wallet: WalletDoor;
  proofs: ProofDesk;
  envelopes: EnvelopeDesk;
  offers: OfferBook;
  orders: OrderDesk;
  events: EventBus;
  contact(): Contact;
}

interface ProveOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ProgressListener | undefined;
}

/** How long past the offer's own end a cancellation is kept: those who were offline still see it. */
const CANCELLATION_EXTRA_SECONDS = 3600;

/** What users do with offers. */
export class OffersDesk implements OffersApi {
  readonly #parts: MarketDeskComponents;

  constructor(components: MarketDeskComponents) {
    this.#parts = components;
  }

  async create(input: CreateOffer, options: ProveOptions = {}): Promise<OfferView> {
    const { wallet, offers, envelopes, clock, network } = this.#parts;
    const policy = readPolicy(input.policy);
    const makerPolicy = input.makerPolicy === undefined ? undefined : readPolicy(input.makerPolicy);
    const now = nowSeconds(clock);
    const expiresAt = now + this.#lifetime(input, makerPolicy);
    const maker = (await wallet.open().createPseudonym('listing', input.title.slice(0, 100))).publicKey;
    const body = listingBody({
      side: input.side ?? 'sell',
      title: input.title,
      description: input.description ?? '',
      price: input.price,
      policy,
      units: input.units ?? 1,
      contact: this.#parts.contact(),
    });
    // The form is checked before seconds go into a proof.
    const encoded = encodeBody('listing', body);
    let proof: VerifiedProof | undefined;
    if (makerPolicy !== undefined) {
      const binding = {
        network,
        kind: 'listing',
        offerId: '',
        orderId: '',
        counterparty: '',
        pseudonym: maker,
        expiresAt,
      } as const;
      proof = await this.#parts.proofs.proveBound(makerPolicy, binding, options);
    }
    const { id, data } = await wallet.signEnvelope(
      createEnvelope({ kind: 'listing', expiresAt, pseudonym: keyBytes(maker), body: encoded, proof: proof?.parts }),
    );
    const offer = offerFrom(decodeBody('listing', encoded), {
      id,
      maker,
      makerPolicy: makerPolicy === undefined ? '' : policyJson(makerPolicy),
      expiresAt,
      receivedAt: now,
      mine: true,
    });
    if (offer === undefined) throw badOffer('policy', 'is not one that takers could read');
    await offers.addOwn(offer);
    try {
      await envelopes.publishOwn(data);
    } catch (error) {
      await offers.remove(id);
      throw error;
    }
    return viewOffer(offer, nowSeconds(clock));
  }

  async list(query: OfferQuery = {}) {
    return await this.#parts.offers.list(query);
  }

  async show(id: string): Promise<OfferView> {
    return viewOffer(await this.#parts.offers.require(id), nowSeconds(this.#parts.clock));
  }

  async cancel(id: string): Promise<OfferView> {
    const { offers, orders } = this.#parts;
    const offer = await offers.require(id);
    if (!offer.mine)
      throw new MarketError(MarketErrorCode.NotYourOffer, 'only its maker can cancel an offer', { where: id });
    if (offer.announced !== 'cancelled') await this.announce(offer, 'cancelled');
    await orders.declineAll(id, 'OFFER_CANCELLED');
    return await this.show(id);
  }

  /** Tells the network what an own offer has come to. */
  async announce(offer: Offer, status: 'cancelled' | 'taken' | 'open'): Promise<void> {
    const { wallet, envelopes, offers, maxLifetimeSeconds, clock } = this.#parts;
    const update = { v: 1, offerId: offer.id, status, sequence: offer.sequence + 1 } as const;
    const latest = nowSeconds(clock) + maxLifetimeSeconds;
    const unsigned = createEnvelope({
      kind: 'listing-update',
      expiresAt: Math.min(offer.expiresAt + CANCELLATION_EXTRA_SECONDS, latest),
      pseudonym: keyBytes(offer.maker),
      body: encodeBody('listing-update', update),
    });
    const { id, data } = await wallet.signEnvelope(unsigned);
    await envelopes.publishOwn(data);
    // Our own listener also hears of it; asked for here, so that the caller sees the new state at once.
    await offers.take(id, { ...unsigned, signature: new Uint8Array(64) });
  }

  #lifetime(input: CreateOffer, makerPolicy: Policy | undefined): number {
    const { settings, maxLifetimeSeconds } = this.#parts;
    // A proof is believed for a day at most, and the listing's expiry is bound into it.
    const longest =
      makerPolicy === undefined ? maxLifetimeSeconds : Math.min(maxLifetimeSeconds, MAX_PROOF_LIFETIME_SECONDS);
    const seconds = input.lifetimeSeconds ?? Math.min(settings.offerSeconds, longest);
    if (!Number.isSafeInteger(seconds) || seconds < 60 || seconds > longest) {
      throw badOffer(
        'lifetimeSeconds',
        `must be 60 to ${longest}${makerPolicy === undefined ? '' : ' with a maker policy'}`,
      );
    }
    return seconds;
  }
}

/** What users do with orders. */
export class OrdersDesk implements OrdersApi {
  readonly #parts: MarketDeskComponents;

  constructor(components: MarketDeskComponents) {
    this.#parts = components;
  }

  async take(offerId: string, options: ProveOptions = {}): Promise<OrderView> {
    const { clock, wallet, offers, orders, proofs, envelopes, network, settings, payment } = this.#parts;
    const offer = await offers.require(offerId);
    checkOpen(offer, nowSeconds(clock));
    if (offer.mine) {
      throw new MarketError(MarketErrorCode.OwnOffer, 'this offer was made by this very node', { where: offerId });
    }
    const taker = (await wallet.open().createPseudonym('order', `order on ${offerId.slice(0, 16)}`)).publicKey;
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
        orderId: orderIdOf(network, offerId, taker),
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
    orders.deliverSoon(order.id);
    return await orders.show(order.id);
  }

  async list(filter: OrderFilter = {}): Promise<OrderView[]> {
    return await this.#parts.orders.list(filter);
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
    const options = { afterId: after, types: ['order' as const], ...(signal === undefined ? {} : { signal }) };
    for await (const event of events.subscribe(options)) {
      if (event.type === 'order' && event.data.id === id && reached(event.data)) return event.data;
    }
    return await orders.show(id);
  }
}

/** @throws MarketError MARKET_BAD_MESSAGE */
function checkNote(note: string): string {
  // Control characters would paint over the other side's terminal.
  if (note.length <= 280 && !/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u.test(note)) return note;
  throw new MarketError(MarketErrorCode.BadMessage, 'a note is one line of at most 280 printable characters', {
    where: 'note',
  });
}

function badOffer(where: string, what: string): MarketError {
  return new MarketError(MarketErrorCode.BadOffer, `${where} ${what}`, { where });
}
