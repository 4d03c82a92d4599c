import type { MessagePort } from 'node:worker_threads';
import { type Exchange, shardFailed } from './exchange.ts';

/** A message as it crosses from one thread to another. */
interface Crossing {
  readonly round: string;
  readonly bytes: Uint8Array;
}

/** Of a height and a wave, both in decimal digits. */
const MAX_ROUND_LENGTH = 64;
/**
 * Messages of one shard that nobody waits for yet. Each round goes both ways and is awaited before the next, so an honest
 * shard is at most one round ahead, and one more may be on its way to who waits.
 */
const MAX_EARLY = 4;

/** Shards in threads of one process: a port to each other one. What comes in is judged before it is kept. */
export class PortExchange implements Exchange {
  readonly #ports: readonly (MessagePort | undefined)[];
  readonly #waiting = new Map<string, PromiseWithResolvers<Uint8Array>>();
  readonly #early: readonly Map<string, Uint8Array>[];
  #failure: unknown;

  /** @param ports by shard; none at the own place */
  constructor(ports: readonly (MessagePort | undefined)[]) {
    this.#ports = ports;
    this.#early = ports.map(() => new Map());
    for (const [from, port] of ports.entries()) {
      port?.on('message', (message: unknown) => this.#take(from, message));
      port?.on('messageerror', () => this.#fail(shardFailed(`shard ${from} sent what cannot be read`)));
    }
  }

  send(round: string, _from: number, to: number, message: Uint8Array): void {
    const crossing: Crossing = { round, bytes: message };
    // `EntryWriter` makes each message in memory of its own: it is handed over, not copied.
    this.#portOf(to).postMessage(crossing, [message.buffer as ArrayBuffer]);
  }

  async receive(round: string, from: number, _to: number): Promise<Uint8Array> {
    this.#portOf(from);
    if (this.#failure !== undefined) throw this.#failure;
    const early = this.#early[from]?.get(round);
    if (early !== undefined) {
      this.#early[from]?.delete(round);
      return early;
    }
    const waiting = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(nameOf(round, from), waiting);
    return waiting.promise;
  }

  #take(from: number, message: unknown): void {
    try {
      const { round, bytes } = crossingOf(from, message);
      const name = nameOf(round, from);
      const waiting = this.#waiting.get(name);
      if (waiting !== undefined) {
        this.#waiting.delete(name);
        waiting.resolve(bytes);
        return;
      }
      const early = this.#early[from];
      if (early === undefined || early.has(round) || early.size >= MAX_EARLY) {
        throw shardFailed(`shard ${from} sent more than one message a round`);
      }
      early.set(round, bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whoever waits, and whoever comes, is told the first reason. */
  #fail(failure: unknown): void {
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  #portOf(shard: number): MessagePort {
    const port = this.#ports[shard];
    if (port === undefined) throw shardFailed(`there is no way to shard ${shard}`);
    return port;
  }
}

/** @throws LEDGER_LANE_FAILED */
function crossingOf(from: number, message: unknown): Crossing {
  const { round, bytes } = (typeof message === 'object' && message !== null ? message : {}) as Partial<Crossing>;
  if (typeof round === 'string' && round.length <= MAX_ROUND_LENGTH && bytes instanceof Uint8Array) {
    return { round, bytes };
  }
  throw shardFailed(`shard ${from} sent what is no message`);
}

function nameOf(round: string, from: number): string {
  return `${round}/${from}`;
}
