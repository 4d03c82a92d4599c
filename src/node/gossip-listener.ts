import type { AcceptedEnvelope, Gossip, LoggedVerdict } from '../gossip/interface.ts';
import type { Overlay } from '../overlay/interface.ts';
import type { EnvelopeDesk } from './envelope-desk.ts';
import type { EventBus } from './event-bus.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { OfferBook } from './offer-book.ts';
import type { RegistryFetcher } from './registry-fetcher.ts';
import type { RegistryHolder } from './registry-holder.ts';
import type { VerdictBook } from './verdict-book.ts';

export interface GossipListenerParts {
  gossip: Gossip;
  overlay: Overlay;
  envelopes: EnvelopeDesk;
  offerBook: OfferBook;
  registry: RegistryHolder;
  fetcher: RegistryFetcher;
  verdictBook: VerdictBook;
  metrics: Metrics;
  events: EventBus;
  log: Logger;
  /** Takes over work that nobody waits for, failures included. */
  later(work: Promise<void>): void;
}

/** Hands on what gossip has accepted to the parts that live from it, and tells of every verdict. */
export class GossipListener {
  readonly #parts: GossipListenerParts;
  #unsubscribe: (() => void)[] = [];

  constructor(parts: GossipListenerParts) {
    this.#parts = parts;
  }

  start(): void {
    const { gossip } = this.#parts;
    this.#unsubscribe = [
      gossip.onAccepted((accepted) => this.#parts.later(this.#onAccepted(accepted))),
      gossip.onVerdict((verdict) => this.#onVerdict(verdict)),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async #onAccepted({ id, envelope, bytes }: AcceptedEnvelope): Promise<void> {
    const { offerBook, registry, envelopes } = this.#parts;
    await offerBook.take(id, envelope);
    if (envelope.kind !== 'registry') return;
    const body = envelopes.inspect(bytes).body as { sequence?: unknown };
    if (typeof body.sequence === 'number') await registry.rememberEnvelope(body.sequence, bytes);
    await registry.refresh();
    await this.#parts.fetcher.fetch();
  }

  #onVerdict(verdict: LoggedVerdict): void {
    const { verdictBook, metrics, events, log, overlay } = this.#parts;
    const entry = verdictBook.add(verdict, overlay.peerId);
    metrics.verdict({ ...entry, seconds: entry.elapsedMs / 1000 });
    events.emit('verdict', entry);
    const { action, code, kind, from, topic } = entry;
    log[action === 'reject' ? 'info' : 'debug']({ action, code, kind, from, topic }, 'verdict');
  }
}
