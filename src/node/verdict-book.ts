import type { LoggedVerdict } from '../gossip/interface.ts';
import type { VerdictEntry, VerdictQuery } from './envelopes-interface.ts';

const MAX_ENTRIES = 1000;

/** The last verdicts with a running number, and where each message came from. */
export class VerdictBook {
  readonly #entries: VerdictEntry[] = [];
  /** Envelopes under judgement for an order, and the peer that brought each. */
  readonly #orders = new Map<string, string>();
  #seq = 0;

  /** While `work` runs, verdicts on this envelope count as asked for by an order from `peer`. */
  async forOrder<T>(envelopeId: string, peer: string, work: () => Promise<T>): Promise<T> {
    this.#orders.set(envelopeId, peer);
    try {
      return await work();
    } finally {
      this.#orders.delete(envelopeId);
    }
  }

  add(verdict: LoggedVerdict, ownPeerId: string): VerdictEntry {
    const own = verdict.from === ownPeerId;
    const orderedBy = own ? this.#orders.get(verdict.envelopeId ?? '') : undefined;
    const entry: VerdictEntry = {
      seq: ++this.#seq,
      atMs: verdict.at,
      source: orderedBy !== undefined ? 'order' : own ? 'publish' : 'gossip',
      from: orderedBy ?? verdict.from,
      topic: verdict.topic,
      action: verdict.action,
      code: verdict.code,
      bytes: verdict.bytes,
      envelopeId: verdict.envelopeId ?? null,
      kind: verdict.kind ?? null,
      elapsedMs: verdict.micros / 1000,
    };
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    return entry;
  }

  /** Newest first. */
  list({ afterSeq = 0, limit = 100, code }: VerdictQuery = {}): VerdictEntry[] {
    const wanted = this.#entries.filter((entry) => entry.seq > afterSeq && (code === undefined || entry.code === code));
    return wanted.reverse().slice(0, Math.max(0, limit));
  }
}
