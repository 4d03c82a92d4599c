import { type Clock, nowSeconds } from '../../base/clock.ts';
import {
  SYNC_BUSY_PAUSE_MS,
  SYNC_BUSY_RETRIES,
  SYNC_MAX_ITEMS_PER_RUN,
  SYNC_MAX_RANGES,
  SYNC_MAX_REJECTS,
  SYNC_MAX_REQUESTS_PER_PEER,
  SYNC_PAGE_ITEMS,
  SYNC_PARALLEL_VALIDATIONS,
} from '../constants.ts';
import { pause } from '../deadline.ts';
import { OverlayError, OverlayErrorCode } from '../errors.ts';
import type { MessageValidator, MessageVerdict, OverlayCounters, RequestOptions, SyncReport } from '../interface.ts';
import {
  decodeAnswers,
  decodePage,
  encodeCompare,
  encodeFetch,
  type FetchedItem,
  type ListedItem,
  type Range,
} from './codec.ts';
import type { Declined } from './declined.ts';
import type { SnapshotCache } from './server.ts';
import { idOf, type Snapshot, wholeRange } from './snapshot.ts';

/** Verdicts that say "not now" rather than "no": our own queue is full, or its bucket for this peer is empty. */
const NOT_NOW: ReadonlySet<string> = new Set([OverlayErrorCode.Busy, 'GOSSIP_QUEUE_FULL', 'GOSSIP_RATE_LIMITED']);

export interface SyncClientComponents {
  /** The intake: the same door as gossip. */
  validator: MessageValidator;
  clock: Clock;
  counters: OverlayCounters;
  snapshots: SnapshotCache;
  topics: readonly string[];
  declined: Declined;
  request(peerId: string, data: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
}

export type PeerSyncResult = Pick<SyncReport, 'fetched' | 'accepted' | 'ignored' | 'rejected'>;

/**
 * Brings over what `peerId` has and we lack: compares fingerprints of ranges, narrows down to listed ids, fetches those
 * in pages, and gives each envelope to the validator. Adds to `result` as it goes, so that it holds also after a throw.
 * @throws OverlayError OVERLAY_SYNC_BAD_PEER for a peer that breaks the protocol's rules, or any request error
 */
export async function syncWithPeer(
  peerId: string,
  components: SyncClientComponents,
  result: PeerSyncResult,
  signal: AbortSignal,
): Promise<void> {
  const budget = new RequestBudget(components, peerId, signal);
  // Also what earlier peers of this run brought counts as ours: read the store anew.
  const mine = await components.snapshots.get(0);
  const whole = wholeRange(nowSeconds(components.clock));
  const missing = await listMissing(peerId, mine, whole, budget, components);
  // Registry headers first: claims under a root that we do not know yet would be ignored.
  for (const batch of byTopic(missing, components.topics)) {
    for (let i = 0; i < batch.length; i += SYNC_PAGE_ITEMS) {
      const ids = batch.slice(i, i + SYNC_PAGE_ITEMS).map((item) => idOf(item.key));
      const page = decodePage(await budget.ask(encodeFetch(ids)));
      const wanted = new Set(ids);
      if (!page.every((item) => wanted.delete(item.id))) throw badPeer('it sent an envelope that was not asked for');
      await takeIn(page, peerId, components, result, signal);
    }
  }
}

async function listMissing(
  peerId: string,
  mine: Snapshot,
  whole: { lower: string; upper: string },
  budget: RequestBudget,
  { topics, declined }: SyncClientComponents,
): Promise<ListedItem[]> {
  const wanted = ({ key, topic }: ListedItem) =>
    !mine.hasId(idOf(key)) && topics.includes(topic) && !declined.has(peerId, idOf(key));
  const missing: ListedItem[] = [];
  const open: { lower: string; upper: string }[] = [whole];
  while (open.length > 0 && missing.length < SYNC_MAX_ITEMS_PER_RUN) {
    // From the front and in order: the server wants ascending ranges.
    const asked: Range[] = open
      .splice(0, SYNC_MAX_RANGES)
      .map(({ lower, upper }) => ({ lower, upper, fingerprint: mine.fingerprint(lower, upper) }));
    const answers = decodeAnswers(await budget.ask(encodeCompare(asked)), asked);
    if (answers.every((answer) => answer.kind === 'later')) throw badPeer('it puts every range off');
    const next: { lower: string; upper: string }[] = [];
    for (const [i, answer] of answers.entries()) {
      const range = asked[i];
      if (range === undefined) continue;
      if (answer.kind === 'later') next.push({ lower: range.lower, upper: range.upper });
      if (answer.kind === 'items') missing.push(...answer.items.filter(wanted));
      if (answer.kind !== 'split') continue;
      let lower = range.lower;
      for (const part of answer.parts) {
        if (mine.fingerprint(lower, part.upper) !== part.fingerprint) next.push({ lower, upper: part.upper });
        lower = part.upper;
      }
    }
    open.unshift(...next);
  }
  return missing.slice(0, SYNC_MAX_ITEMS_PER_RUN);
}

function byTopic(items: readonly ListedItem[], topics: readonly string[]): ListedItem[][] {
  const order = [...topics].sort((a, b) => Number(b.endsWith('/registry')) - Number(a.endsWith('/registry')));
  return order.map((topic) => items.filter((item) => item.topic === topic));
}

async function takeIn(
  page: readonly FetchedItem[],
  peerId: string,
  components: SyncClientComponents,
  result: PeerSyncResult,
  signal: AbortSignal,
): Promise<void> {
  const queue = page.values();
  const worker = async () => {
    for (const item of queue) {
      if (signal.aborted) throw new OverlayError(OverlayErrorCode.Aborted, 'sync was aborted');
      if (!components.topics.includes(item.topic)) throw badPeer('it sent an envelope of a foreign topic');
      if (result.rejected >= SYNC_MAX_REJECTS) throw badPeer('it keeps invalid envelopes');
      components.counters.syncFetched += 1;
      result.fetched += 1;
      const verdict = await validate(item, peerId, components, signal);
      if (verdict.action === 'accept') result.accepted += 1;
      else if (verdict.action === 'ignore') result.ignored += 1;
      else result.rejected += 1;
      if (verdict.action !== 'accept' && !NOT_NOW.has(verdict.code)) components.declined.add(peerId, item.id);
    }
  };
  // All of them end before we do: nothing is counted behind the report's back.
  const outcomes = await Promise.allSettled(Array.from({ length: SYNC_PARALLEL_VALIDATIONS }, worker));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  if (result.rejected >= SYNC_MAX_REJECTS) throw badPeer('it keeps invalid envelopes');
}

async function validate(
  item: FetchedItem,
  peerId: string,
  components: SyncClientComponents,
  signal: AbortSignal,
): Promise<MessageVerdict> {
  // A name of its own, so that what we asked for does not use up what the peer may send us unasked.
  const from = `${peerId}/sync`;
  let verdict = await components.validator.validate({ topic: item.topic, data: item.data, from });
  for (let attempt = 0; attempt < SYNC_BUSY_RETRIES && NOT_NOW.has(verdict.code) && !signal.aborted; attempt++) {
    await pause(SYNC_BUSY_PAUSE_MS * 2 ** attempt, signal);
    verdict = await components.validator.validate({ topic: item.topic, data: item.data, from });
  }
  return verdict;
}

/** A peer that splits ranges for ever must not keep us for ever. */
class RequestBudget {
  readonly #components: SyncClientComponents;
  readonly #peerId: string;
  readonly #signal: AbortSignal;
  #left = SYNC_MAX_REQUESTS_PER_PEER;

  constructor(components: SyncClientComponents, peerId: string, signal: AbortSignal) {
    this.#components = components;
    this.#peerId = peerId;
    this.#signal = signal;
  }

  /** Waits and asks again while the peer says that it is busy. */
  async ask(data: Uint8Array): Promise<Uint8Array> {
    for (let attempt = 0; ; attempt++) {
      this.#left -= 1;
      if (this.#left < 0) {
        throw new OverlayError(
          OverlayErrorCode.SyncTooLong,
          'sync with this peer takes too many requests; the next run goes on',
        );
      }
      try {
        return await this.#components.request(this.#peerId, data, { signal: this.#signal });
      } catch (error) {
        const busy = error instanceof OverlayError && error.remoteCode === OverlayErrorCode.Busy;
        if (!busy || attempt >= SYNC_BUSY_RETRIES || this.#signal.aborted) throw error;
        await pause(SYNC_BUSY_PAUSE_MS * 2 ** attempt, this.#signal);
      }
    }
  }
}

function badPeer(what: string): OverlayError {
  return new OverlayError(OverlayErrorCode.SyncBadPeer, `sync with this peer was broken off: ${what}`);
}
