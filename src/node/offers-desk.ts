import { type Clock, nowSeconds } from '../base/clock.ts';
import { assetCodes, assetDecimals, type Policy, policyJson } from '../claims/index.ts';
import type { Config } from '../config/interface.ts';
import { createEnvelope, decodeBody, encodeBody, MAX_PROOF_LIFETIME_SECONDS } from '../envelope/index.ts';
import {
  type Contact,
  listingBody,
  MarketError,
  MarketErrorCode,
  type Offer,
  type OfferView,
  offerFrom,
  type PaymentPort,
  viewOffer,
} from '../market/index.ts';
import type { ProgressListener } from '../prover/interface.ts';
import type { EnvelopeDesk } from './envelope-desk.ts';
import type { EventBus } from './event-bus.ts';
import type { CreateOffer, OfferQuery, OffersApi } from './market-interface.ts';
import type { OfferBook } from './offer-book.ts';
import type { OrderDesk } from './order-desk.ts';
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

interface ListingTerms {
  maker: string;
  makerPolicy: Policy | undefined;
  expiresAt: number;
}

export interface ProveOptions {
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
    const { wallet, clock } = this.#parts;
    const policy = readPolicy(input.policy);
    const makerPolicy = input.makerPolicy === undefined ? undefined : readPolicy(input.makerPolicy);
    if (assetDecimals(input.price.asset) === undefined) {
      throw badOffer('price.asset', `is none of ${assetCodes().length} known assets, such as EUR or BTC`);
    }
    const now = nowSeconds(clock);
    const expiresAt = now + this.#lifetime(input, makerPolicy);
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
    const maker = (await wallet.open().createPseudonym('listing', input.title.slice(0, 100))).publicKey;
    try {
      const offer = await this.#publish(encoded, { maker, makerPolicy, expiresAt }, options);
      return viewOffer(offer, nowSeconds(clock));
    } catch (error) {
      await wallet.open().removePseudonym(maker);
      throw error;
    }
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

  /** Proves what the maker wants to show, keeps the offer, and lets its listing out. */
  async #publish(body: Uint8Array, terms: ListingTerms, options: ProveOptions): Promise<Offer> {
    const { wallet, offers, envelopes, clock, network, proofs } = this.#parts;
    const { maker, makerPolicy, expiresAt } = terms;
    let proof: VerifiedProof | undefined;
    if (makerPolicy !== undefined) {
      const none = { offerId: '', orderId: '', counterparty: '' };
      const binding = { network, kind: 'listing', ...none, pseudonym: maker, expiresAt } as const;
      proof = await proofs.proveBound(makerPolicy, binding, options);
    }
    const { id, data } = await wallet.signEnvelope(
      createEnvelope({ kind: 'listing', expiresAt, pseudonym: keyBytes(maker), body, proof: proof?.parts }),
    );
    const offer = offerFrom(decodeBody('listing', body), {
      id,
      maker,
      makerPolicy: makerPolicy === undefined ? '' : policyJson(makerPolicy),
      expiresAt,
      receivedAt: nowSeconds(clock),
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
    return offer;
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

function badOffer(where: string, what: string): MarketError {
  return new MarketError(MarketErrorCode.BadOffer, `${where} ${what}`, { where });
}
