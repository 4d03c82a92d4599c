import type { Clock } from '../base/clock.ts';
import type { EventQuery, EventsApi, NodeEvent, NodeEventData, NodeEventType } from './events-interface.ts';

// Kept of each type, so that a flood of verdicts does not push the few orders out; no exact reason for the number.
const MAX_HISTORY = 1000;

type Listener = (event: NodeEvent) => void;

/** In-memory history and live feed of one run; listeners that come back name the last id they saw. */
export class EventBus implements EventsApi {
  readonly #clock: Clock;
  readonly #history = new Map<NodeEventType, NodeEvent[]>();
  readonly #listeners = new Set<Listener>();
  readonly #closed = new AbortController();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lastId(): number {
    return this.#lastId;
  }

  emit<T extends NodeEventType>(type: T, data: NodeEventData[T]): void {
    const event = { id: ++this.#lastId, atMs: this.#clock.nowMs(), type, data } as NodeEvent;
    const kept = this.#history.get(type) ?? [];
    this.#history.set(type, kept);
    kept.push(event);
    if (kept.length > MAX_HISTORY) kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Ends every subscription. */
  close(): void {
    this.#closed.abort();
  }

  async *subscribe({ afterId, types, signal }: EventQuery = {}): AsyncIterable<NodeEvent> {
    const after = afterId ?? this.#lastId;
    const wanted = (event: NodeEvent) => event.id > after && (types === undefined || types.includes(event.type));
    const queue = [...this.#history.values()]
      .flat()
      .filter(wanted)
      .sort((a, b) => a.id - b.id);
    let wake: () => void = () => undefined;
    const listener: Listener = (event) => {
      if (!wanted(event)) return;
      queue.push(event);
      // A listener that does not read loses the oldest, as one that was away for too long does.
      if (queue.length > MAX_HISTORY) queue.shift();
      wake();
    };
    const stop = () => wake();
    const ended = () => this.#closed.signal.aborted || signal?.aborted === true;
    this.#listeners.add(listener);
    this.#closed.signal.addEventListener('abort', stop);
    signal?.addEventListener('abort', stop);
    try {
      while (!ended()) {
        const event = queue.shift();
        if (event !== undefined) {
          yield event;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (queue.length > 0 || ended()) resolve();
        });
      }
    } finally {
      this.#listeners.delete(listener);
      this.#closed.signal.removeEventListener('abort', stop);
      signal?.removeEventListener('abort', stop);
    }
  }
}
