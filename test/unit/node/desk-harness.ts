import { toHex } from '../../../src/base/bytes.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { CodedError, isCodedError } from '../../../src/base/errors.ts';
import { policyJson } from '../../../src/claims/index.ts';
import {
  type ClaimFacts,
  type Contact,
  MarketError,
  noPayment,
  type Offer,
  type Order,
  type OrderView,
  openOrder,
} from '../../../src/market/index.ts';
import { OrderDesk } from '../../../src/node/order-desk.ts';
import type { KeptOrder, OrderRepository } from '../../../src/node/order-repository.ts';
import type { ClaimVerdict } from '../../../src/node/proposal-desk.ts';
import { CLAIM_ID, makeOffer, makeTerms, NETWORK, type Party, party, START } from '../market/fixtures.ts';

export const MAKER_PEER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2';
export const TAKER_PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo';

/** Keeps JSON text, as the store does: nothing survives that would not survive a restart. */
export class MemoryOrders implements OrderRepository {
  readonly texts = new Map<string, string>();
  async get(id: string): Promise<KeptOrder | undefined> {
    const text = this.texts.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as KeptOrder);
  }
  async list(filter: { role?: string | undefined; state?: string | undefined; offerId?: string | undefined }) {
    return [...this.texts.values()]
      .map((text) => JSON.parse(text) as KeptOrder)
      .filter(({ order }) => filter.role === undefined || order.role === filter.role)
      .filter(({ order }) => filter.state === undefined || order.state === filter.state)
      .filter(({ order }) => filter.offerId === undefined || order.terms.offerId === filter.offerId);
  }
  async save(kept: KeptOrder): Promise<void> {
    this.texts.set(kept.order.id, JSON.stringify(kept));
  }
  async delete(id: string): Promise<void> {
    this.texts.delete(id);
  }
}

/** What a message meets on its way. */
export interface Wire {
  /** Of peers that cannot be reached. */
  offline: Set<string>;
  /** Answers that get lost on the way back. */
  loseAnswers: boolean;
  sent: number;
}

export interface Side {
  peer: string;
  desk: OrderDesk;
  orders: MemoryOrders;
  views: OrderView[];
  troubles: unknown[];
  restart(): Promise<void>;
}

/** One maker and any number of takers in one process, joined by a wire that loses what a test tells it to. */
export class Market {
  readonly clock = new ManualClock(START * 1000);
  readonly wire: Wire = { offline: new Set(), loseAnswers: false, sent: 0 };
  readonly makerKey = party();
  readonly keys = new Map<string, Party>([[this.makerKey.key, this.makerKey]]);
  readonly sides = new Map<string, Side>();
  readonly soldOut: string[] = [];
  verdict: ClaimVerdict = { outcome: 'good' };
  facts: Partial<ClaimFacts> = {};
  judged = 0;
  offer: Offer;
  readonly maker: Side;

  constructor(change: Partial<Offer> = {}) {
    this.offer = makeOffer(this.makerKey, { contact: { peerId: MAKER_PEER, addresses: [] }, ...change });
    this.maker = this.join(MAKER_PEER);
  }

  join(peer: string): Side {
    const orders = new MemoryOrders();
    const side: Side = {
      peer,
      orders,
      desk: this.#desk(peer, orders, () => side),
      views: [],
      troubles: [],
      restart: async () => {
        await side.desk.stop();
        side.desk = this.#desk(peer, orders, () => side);
        await side.desk.restore();
      },
    };
    this.sides.set(peer, side);
    return side;
  }

  setLossy(lossy: boolean): void {
    this.wire.loseAnswers = lossy;
  }

  /** A taker's order as `take` leaves it: durable, the claim out, delivery begun. */
  async take(taker: Side): Promise<Order> {
    const key = party();
    this.keys.set(key.key, key);
    const terms = makeTerms(this.offer, key, Math.floor(this.clock.nowMs() / 1000));
    const order = { ...openOrder('taker', terms, this.offer.contact, terms.createdAt), claimId: CLAIM_ID };
    await taker.desk.open(order, Buffer.from(JSON.stringify({ order: order.id })));
    taker.desk.deliverSoon(order.id);
    return order;
  }

  /** Lets both sides act until nothing more happens, a second of clock at a time. */
  async settle(rounds = 6): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      for (const side of this.sides.values()) await side.desk.tick();
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      this.clock.advance(1000);
    }
  }

  async pass(seconds: number): Promise<void> {
    this.clock.advance(seconds * 1000);
    await this.settle(3);
  }

  #desk(peer: string, orders: OrderRepository, side: () => Side): OrderDesk {
    return new OrderDesk(
      {
        network: NETWORK,
        limits: { maxOpenOrdersPerOffer: 3, maxOpenOrders: 8 },
        clockSkew: 30,
        retryFirstMs: 500,
        retryMaxMs: 2000,
        refreshMs: 5000,
      },
      {
        clock: this.clock,
        orders,
        payment: noPayment,
        contact: () => ({ peerId: peer, addresses: [] }),
        offer: async (id) => (id === this.offer.id ? { ...this.offer, mine: peer === MAKER_PEER } : undefined),
        sign: async (key, bytes) => toHex(this.#key(key).signer.sign(bytes)),
        send: (to, bytes) => this.#send(peer, to, bytes),
        readClaim: (data) => this.#readClaim(data),
        judge: async () => {
          this.judged += 1;
          return this.verdict;
        },
        onChange: (order) => side().views.push(order),
        onSoldOut: async (offer) => void this.soldOut.push(offer.id),
        onTrouble: (_, error) => side().troubles.push(error),
      },
    );
  }

  #key(key: string): Party {
    const found = this.keys.get(key);
    if (found === undefined) throw new MarketError('TEST_NO_KEY', 'not a key of this test');
    return found;
  }

  async #send(from: string, to: Contact, bytes: Uint8Array): Promise<Uint8Array> {
    this.wire.sent += 1;
    const target = this.sides.get(to.peerId);
    if (target === undefined || this.wire.offline.has(to.peerId) || this.wire.offline.has(from)) {
      throw new MarketError('OVERLAY_DIAL_FAILED', 'offline');
    }
    let answer: Uint8Array;
    try {
      answer = await target.desk.handle(bytes, from);
    } catch (error) {
      throw isCodedError(error) ? new Refused(error) : error;
    }
    if (this.wire.loseAnswers) throw new MarketError('OVERLAY_REQUEST_TIMEOUT', 'the answer got lost');
    return answer;
  }

  #readClaim(data: Uint8Array): ClaimFacts & { disclosed: string | null } {
    const { order: id } = JSON.parse(Buffer.from(data).toString()) as { order: string };
    const kept = [...this.sides.values()].map(({ orders }) => orders.texts.get(id)).find((text) => text !== undefined);
    const { terms } = (JSON.parse(kept ?? '{}') as KeptOrder).order;
    return {
      envelopeId: CLAIM_ID,
      policy: policyJson(this.offer.policy),
      pseudonym: terms.taker,
      offerId: terms.offerId,
      orderId: terms.orderId,
      counterparty: terms.maker,
      expiresAt: terms.decideBy,
      provedAt: terms.createdAt,
      disclosed: null,
      ...this.facts,
    };
  }
}

/** As the overlay hands on a coded refusal of the other peer. */
class Refused extends CodedError {
  readonly remoteCode: string;
  constructor(cause: CodedError) {
    super('OVERLAY_REMOTE_REFUSED', cause.message);
    this.remoteCode = cause.code;
  }
}
