import { KEY_BYTES, MAX_RECORD_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';

/**
 * How shards talk: one message from one shard to another per round, in any order and after any time. A round is a wave
 * of a block that both take part in, or the end of a block. Behind it may be a network.
 */
export interface Exchange {
  send(round: string, from: number, to: number, message: Uint8Array): void;
  receive(round: string, from: number, to: number): Promise<Uint8Array>;
}

/** A record (no bytes: there is none) or, at the end of a block, an amount of 8 bytes to be credited. */
export interface Entry {
  readonly key: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Writes a message, entry by entry: key 32, u8 length, bytes. */
export class EntryWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  add(key: Uint8Array, bytes: Uint8Array): void {
    const at = this.#length;
    const end = at + KEY_BYTES + 1 + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(end * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(key, at);
    this.#bytes[at + KEY_BYTES] = bytes.length;
    this.#bytes.set(bytes, at + KEY_BYTES + 1);
    this.#length = end;
  }

  /** In memory of its own. */
  message(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Views over a message. @throws LEDGER_LANE_FAILED for anything that `EntryWriter` does not write */
export function decodeEntries(message: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < message.length; ) {
    const length = message[at + KEY_BYTES] ?? MAX_RECORD_BYTES + 1;
    const end = at + KEY_BYTES + 1 + length;
    if (length > MAX_RECORD_BYTES || end > message.length) throw shardFailed('a message is cut off or too long');
    entries.push({ key: message.subarray(at, at + KEY_BYTES), bytes: message.subarray(at + KEY_BYTES + 1, end) });
    at = end;
  }
  return entries;
}

export function shardFailed(reason: string): LedgerError {
  return new LedgerError('LEDGER_LANE_FAILED', `a shard cannot go on: ${reason}`, {
    hint: 'start it again: it recovers from its log and asks for the round once more',
  });
}

/** Shards of one process. `pause` is awaited before a message arrives; tests delay there. */
export class LocalExchange implements Exchange {
  readonly #messages = new Map<string, PromiseWithResolvers<Uint8Array>>();
  readonly #pause: (() => Promise<void>) | undefined;

  constructor(pause?: () => Promise<void>) {
    this.#pause = pause;
  }

  send(round: string, from: number, to: number, message: Uint8Array): void {
    const { resolve } = this.#at(`${round}/${from}/${to}`);
    if (this.#pause === undefined) resolve(message);
    else void this.#pause().then(() => resolve(message));
  }

  async receive(round: string, from: number, to: number): Promise<Uint8Array> {
    const name = `${round}/${from}/${to}`;
    const message = await this.#at(name).promise;
    this.#messages.delete(name);
    return message;
  }

  #at(name: string): PromiseWithResolvers<Uint8Array> {
    let place = this.#messages.get(name);
    if (place === undefined) {
      place = Promise.withResolvers<Uint8Array>();
      this.#messages.set(name, place);
    }
    return place;
  }
}
