import type { CheckedRequest } from './check.ts';
import type { Verdict } from './interface.ts';

/** A request that was accepted and is not yet answered. */
export interface Waiting {
  readonly request: CheckedRequest;
  readonly origin: string | undefined;
  readonly bytes: number;
  readonly answer: (verdict: Verdict) => void;
}

/** How long an origin is under suspicion after a bad proof: gossip's peers stay about as long with a lost score. */
const SUSPICION_MS = 60_000;
/** Origins that are remembered; the oldest are forgotten first. */
const MAX_ORIGINS = 1024;
/** A batch of suspects keeps a thread for some 20 ms (native) or 0.2 s (wasm) where each of its proofs is bad. */
const SUSPECT_BATCH = 16;
/** So long the others go first, however many they are. */
const PATIENCE_MS = 250;

/** Origins that sent a bad proof not long ago. */
export class Suspicion {
  readonly #nowMs: () => number;
  readonly #until = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  raise(origin: string | undefined): void {
    if (origin === undefined) return;
    this.#until.delete(origin);
    this.#until.set(origin, this.#nowMs() + SUSPICION_MS);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= MAX_ORIGINS) return;
      this.#until.delete(oldest);
    }
  }

  holds(origin: string | undefined): boolean {
    return origin !== undefined && (this.#until.get(origin) ?? 0) > this.#nowMs();
  }
}

/** Proofs among which bad ones are searched apart from all others, the origins in turn. */
export class Suspects {
  readonly #nowMs: () => number;
  /** The origin whose turn it is stands first. */
  readonly #lines = new Map<string | undefined, Waiting[]>();
  #takenMs: number;
  items = 0;
  bytes = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#takenMs = nowMs();
  }

  add(waiting: Waiting): void {
    if (this.items === 0) this.#takenMs = this.#nowMs();
    this.items += 1;
    this.bytes += waiting.bytes;
    const line = this.#lines.get(waiting.origin);
    if (line === undefined) this.#lines.set(waiting.origin, [waiting]);
    else line.push(waiting);
  }

  /** They have given way to others for long enough. */
  get overdue(): boolean {
    return this.items > 0 && this.#nowMs() - this.#takenMs > PATIENCE_MS;
  }

  /** The next batch, all of one origin; empty if none wait. */
  take(): Waiting[] {
    const [first] = this.#lines;
    if (first === undefined) return [];
    const [origin, line] = first;
    const batch = line.splice(0, SUSPECT_BATCH);
    this.#lines.delete(origin);
    if (line.length > 0) this.#lines.set(origin, line);
    this.items -= batch.length;
    this.bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#takenMs = this.#nowMs();
    return batch;
  }
}

/** Whether bad proofs are searched in a batch at once, since nobody else waits in it and it is small. */
export function isSearchedAtOnce(batch: readonly Waiting[]): boolean {
  return batch.length <= SUSPECT_BATCH && batch.every(({ origin }) => origin === batch[0]?.origin);
}
