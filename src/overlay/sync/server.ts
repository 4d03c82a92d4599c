import { type Clock, nowSeconds } from '../../base/clock.ts';
import { SYNC_PAGE_ITEMS, SYNC_SNAPSHOT_MS } from '../constants.ts';
import type { OverlayCounters, RequestHandler, SyncSource } from '../interface.ts';
import { decodeRequest, encodeAnswers, encodePage, type FetchedItem, type Range, type RangeAnswer } from './codec.ts';
import { Snapshot } from './snapshot.ts';

/** The store's live ids, sorted; read again at most every two seconds however many peers ask. */
export class SnapshotCache {
  readonly #source: SyncSource;
  readonly #clock: Clock;
  #cached: { takenMs: number; snapshot: Promise<Snapshot> } | undefined;

  constructor(source: SyncSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** @param maxAgeMs 0 reads the store anew */
  get(maxAgeMs: number): Promise<Snapshot> {
    const now = this.#clock.nowMs();
    const cached = this.#cached;
    if (cached !== undefined && maxAgeMs > 0 && Math.abs(now - cached.takenMs) < maxAgeMs) return cached.snapshot;
    const snapshot = Snapshot.of(this.#source, nowSeconds(this.#clock));
    this.#cached = { takenMs: now, snapshot };
    snapshot.catch(() => {
      this.#cached = undefined;
    });
    return snapshot;
  }
}

/** Serves `/sync/1`: compares ranges, hands out envelopes by id; at most 100 of either in one answer. */
export function syncHandler(source: SyncSource, snapshots: SnapshotCache, counters: OverlayCounters): RequestHandler {
  return async ({ data }) => {
    const request = decodeRequest(data);
    return request.op === 'fetch'
      ? encodePage(await collect(source, request.ids, counters))
      : encodeAnswers(compare(await snapshots.get(SYNC_SNAPSHOT_MS), request.ranges));
  };
}

function compare(snapshot: Snapshot, ranges: readonly Range[]): RangeAnswer[] {
  let room = SYNC_PAGE_ITEMS;
  return ranges.map((range) => {
    const answer = snapshot.answer(range, room);
    if (answer.kind === 'items') room -= answer.items.length;
    return answer;
  });
}

async function collect(source: SyncSource, ids: readonly string[], counters: OverlayCounters): Promise<FetchedItem[]> {
  const items: FetchedItem[] = [];
  for (const id of ids) {
    const envelope = await source.get(id);
    if (envelope !== undefined) items.push({ id, topic: envelope.topic, data: envelope.bytes });
  }
  counters.syncServed += items.length;
  return items;
}
