import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiErrorCode } from './codes.ts';
import { ApiError } from './errors.ts';

export interface ServerEvent {
  /** What the client sends back as `Last-Event-ID`. */
  id: string;
  event: string;
  data: unknown;
}

/** Shorter than the 60 s after which proxies drop silent connections. */
const HEARTBEAT_MS = 15_000;
/** Each holds a socket and a subscription; a console and a few scripts need a handful. */
const MAX_STREAMS = 64;
const MAX_BUFFERED_BYTES = 1_048_576;
/** Routes of streams set it: the app's limit on answers would cut them off. The longest that a timer takes, 24 days. */
export const STREAM_TIMEOUT_MS = 2 ** 31 - 1;

/** Open event streams, so that closing the app ends them. */
export class EventStreams {
  readonly #open = new Set<AbortController>();
  #closed = false;

  /**
   * Answers with `text/event-stream` until `source` ends, the client goes, or the app closes.
   * @param source gets the signal that ends it; called once there is room
   * @throws ApiError API_TOO_MANY_STREAMS
   */
  send(reply: FastifyReply, source: (signal: AbortSignal) => AsyncIterable<ServerEvent>): FastifyReply {
    if (this.#closed) throw new ApiError(ApiErrorCode.Closing, 'the node is stopping');
    if (this.#open.size >= MAX_STREAMS) {
      throw new ApiError(ApiErrorCode.TooManyStreams, `${MAX_STREAMS} event streams are open`, {
        retryAfterSeconds: 5,
      });
    }
    const control = new AbortController();
    this.#open.add(control);
    const end = (): void => {
      this.#open.delete(control);
      control.abort();
    };
    const stream = new Readable({ read: () => undefined });
    stream.push(': zkbazaar events\nretry: 1000\n\n');
    stream.once('close', end);
    reply.raw.once('close', () => stream.destroy());
    void pump(source(control.signal), stream, control.signal).finally(end);
    return (
      reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('x-accel-buffering', 'no')
        // Else the socket lingers as keep-alive after the stream and holds up a stop.
        .header('connection', 'close')
        .send(stream)
    );
  }

  /** Ends every stream; idempotent. */
  close(): void {
    this.#closed = true;
    for (const control of [...this.#open]) control.abort();
  }
}

async function pump(source: AsyncIterable<ServerEvent>, stream: Readable, signal: AbortSignal): Promise<void> {
  const beat = setInterval(() => stream.push(': still here\n\n'), HEARTBEAT_MS);
  beat.unref();
  const iterator = source[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === undefined || next.done === true || stream.destroyed) break;
      stream.push(encode(next.value));
      // A client that does not read is dropped; it can come back with Last-Event-ID.
      if (stream.readableLength > MAX_BUFFERED_BYTES) stream.destroy();
    }
  } catch {
    // The source's failure ends the stream; the client reconnects with Last-Event-ID and sees the state.
  } finally {
    clearInterval(beat);
    if (!stream.destroyed) stream.push(null);
    void Promise.resolve(iterator.return?.(undefined)).catch(() => undefined);
  }
}

function encode({ id, event, data }: ServerEvent): string {
  // JSON has no raw line breaks, so one data line is enough.
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** `Last-Event-ID` as a whole number, undefined where there is none. @throws ApiError API_VALIDATION */
export function lastEventId(request: FastifyRequest): number | undefined {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  if (typeof header !== 'string' || !/^[0-9]{1,15}$/.test(header)) {
    throw new ApiError(ApiErrorCode.Validation, 'Last-Event-ID is not a whole number', {
      where: 'header Last-Event-ID',
    });
  }
  return Number(header);
}
