import { nowSeconds } from '../base/clock.ts';
import { CodedError, messageOf } from '../base/errors.ts';
import {
  type Contact,
  checkSender,
  checkUnitLeft,
  decodeOrderMessage,
  describeOrder,
  encodeOrderMessage,
  follow,
  isFinal,
  MarketError,
  MarketErrorCode,
  type Offer,
  type Order,
  type OrderEvent,
  type OrderMessage,
  type OrderView,
  orderMessageBytes,
  receiptBytes,
  SETTLE_NEWS_SECONDS,
  transition,
  unitsConfirmed,
  viewOrder,
} from '../market/index.ts';
import { KeyedMutex } from './mutex.ts';
import { type CourierInit, OrderCourier } from './order-courier.ts';
import type { KeptOrder, OrderFilter, OrderRepository } from './order-repository.ts';
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

/** What the maker's node says and no retry changes. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  MarketErrorCode.UnknownOffer,
  MarketErrorCode.OfferClosed,
  MarketErrorCode.BadTerms,
  MarketErrorCode.WrongPolicy,
  MarketErrorCode.ProofTooOld,
  MarketErrorCode.WrongBinding,
  MarketErrorCode.NotQualified,
  MarketErrorCode.PastDeadline,
]);

/**
 * Orders of both roles: applies what users, the other side and time do to them, keeps them on the disk before anybody
 * is told, and tells the other side until it shows that it knows.
 */
export class OrderDesk {
  readonly #init: OrderDeskInit;
  readonly #ports: OrderDeskPorts;
  /** Every order that still moves or still has news to deliver. */
  readonly #live = new Map<string, KeptOrder>();
  readonly #courier: OrderCourier;
  readonly #proposals: ProposalDesk;
  readonly #mutex = new KeyedMutex();
  readonly #busy = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(init: OrderDeskInit, ports: OrderDeskPorts) {
    this.#init = init;
    this.#ports = ports;
    this.#proposals = new ProposalDesk(init, {
      ...ports,
      open: () =>
        [...this.#live.values()].map(({ order }) => order).filter((order) => order.role === 'maker' && !isFinal(order)),
      admit: (order) => this.#admit(order),
    });
    this.#courier = new OrderCourier(init, {
      clock: ports.clock,
      due: () => (this.#stopped ? [] : [...this.#live.values()].map(({ order }) => order).filter(hasNews)),
      deliver: (id) => this.#track(this.#deliver(id)),
    });
  }

  /** Takes up every order that a former run left open. */
  async restore(): Promise<void> {
    for (const kept of await this.#ports.orders.list({}))
      if (this.#isLive(kept.order)) this.#live.set(kept.order.id, kept);
  }

  /** Waits for what is being written; starts nothing new. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled([...this.#busy]);
  }

  // --- users ----------------------------------------------------------------------------------------------------------

  /** A taker's new order, durable before this resolves. */
  async open(order: Order, claim: Uint8Array): Promise<void> {
    await this.#mutex.run(order.id, () => this.#keep({ order, claim: Buffer.from(claim).toString('base64') }));
  }

  /** Begins delivery of an order whose claim is out. */
  deliverSoon(id: string): void {
    this.#courier.hurry(id);
  }

  /** Forgets an order that nobody else has heard of. */
  async discard(id: string): Promise<void> {
    await this.#mutex.run(id, () => this.#ports.orders.delete(id));
    this.#live.delete(id);
    this.#courier.forget(id);
  }

  async list(filter: OrderFilter): Promise<OrderView[]> {
    return (await this.#ports.orders.list(filter)).map(({ order }) => viewOrder(order));
  }

  /** @throws MarketError MARKET_UNKNOWN_ORDER */
  async show(id: string): Promise<OrderView> {
    return viewOrder((await this.#get(id)).order);
  }

  async accept(id: string): Promise<OrderView> {
    const { offerId } = (await this.#get(id)).order.terms;
    return await this.#mutex.run(`offer ${offerId}`, () =>
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
    const open = [...this.#live.values()].filter(
      ({ order }) => order.role === 'maker' && order.terms.offerId === offerId && order.state === 'qualified',
    );
    for (const { order } of open)
      await this.decline(order.id, '', reason).catch((error) => this.#trouble(order, error));
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { order } of this.#live.values()) {
      const key = `${order.role} ${order.state}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  // --- the other side -------------------------------------------------------------------------------------------------

  /** Answers one message. @throws CodedError for the other side's node */
  async handle(data: Uint8Array, from: string): Promise<Uint8Array> {
    if (this.#stopped) throw new MarketError(MarketErrorCode.TryLater, 'this node is stopping');
    const message = decodeOrderMessage(data, this.#init.network);
    const kept = await this.#find(message.orderId);
    if (kept === undefined) {
      if (message.proposal === null) {
        throw new MarketError(MarketErrorCode.UnknownOrder, 'this node knows no such order', {
          where: message.orderId,
        });
      }
      return await this.#describe(await this.#track(this.#proposals.take(message, message.proposal, from)));
    }
    checkSender(message, otherSide(kept.order));
    return await this.#describe(await this.#hear(kept.order.id, message));
  }

  /** Keeps a verified proposal as an order, unless an earlier copy of it was faster. */
  async #admit(order: Order): Promise<Order> {
    return await this.#mutex.run(order.id, async () => {
      const known = await this.#find(order.id);
      if (known !== undefined) return known.order;
      await this.#keep({ order, claim: null });
      return order;
    });
  }

  /** Follows the other side's state and returns ours. */
  async #hear(id: string, message: OrderMessage): Promise<Order> {
    let soldOut: Offer | undefined;
    const order = await this.#mutex.run(id, async () => {
      const kept = await this.#get(id);
      const now = this.#now();
      const followed = follow(kept.order, message, now);
      let event: OrderEvent;
      if (followed.type === 'nothing') return kept.order;
      if (followed.type === 'countersign') {
        const { receipt } = followed;
        const takerSignature = await this.#ports.sign(kept.order.terms.taker, receiptBytes(receipt));
        event = { type: 'peer-accepted', receipt: { ...receipt, takerSignature } };
      } else {
        event = followed.event;
      }
      const after = transition(kept.order, event, now);
      if (after === kept.order) return after;
      await this.#keep({ order: after, claim: after.state === 'proposed' ? kept.claim : null });
      if (event.type === 'peer-confirmed' && after.role === 'maker') soldOut = await this.#soldOut(after.terms.offerId);
      return after;
    });
    if (soldOut !== undefined) {
      const offer = soldOut;
      void this.#track(
        this.#ports
          .onSoldOut(offer)
          .then(() => this.declineAll(offer.id, 'OFFER_FILLED'))
          .catch((error) => this.#trouble(order, error)),
      );
    }
    return order;
  }

  async #soldOut(offerId: string): Promise<Offer | undefined> {
    const offer = await this.#ports.offer(offerId);
    const orders = await this.#ports.orders.list({ role: 'maker', offerId, state: 'accepted' });
    return offer !== undefined && unitsConfirmed(orders.map((kept) => kept.order)) >= offer.units ? offer : undefined;
  }

  // --- time and delivery ------------------------------------------------------------------------------------------------

  /** Ends what is past its deadline, and delivers what is due. Called every second or so. */
  async tick(): Promise<void> {
    const now = this.#now();
    for (const [id, { order }] of [...this.#live]) {
      if (transition(order, { type: 'tick' }, now) !== order) {
        await this.#change(id, async () => ({ type: 'tick' })).catch((error) => this.#trouble(order, error));
      } else if (!this.#isLive(order)) {
        this.#live.delete(id);
        this.#courier.forget(id);
      }
    }
    this.#courier.run();
  }

  /** One message and its answer. @returns true if the other side now knows our state */
  async #deliver(id: string): Promise<boolean> {
    try {
      const { order: before, claim } = await this.#get(id);
      const answer = await this.#ports.send(before.contact, await this.#describe(before, claim));
      const message = decodeOrderMessage(answer, this.#init.network);
      checkSender(message, otherSide(before));
      const after = await this.#hear(id, message);
      // A newer state of ours is news of its own, and goes out at once.
      return !after.unsent || after.state !== before.state;
    } catch (error) {
      await this.#onRefusal(id, error);
      return false;
    }
  }

  /** What an error in place of an answer means for the order. */
  async #onRefusal(id: string, error: unknown): Promise<void> {
    const kept = this.#live.get(id);
    if (kept === undefined) return;
    const { order } = kept;
    const code = error instanceof CodedError ? ((error as { remoteCode?: string }).remoteCode ?? '') : '';
    try {
      if (order.role === 'taker' && order.state === 'proposed' && FINAL_REFUSALS.has(code)) {
        const note = error instanceof Error ? error.message.slice(0, 280) : code;
        await this.#change(id, async () => ({ type: 'peer-declined', reason: 'NOT_QUALIFIED', note: note || code }));
      } else if (code === MarketErrorCode.UnknownOrder && isFinal(order)) {
        await this.#change(id, async () => ({ type: 'peer-knows' }));
      } else {
        this.#trouble(order, error);
      }
    } catch (failure) {
      this.#trouble(order, failure);
    }
  }

  /** Moves by itself, or ended so lately that the other side may still want to hear of it. */
  #isLive(order: Order): boolean {
    if (!isFinal(order)) return true;
    const since = order.history.at(-1)?.at ?? 0;
    return order.unsent && this.#now() <= since + SETTLE_NEWS_SECONDS;
  }

  // --- keeping ----------------------------------------------------------------------------------------------------------

  async #change(id: string, decide: (kept: KeptOrder, now: number) => Promise<OrderEvent>): Promise<OrderView> {
    const work = this.#mutex.run(id, async () => {
      const kept = await this.#get(id);
      const now = this.#now();
      const order = transition(kept.order, await decide(kept, now), now);
      if (order !== kept.order) await this.#keep({ order, claim: order.state === 'proposed' ? kept.claim : null });
      return order;
    });
    const order = await this.#track(work);
    return viewOrder(order);
  }

  /** On the disk first; then in memory, to listeners and, when it is news, to the other side. */
  async #keep(kept: KeptOrder): Promise<void> {
    const { order } = kept;
    await this.#ports.orders.save(kept, this.#now());
    const before = this.#live.get(order.id)?.order;
    if (this.#isLive(order)) this.#live.set(order.id, kept);
    else this.#live.delete(order.id);
    const changed = before?.state !== order.state || before.confirmed !== order.confirmed;
    if (changed) this.#ports.onChange(viewOrder(order));
    if (changed && before !== undefined && order.unsent) setImmediate(() => this.deliverSoon(order.id));
  }

  async #describe(order: Order, claim: string | null = null): Promise<Uint8Array> {
    const proposal = claim === null ? null : { terms: order.terms, claim, contact: this.#ports.contact() };
    const message = describeOrder(order, this.#now(), proposal);
    const pseudonym = order.role === 'maker' ? order.terms.maker : order.terms.taker;
    const signature = await this.#ports.sign(pseudonym, orderMessageBytes(message));
    return encodeOrderMessage({ ...message, signature });
  }

  async #find(id: string): Promise<KeptOrder | undefined> {
    return this.#live.get(id) ?? (await this.#ports.orders.get(id));
  }

  async #get(id: string): Promise<KeptOrder> {
    const kept = await this.#find(id);
    if (kept !== undefined) return kept;
    throw new MarketError(MarketErrorCode.UnknownOrder, 'there is no such order', { where: id.slice(0, 64) });
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#busy.add(work);
    const done = () => this.#busy.delete(work);
    work.then(done, done);
    return work;
  }

  #trouble(order: Order, error: unknown): void {
    this.#ports.onTrouble(order, error instanceof Error ? error : messageOf(error));
  }

  #now(): number {
    return nowSeconds(this.#ports.clock);
  }
}

function otherSide(order: Order): string {
  return order.role === 'maker' ? order.terms.taker : order.terms.maker;
}

/** Something to tell, or a taker that waits: the maker's news may have found it offline. */
function hasNews(order: Order): boolean {
  return order.unsent || (order.role === 'taker' && !isFinal(order));
}
