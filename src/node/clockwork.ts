import { type Clock, nowSeconds } from '../base/clock.ts';
import type { Overlay } from '../overlay/interface.ts';
import type { Store } from '../store/interface.ts';
import type { EventBus } from './event-bus.ts';
import type { OfferBook } from './offer-book.ts';
import type { OrderDesk } from './order-desk.ts';
import type { RegistryFetcher } from './registry-fetcher.ts';
import type { RegistryHolder } from './registry-holder.ts';

export interface ClockworkParts {
  clock: Clock;
  store: Store;
  overlay: Overlay;
  registry: RegistryHolder;
  fetcher: RegistryFetcher;
  offerBook: OfferBook;
  orderDesk: OrderDesk;
  events: EventBus;
  /** Takes over work that nobody waits for, failures included. */
  later(work: Promise<void>): void;
}

/** Deadlines are whole seconds, so looking once a second is as fine as it gets. */
const TICK_MS = 1000;
/** A snapshot that no peer had is asked for again; roots whose grace ended drop out of sight. */
const REGISTRY_EVERY_TICKS = 10;
/** Ten minutes: what expired takes little room until then. */
const PRUNE_EVERY_TICKS = 600;

/** What a running node does by itself as time passes. */
export class Clockwork {
  readonly #parts: ClockworkParts;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #ticks = 0;
  #ticking = false;
  #connected = new Set<string>();

  constructor(parts: ClockworkParts) {
    this.#parts = parts;
  }

  /** Nothing, once it was stopped: a node may be stopped while it still starts. */
  start(): void {
    if (this.#stopped) return;
    this.#timer = setInterval(() => this.#parts.later(this.#tick()), TICK_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    try {
      this.#ticks += 1;
      this.#notePeers();
      await this.#parts.orderDesk.tick();
      if (this.#ticks % REGISTRY_EVERY_TICKS === 0) {
        await this.#parts.registry.refresh();
        // Not waited for: a slow peer must not hold up the orders' deadlines.
        this.#parts.later(this.#parts.fetcher.fetch());
      }
      if (this.#ticks % PRUNE_EVERY_TICKS === 0) {
        await this.#parts.store.prune(nowSeconds(this.#parts.clock));
        await this.#parts.offerBook.prune();
      }
    } finally {
      this.#ticking = false;
    }
  }

  #notePeers(): void {
    const { overlay, events } = this.#parts;
    const now = new Set(overlay.peers().map(({ peerId }) => peerId));
    for (const peerId of now) if (!this.#connected.has(peerId)) events.emit('peer', { peerId, connected: true });
    for (const peerId of this.#connected) if (!now.has(peerId)) events.emit('peer', { peerId, connected: false });
    this.#connected = now;
  }
}
