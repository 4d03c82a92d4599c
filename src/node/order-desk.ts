import { nowSeconds } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import {
  type Contact,
  checkUnitLeft,
  isFinal,
  MarketError,
  MarketErrorCode,
  type Offer,
  type Order,
  type OrderEvent,
  type OrderView,
  receiptBytes,
  transition,
  unitsConfirmed,
  viewOrder,
} from '../market/index.ts';
import { InFlight } from './in-flight.ts';
import { LiveOrders } from './live-orders.ts';
import type { OrderQuery } from './market-interface.ts';
import { KeyedMutex } from './mutex.ts';
import { type CourierInit, OrderCourier } from './order-courier.ts';
import { OrderDialogue } from './order-dialogue.ts';
import type { KeptOrder, OrderRepository } from './order-repository.ts';
import { ProposalDesk, type ProposalInit, type ProposalPorts } from './proposal-desk.ts';

/** What the desk needs of the rest of the node. */
export interface OrderDeskPorts extends Omit<ProposalPorts, 'open' | 'admit'> {
  orders: OrderRepository;
  /** How our node is reached. */
  contact(): Contact;
  /** Hex signature by one of the wallet's pseudonyms. @throws NODE_WALLET_LOCKED, NODE_WALLET_ABSENT */
  sign(pseudonym: string, bytes: Uint8Array): Promise<string>;
  /** One request and its answer; an answer that is an error is a CodedError with the remote code. */
  send(to: Contact, bytes: Uint8Array): Promise<Uint8Array>;
  onChange(order: OrderView): void;
  /** Every unit of the offer is confirmed. */
  onSoldOut(offer: Offer): Promise<void>;
  onTrouble(order: Order, error: unknown): void;
}

export interface OrderDeskInit extends CourierInit, ProposalInit {}

/**
 * Orders of both roles: applies what users and time do to them, lets in what the other side says of them, and has our
 * side of it delivered until the other side shows that it knows.
 */
export class OrderDesk {
  readonly #ports: OrderDeskPorts;
  readonly #orders: LiveOrders;
  readonly #courier: OrderCourier;
  readonly #dialogue: OrderDialogue;
  /** By offer id: the last unit is promised once. */
  readonly #accepting = new KeyedMutex();
  readonly #inFlight = new InFlight();
  #stopped = false;

  constructor(init: OrderDeskInit, ports: OrderDeskPorts) {
    this.#ports = ports;
    const inFlight = this.#inFlight;
    const orders = new LiveOrders({ ...ports, inFlight, onNews: (id) => this.deliverSoon(id) });
    const proposals = new ProposalDesk(init, {
      ...ports,
      open: () => orders.all().filter((order) => order.role === 'maker' && !isFinal(order)),
      admit: (order) => orders.addOnce({ order, claim: null }),
    });
    const dialogue = new OrderDialogue(init.network, {
      ...ports,
      orders,
      propose: (message, proposal, from) => inFlight.track(proposals.take(message, proposal, from)),
      onConfirmed: (order) => this.#onConfirmed(order),
      onTrouble: (order, error) => this.#trouble(order, error),
    });
    this.#orders = orders;
    this.#dialogue = dialogue;
    this.#courier = new OrderCourier(init, {
      clock: ports.clock,
      due: () => (this.#stopped ? [] : orders.all().filter(hasNews)),
      deliver: (id) => inFlight.track(dialogue.deliver(id)),
    });
  }

  /** Takes up every order that a former run left open. */
  async restore(): Promise<void> {
    await this.#orders.restore();
  }

  /** Waits for what is being written; starts nothing new. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#inFlight.settle();
  }

  // --- users ----------------------------------------------------------------------------------------------------------

  /** A taker's new order, durable before this resolves. */
  async open(order: Order, claim: Uint8Array): Promise<void> {
    await this.#orders.add({ order, claim: Buffer.from(claim).toString('base64') });
  }

  /** Begins delivery of an order whose claim is out. */
  deliverSoon(id: string): void {
    this.#courier.hurry(id);
  }

  /** Forgets an order that nobody else has heard of. */
  async discard(id: string): Promise<void> {
    await this.#orders.delete(id);
    this.#courier.forget(id);
  }

  async list(query: OrderQuery): Promise<OrderView[]> {
    return (await this.#ports.orders.list(query)).map(({ order }) => viewOrder(order));
  }

  /** @throws MarketError MARKET_UNKNOWN_ORDER */
  async show(id: string): Promise<OrderView> {
    return viewOrder((await this.#orders.get(id)).order);
  }

  async accept(id: string): Promise<OrderView> {
    const { offerId } = (await this.#orders.get(id)).order.terms;
    return await this.#accepting.run(offerId, () =>
      this.#change(id, async ({ order }, now) => {
        // Asked in the machine's words first: a taker or a late maker hears what is wrong before any signature.
        const draft = { terms: order.terms, claimId: order.claimId, acceptedAt: now };
        transition(order, { type: 'accept', receipt: { ...draft, makerSignature: '', takerSignature: null } }, now);
        const offer = await this.#ports.offer(offerId);
        const others = await this.#ports.orders.list({ role: 'maker', offerId });
        if (offer !== undefined)
          checkUnitLeft(
            offer,
            others.map((kept) => kept.order),
          );
        const makerSignature = await this.#ports.sign(order.terms.maker, receiptBytes(draft));
        return { type: 'accept', receipt: { ...draft, makerSignature, takerSignature: null } };
      }),
    );
  }

  async decline(
    id: string,
    note: string,
    reason: 'MAKER_DECLINED' | 'OFFER_FILLED' | 'OFFER_CANCELLED' = 'MAKER_DECLINED',
  ) {
    return await this.#change(id, async () => ({ type: 'decline', reason, note }));
  }

  async cancel(id: string, note: string): Promise<OrderView> {
    return await this.#change(id, async () => ({ type: 'cancel', note }));
  }

  /** Declines every undecided order of an offer. */
  async declineAll(offerId: string, reason: 'OFFER_FILLED' | 'OFFER_CANCELLED'): Promise<void> {
    const open = this.#orders
      .all()
      .filter((order) => order.role === 'maker' && order.terms.offerId === offerId && order.state === 'qualified');
    for (const order of open) await this.decline(order.id, '', reason).catch((error) => this.#trouble(order, error));
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const order of this.#orders.all()) {
      const key = `${order.role} ${order.state}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  async #change(id: string, decide: (kept: KeptOrder, now: number) => Promise<OrderEvent>): Promise<OrderView> {
    return viewOrder(await this.#orders.change(id, decide));
  }

  // --- the other side, and time ---------------------------------------------------------------------------------------

  /** Answers one message. @throws CodedError for the other side's node */
  async handle(data: Uint8Array, from: string): Promise<Uint8Array> {
    if (this.#stopped) throw new MarketError(MarketErrorCode.TryLater, 'this node is stopping');
    return await this.#dialogue.answer(data, from);
  }

  /** Ends what is past its deadline, and delivers what is due. Called every second or so. */
  async tick(): Promise<void> {
    const now = nowSeconds(this.#ports.clock);
    for (const order of this.#orders.all()) {
      if (transition(order, { type: 'tick' }, now) !== order) {
        await this.#change(order.id, async () => ({ type: 'tick' })).catch((error) => this.#trouble(order, error));
      } else if (!this.#orders.isLive(order)) {
        this.#orders.release(order.id);
        this.#courier.forget(order.id);
      }
    }
    this.#courier.run();
  }

  /** The last unit of an offer ends it, and whatever else was asked of it. */
  async #onConfirmed(order: Order): Promise<void> {
    const { offerId } = order.terms;
    const offer = await this.#ports.offer(offerId);
    const accepted = await this.#ports.orders.list({ role: 'maker', offerId, state: 'accepted' });
    if (offer === undefined || unitsConfirmed(accepted.map((kept) => kept.order)) < offer.units) return;
    void this.#inFlight.track(
      this.#ports
        .onSoldOut(offer)
        .then(() => this.declineAll(offerId, 'OFFER_FILLED'))
        .catch((error) => this.#trouble(order, error)),
    );
  }

  #trouble(order: Order, error: unknown): void {
    this.#ports.onTrouble(order, error instanceof Error ? error : messageOf(error));
  }
}

/** Something to tell, or a taker that waits: the maker's news may have found it offline. */
function hasNews(order: Order): boolean {
  return order.unsent || (order.role === 'taker' && !isFinal(order));
}
