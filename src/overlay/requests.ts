import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface';
import type { Clock } from '../base/clock.ts';
import { isCodedError, messageOf } from '../base/errors.ts';
import { DEFAULT_MAX_REQUEST_BYTES, DEFAULT_MAX_RESPONSE_BYTES, MAX_TRACKED_PEERS } from './constants.ts';
import { type Deadline, deadline } from './deadline.ts';
import { OverlayError, OverlayErrorCode } from './errors.ts';
import { decodeAnswer, encodeAnswer, encodeRefusal, frames, readFrame } from './frames.ts';
import type {
  HandleOptions,
  OverlayCounters,
  OverlayLog,
  OverlayTuning,
  RequestHandler,
  RequestOptions,
} from './interface.ts';
import { TokenBuckets } from './token-bucket.ts';

// One byte of status goes before the data of an answer.
const STATUS_BYTES = 1;

interface Handler {
  handle: RequestHandler;
  options: HandleOptions;
}

export interface RequestsInit {
  network: string;
  tuning: OverlayTuning;
}

export interface RequestsComponents {
  clock: Clock;
  counters: OverlayCounters;
  log: OverlayLog;
}

/**
 * Request and response over libp2p streams: one frame each way, a stream per request. Everything is bounded: frame size,
 * time, requests in progress per peer and protocol (each way), requests per second and peer.
 */
export class Requests {
  readonly #init: RequestsInit;
  readonly #components: RequestsComponents;
  readonly #handlers = new Map<string, Handler>();
  readonly #rate: TokenBuckets;
  /** Requests in progress, by direction, protocol and peer. */
  readonly #active = new Map<string, number>();
  readonly #open = new Set<Deadline>();
  #libp2p: Libp2p | undefined;

  constructor(init: RequestsInit, components: RequestsComponents) {
    this.#init = init;
    this.#components = components;
    this.#rate = new TokenBuckets(components.clock, {
      burst: init.tuning.requestsPerSecond * 2,
      perSecond: init.tuning.requestsPerSecond,
      maxKeys: MAX_TRACKED_PEERS,
    });
  }

  /** Full protocol name, e.g. `/zkbazaar/local/order/1`. */
  protocolOf(name: string): string {
    return `/zkbazaar/${this.#init.network}/${name}`;
  }

  /** @throws OverlayError OVERLAY_HANDLER_EXISTS */
  handle(name: string, handle: RequestHandler, options: HandleOptions = {}): void {
    if (this.#handlers.has(name))
      throw new OverlayError(OverlayErrorCode.HandlerExists, `${name} has a handler already`);
    this.#handlers.set(name, { handle, options });
    if (this.#libp2p === undefined) return;
    this.#register(this.#libp2p, name).catch((error) => {
      this.#components.log('error', 'a protocol cannot be served', { protocol: name, error: messageOf(error) });
    });
  }

  async start(libp2p: Libp2p): Promise<void> {
    this.#libp2p = libp2p;
    for (const name of this.#handlers.keys()) await this.#register(libp2p, name);
  }

  /** Aborts every stream, ours and theirs; handlers see their signal. */
  stop(): void {
    this.#libp2p = undefined;
    for (const open of [...this.#open]) open.abort();
  }

  /** One request to `peer`, dialling it if need be. @throws OverlayError (see `Overlay.request`) */
  async request(peer: PeerId, name: string, data: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    const libp2p = this.#libp2p;
    if (libp2p === undefined) throw new OverlayError(OverlayErrorCode.NotRunning, 'the overlay is not running');
    const slot = `out ${name} ${peer.toString()}`;
    if (!this.#enter(slot)) {
      throw new OverlayError(OverlayErrorCode.Busy, `too many ${name} requests to this peer are in progress`);
    }
    const until = deadline(options.timeoutMs ?? this.#init.tuning.requestTimeoutMs, options.signal);
    this.#open.add(until);
    this.#components.counters.requestsSent += 1;
    let stream: Stream | undefined;
    try {
      stream = await libp2p.dialProtocol(peer, this.protocolOf(name), {
        signal: until.signal,
        runOnLimitedConnection: true,
      });
      const maxBytes = (options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES) + STATUS_BYTES;
      const channel = frames(stream, maxBytes);
      await channel.write(data, { signal: until.signal });
      const answer = await readFrame(channel, until.signal);
      stream.close({ signal: until.signal }).catch(() => stream?.abort(new Error('close failed')));
      return decodeAnswer(answer);
    } catch (error) {
      this.#components.counters.requestsFailed += 1;
      if (stream?.status === 'open') stream.abort(new Error('request failed'));
      throw explain(error, until, options.signal, name);
    } finally {
      this.#open.delete(until);
      until.clear();
      this.#leave(slot);
    }
  }

  async #register(libp2p: Libp2p, name: string): Promise<void> {
    await libp2p.handle(
      this.protocolOf(name),
      (stream, connection) => {
        // Not awaited: libp2p holds a stream's negotiation slot for as long as its handler runs.
        void this.#serve(name, stream, connection);
      },
      {
        // Above our own bound, so that a busy peer gets our answer and not a bare reset.
        maxInboundStreams: this.#init.tuning.maxStreamsPerPeer * 2,
        maxOutboundStreams: this.#init.tuning.maxStreamsPerPeer * 2,
        runOnLimitedConnection: true,
      },
    );
  }

  /** Never rejects. */
  async #serve(name: string, stream: Stream, connection: Connection): Promise<void> {
    const handler = this.#handlers.get(name);
    const { counters, log } = this.#components;
    const peer = connection.remotePeer.toString();
    if (handler === undefined || this.#libp2p === undefined) {
      stream.abort(new Error('not running'));
      return;
    }
    const slot = `in ${name} ${peer}`;
    const until = deadline(handler.options.timeoutMs ?? this.#init.tuning.requestTimeoutMs);
    const entered = this.#enter(slot);
    this.#open.add(until);
    // A handler must not go on working for a peer that is gone.
    stream.addEventListener('close', () => until.abort(), { once: true });
    try {
      const channel = frames(stream, handler.options.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES);
      const refused = !entered || !this.#rate.take(peer);
      const answer = refused
        ? encodeRefusal(OverlayErrorCode.Busy, 'too many requests; slow down')
        : await this.#answer(handler, peer, await readFrame(channel, until.signal), until.signal);
      counters[refused ? 'requestsRefused' : 'requestsServed'] += 1;
      await channel.write(answer, { signal: until.signal });
      await stream.close({ signal: until.signal });
    } catch (error) {
      counters.requestsFailed += 1;
      log('debug', 'a request could not be served', { protocol: name, peer, error: messageOf(error) });
      stream.abort(new Error('request not served'));
    } finally {
      this.#open.delete(until);
      until.clear();
      if (entered) this.#leave(slot);
    }
  }

  async #answer(handler: Handler, peer: string, data: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const answer = await raceAbort(handler.handle({ peer, data, signal }), signal);
      const limit = handler.options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
      if (answer.length > limit) throw new OverlayError(OverlayErrorCode.FrameTooLarge, 'the answer is too large');
      return encodeAnswer(answer);
    } catch (error) {
      if (signal.aborted) throw error;
      if (isCodedError(error)) return encodeRefusal(error.code, error.message);
      this.#components.log('error', 'a request handler failed', { error: messageOf(error) });
      return encodeRefusal(OverlayErrorCode.HandlerFailed, 'the request could not be handled');
    }
  }

  #enter(slot: string): boolean {
    const active = this.#active.get(slot) ?? 0;
    if (active >= this.#init.tuning.maxStreamsPerPeer) return false;
    this.#active.set(slot, active + 1);
    return true;
  }

  #leave(slot: string): void {
    const active = (this.#active.get(slot) ?? 1) - 1;
    if (active > 0) this.#active.set(slot, active);
    else this.#active.delete(slot);
  }
}

/** A handler that ignores its signal must not hold the stream. */
function raceAbort(work: Promise<Uint8Array> | Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new OverlayError(OverlayErrorCode.Aborted, 'the request was aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

function explain(error: unknown, until: Deadline, signal: AbortSignal | undefined, name: string): OverlayError {
  if (error instanceof OverlayError) return error;
  if (until.timedOut()) {
    return new OverlayError(OverlayErrorCode.RequestTimeout, `the peer did not answer ${name} in time`);
  }
  if (signal?.aborted === true || until.signal.aborted) {
    return new OverlayError(OverlayErrorCode.Aborted, `the ${name} request was aborted`);
  }
  const kind = error instanceof Error ? error.name : '';
  if (kind === 'UnsupportedProtocolError') {
    return new OverlayError(OverlayErrorCode.ProtocolUnsupported, `the peer does not speak ${name}`, {
      hint: 'it may run another version or another network',
    });
  }
  if (kind === 'InvalidDataLengthError' || kind === 'StreamBufferError') {
    return new OverlayError(OverlayErrorCode.FrameTooLarge, 'the answer is larger than allowed', { cause: error });
  }
  return new OverlayError(OverlayErrorCode.RequestFailed, `the ${name} request failed: ${messageOf(error)}`, {
    cause: error,
  });
}
