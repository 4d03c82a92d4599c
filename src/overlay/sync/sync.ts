import type { Clock } from '../../base/clock.ts';
import { isCodedError } from '../../base/errors.ts';
import { SYNC_PEERS, SYNC_RUN_TIMEOUT_MS, SYNC_SETTLE_MS } from '../constants.ts';
import { deadline } from '../deadline.ts';
import { OverlayError, OverlayErrorCode } from '../errors.ts';
import type {
  MessageValidator,
  OverlayCounters,
  OverlayLog,
  RequestHandler,
  RequestOptions,
  SyncReport,
  SyncSource,
} from '../interface.ts';
import { syncWithPeer } from './client.ts';
import { Declined } from './declined.ts';
import { SnapshotCache, syncHandler } from './server.ts';

export const SYNC_PROTOCOL = 'sync/1';

export interface SyncInit {
  topics: readonly string[];
  /** 0: only at connections and on demand. */
  intervalMs: number;
}

export interface SyncComponents {
  source: SyncSource;
  validator: MessageValidator;
  clock: Clock;
  counters: OverlayCounters;
  log: OverlayLog;
  /** Peers connected now. */
  peers(): string[];
  request(peerId: string, data: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
  /** Called for a peer that served invalid envelopes. */
  onBadPeer(peerId: string): void;
}

/**
 * Keeps the store level with the network: after each new connection, periodically and on demand, one run at a time, each
 * with three peers (all when fewer), those not asked for longest first. Pull only: the other side does the same.
 */
export class Sync {
  readonly handler: RequestHandler;
  readonly #init: SyncInit;
  readonly #components: SyncComponents;
  readonly #snapshots: SnapshotCache;
  readonly #declined: Declined;
  /** Connected peers and when we last asked them; 0 is never. */
  readonly #lastAsked = new Map<string, number>();
  #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #running: Promise<SyncReport> | undefined;
  #again = false;

  constructor(init: SyncInit, components: SyncComponents) {
    this.#init = init;
    this.#components = components;
    this.#snapshots = new SnapshotCache(components.source, components.clock);
    this.#declined = new Declined(components.clock);
    this.handler = syncHandler(components.source, this.#snapshots, components.counters);
  }

  start(): void {
    this.#controller = new AbortController();
    this.#schedule(this.#init.intervalMs);
  }

  /** Aborts a run; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#controller.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastAsked.clear();
    await this.#running?.catch(() => undefined);
  }

  onConnect(peerId: string): void {
    if (!this.#lastAsked.has(peerId)) this.#lastAsked.set(peerId, 0);
    if (this.#running !== undefined) this.#again = true;
    else this.#schedule(SYNC_SETTLE_MS);
  }

  onDisconnect(peerId: string): void {
    this.#lastAsked.delete(peerId);
  }

  /** A run, or the one in progress. @throws OverlayError OVERLAY_ABORTED */
  run(signal?: AbortSignal): Promise<SyncReport> {
    this.#running ??= this.#run(signal).finally(() => {
      this.#running = undefined;
      this.#schedule(this.#again ? SYNC_SETTLE_MS : this.#init.intervalMs);
      this.#again = false;
    });
    return this.#running;
  }

  /** The soonest plan counts: a peer that comes and goes must not put sync off for ever. */
  #schedule(ms: number): void {
    const { clock } = this.#components;
    // A quarter of jitter, or peers that started together would ask each other in step for ever.
    const dueMs = clock.nowMs() + ms * (1 + Math.random() / 4);
    if (ms === 0 || this.#controller.signal.aborted) return;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.run().catch(() => undefined);
    }, dueMs - clock.nowMs());
    this.#timer.unref();
  }

  async #run(signal: AbortSignal | undefined): Promise<SyncReport> {
    const { counters, log } = this.#components;
    const report: SyncReport = { peers: [], failed: [], fetched: 0, accepted: 0, ignored: 0, rejected: 0 };
    const until = deadline(SYNC_RUN_TIMEOUT_MS, this.#controller.signal, signal);
    counters.syncRuns += 1;
    try {
      for (const peerId of this.#candidates()) {
        if (until.signal.aborted) break;
        if (report.peers.length - report.failed.length >= SYNC_PEERS) break;
        report.peers.push(peerId);
        await this.#ask(peerId, report, until.signal);
      }
    } finally {
      until.clear();
    }
    if (signal?.aborted === true) throw new OverlayError(OverlayErrorCode.Aborted, 'sync was aborted');
    if (report.fetched > 0 || report.failed.length > 0) log('info', 'sync run ended', { ...report });
    return report;
  }

  /** Longest not asked first, in random order among equals. */
  #candidates(): string[] {
    const asked = (peerId: string) => this.#lastAsked.get(peerId) ?? 0;
    return this.#components
      .peers()
      .map((peerId) => ({ peerId, order: Math.random() }))
      .sort((a, b) => asked(a.peerId) - asked(b.peerId) || a.order - b.order)
      .map(({ peerId }) => peerId);
  }

  async #ask(peerId: string, report: SyncReport, signal: AbortSignal): Promise<void> {
    const { validator, clock, counters, request, onBadPeer } = this.#components;
    if (this.#lastAsked.has(peerId)) this.#lastAsked.set(peerId, clock.nowMs());
    // Rejects are one peer's own; the report adds them up.
    const result = { fetched: 0, accepted: 0, ignored: 0, rejected: 0 };
    try {
      const own = { topics: this.#init.topics, snapshots: this.#snapshots, declined: this.#declined };
      await syncWithPeer(peerId, { validator, clock, counters, request, ...own }, result, signal);
    } catch (error) {
      const code = isCodedError(error) ? error.code : OverlayErrorCode.RequestFailed;
      report.failed.push({ peerId, code });
      if (code === OverlayErrorCode.SyncBadPeer) onBadPeer(peerId);
    } finally {
      report.fetched += result.fetched;
      report.accepted += result.accepted;
      report.ignored += result.ignored;
      report.rejected += result.rejected;
    }
  }
}
