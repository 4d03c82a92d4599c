import { type Clock, nowSeconds } from '../base/clock.ts';
import {
  isFinal,
  MarketError,
  MarketErrorCode,
  type Order,
  type OrderEvent,
  type OrderView,
  SETTLE_NEWS_SECONDS,
  transition,
  viewOrder,
} from '../market/index.ts';
import type { InFlight } from './in-flight.ts';
import { KeyedMutex } from './mutex.ts';
import type { KeptOrder, OrderRepository } from './order-repository.ts';

export interface LiveOrdersPorts {
  clock: Clock;
  orders: OrderRepository;
  inFlight: InFlight;
  onChange(order: OrderView): void;
  /** The other side has something new to hear of this order. */
  onNews(id: string): void;
}

/**
 * Every order that still moves or still has news to deliver, in memory; the others are read from the disk. Changes one
 * order at a time, and has the change on the disk before anybody is told.
 */
export class LiveOrders {
  readonly #ports: LiveOrdersPorts;
  readonly #live = new Map<string, KeptOrder>();
  readonly #mutex = new KeyedMutex();

  constructor(ports: LiveOrdersPorts) {
    this.#ports = ports;
  }

  /** Takes up every order that a former run left open. */
  async restore(): Promise<void> {
    for (const kept of await this.#ports.orders.list({}))
      if (this.isLive(kept.order)) this.#live.set(kept.order.id, kept);
  }

  all(): Order[] {
    return [...this.#live.values()].map(({ order }) => order);
  }

  /** Moves by itself, or ended so lately that the other side may still want to hear of it. */
  isLive(order: Order): boolean {
    if (!isFinal(order)) return true;
    const since = order.history.at(-1)?.at ?? 0;
    return order.unsent && nowSeconds(this.#ports.clock) <= since + SETTLE_NEWS_SECONDS;
  }

  /** Undefined for an order that nothing more is to happen to. */
  live(id: string): Order | undefined {
    return this.#live.get(id)?.order;
  }

  async find(id: string): Promise<KeptOrder | undefined> {
    return this.#live.get(id) ?? (await this.#ports.orders.get(id));
  }

  /** @throws MarketError MARKET_UNKNOWN_ORDER */
  async get(id: string): Promise<KeptOrder> {
    const kept = await this.find(id);
    if (kept !== undefined) return kept;
    throw new MarketError(MarketErrorCode.UnknownOrder, 'there is no such order', { where: id.slice(0, 64) });
  }

  async add(kept: KeptOrder): Promise<void> {
    await this.#mutex.run(kept.order.id, () => this.#keep(kept));
  }

  /** Adds an order unless it is known; returns the one that is kept. */
  async addOnce(kept: KeptOrder): Promise<Order> {
    return await this.#mutex.run(kept.order.id, async () => {
      const known = await this.find(kept.order.id);
      if (known !== undefined) return known.order;
      await this.#keep(kept);
      return kept.order;
    });
  }

  /** @param decide what happens to the order; undefined for nothing @returns the order after it */
  change(id: string, decide: (kept: KeptOrder, now: number) => Promise<OrderEvent | undefined>): Promise<Order> {
    const work = this.#mutex.run(id, async () => {
      const kept = await this.get(id);
      const now = nowSeconds(this.#ports.clock);
      const event = await decide(kept, now);
      if (event === undefined) return kept.order;
      const order = transition(kept.order, event, now);
      if (order !== kept.order) await this.#keep({ order, claim: order.state === 'proposed' ? kept.claim : null });
      return order;
    });
    return this.#ports.inFlight.track(work);
  }

  /** Out of memory; on the disk it stays. */
  release(id: string): void {
    this.#live.delete(id);
  }

  async delete(id: string): Promise<void> {
    await this.#mutex.run(id, () => this.#ports.orders.delete(id));
    this.#live.delete(id);
  }

  /** On the disk first; then in memory, to listeners and, when it is news, to the other side. */
  async #keep(kept: KeptOrder): Promise<void> {
    const { order } = kept;
    await this.#ports.orders.save(kept, nowSeconds(this.#ports.clock));
    const before = this.#live.get(order.id)?.order;
    if (this.isLive(order)) this.#live.set(order.id, kept);
    else this.#live.delete(order.id);
    const changed = before?.state !== order.state || before.confirmed !== order.confirmed;
    if (changed) this.#ports.onChange(viewOrder(order));
    if (changed && before !== undefined && order.unsent) setImmediate(() => this.#ports.onNews(order.id));
  }
}
