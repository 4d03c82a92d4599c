import { toHex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { nowSeconds } from '../base/clock.ts';
import { decodeBody, decodeEnvelope, type Envelope } from '../envelope/index.ts';
import {
  applyUpdate,
  MarketError,
  MarketErrorCode,
  type Offer,
  type OfferView,
  offerFrom,
  viewOffer,
} from '../market/index.ts';
import type { DocumentRecord, Store } from '../store/index.ts';
import type { Page } from './interface.ts';
import type { OfferQuery } from './market-interface.ts';
import { KeyedMutex } from './mutex.ts';

export interface OfferBookComponents {
  store: Store;
  clock: Clock;
  onChange(offer: OfferView): void;
}

/** Offers of others stay listed for a day after their end, then only their orders remember them. */
const KEEP_ENDED_SECONDS = 86_400;

/** The offers of this network as this node knows them, kept beside the envelopes that they come from. */
export class OfferBook {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #onChange: (offer: OfferView) => void;
  readonly #mutex = new KeyedMutex();

  constructor({ store, clock, onChange }: OfferBookComponents) {
    this.#store = store;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Reads again what arrived but may not have been taken in before a crash. */
  async restore(): Promise<void> {
    for (const kind of ['listing', 'listing-update'] as const) {
      let cursor: string | undefined;
      do {
        const page = await this.#store.envelopes.query({ kind, expiresAfter: this.#now(), limit: 100, cursor });
        for (const stored of page.items) await this.take(stored.id, decodeEnvelope(stored.bytes), stored.receivedAt);
        cursor = page.next;
      } while (cursor !== undefined);
    }
  }

  /** Takes in an accepted envelope; kinds that say nothing about offers are passed over. */
  async take(id: string, envelope: Envelope, receivedAt = this.#now()): Promise<void> {
    if (envelope.kind === 'listing') {
      await this.#mutex.run(id, async () => {
        if ((await this.#store.offers.get(id)) !== undefined) return;
        const offer = offerFrom(decodeBody('listing', envelope.body), {
          id,
          maker: toHex(envelope.pseudonym),
          makerPolicy: envelope.policy,
          expiresAt: envelope.expiresAt,
          receivedAt,
          mine: false,
        });
        if (offer !== undefined) await this.#save(offer, 1);
      });
    } else if (envelope.kind === 'listing-update') {
      const body = decodeBody('listing-update', envelope.body);
      await this.#update(body.offerId, (offer) =>
        offer.maker === toHex(envelope.pseudonym) ? applyUpdate(offer, body) : offer,
      );
    }
  }

  /** Keeps an own offer before it is published, so that a crash in between cannot orphan it. */
  async addOwn(offer: Offer): Promise<void> {
    await this.#mutex.run(offer.id, () => this.#save(offer, 1));
  }

  async remove(id: string): Promise<void> {
    await this.#mutex.run(id, () => this.#store.apply([{ type: 'delete-offer', id }]));
  }

  async get(id: string): Promise<Offer | undefined> {
    const record = await this.#store.offers.get(id);
    return record === undefined ? undefined : readOffer(record);
  }

  /** @throws MarketError MARKET_UNKNOWN_OFFER */
  async require(id: string): Promise<Offer> {
    const offer = /^[0-9a-f]{64}$/.test(id) ? await this.get(id) : undefined;
    if (offer !== undefined) return offer;
    throw new MarketError(MarketErrorCode.UnknownOffer, 'there is no such offer here', {
      where: id.slice(0, 64),
      hint: 'it may not have reached this node yet; see the list of offers',
    });
  }

  async list(query: OfferQuery): Promise<Page<OfferView>> {
    const limit = query.limit ?? 50;
    const now = this.#now();
    const items: OfferView[] = [];
    let cursor = query.after;
    do {
      const role = query.mine === undefined ? undefined : query.mine ? 'own' : 'remote';
      const page = await this.#store.offers.query({ role, limit: limit - items.length, cursor });
      const views = page.items.map((record) => viewOffer(readOffer(record), now));
      items.push(...views.filter((offer) => query.status === undefined || offer.status === query.status));
      cursor = page.next;
    } while (cursor !== undefined && items.length < limit);
    return { items, next: cursor ?? null };
  }

  /** Drops offers of others that ended long ago. */
  async prune(): Promise<void> {
    const deadlineUpTo = this.#now() - KEEP_ENDED_SECONDS;
    const { items } = await this.#store.offers.query({ role: 'remote', deadlineUpTo, limit: 100 });
    if (items.length > 0) await this.#store.apply(items.map(({ id }) => ({ type: 'delete-offer', id })));
  }

  async #update(id: string, change: (offer: Offer) => Offer): Promise<void> {
    await this.#mutex.run(id, async () => {
      const record = await this.#store.offers.get(id);
      if (record === undefined) return;
      const before = readOffer(record);
      const after = change(before);
      if (after !== before) await this.#save(after, record.version + 1);
    });
  }

  async #save(offer: Offer, version: number): Promise<void> {
    const now = this.#now();
    const record: DocumentRecord = {
      id: offer.id,
      state: offer.announced,
      parent: '',
      role: offer.mine ? 'own' : 'remote',
      deadline: offer.expiresAt,
      updatedAt: now,
      version,
      data: JSON.stringify(offer),
    };
    await this.#store.apply([{ type: 'put-offer', record }]);
    this.#onChange(viewOffer(offer, now));
  }

  #now(): number {
    return nowSeconds(this.#clock);
  }
}

function readOffer(record: DocumentRecord): Offer {
  return JSON.parse(record.data) as Offer;
}
