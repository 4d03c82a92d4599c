import type { BlockLog, OrderedBlock } from '../log/interface.ts';
import { checkHeights } from './seals.ts';
import { Signal } from './signal.ts';

/** Hands blocks to subscribers: the last ones from memory, older ones from the log. A slow subscriber holds up nobody. */
export class Feed {
  readonly #log: BlockLog;
  readonly #kept: bigint;
  readonly #recent = new Map<bigint, OrderedBlock>();
  readonly #arrived = new Signal();
  #ended: { error: Error | undefined } | undefined;

  /** @param kept blocks in memory */
  constructor(log: BlockLog, kept: number) {
    this.#log = log;
    this.#kept = BigInt(kept);
  }

  push(block: OrderedBlock): void {
    this.#recent.set(block.height, block);
    this.#recent.delete(block.height - this.#kept);
    this.#arrived.notify();
  }

  /** Ends all subscriptions, with an error where there is one. */
  end(error: Error | undefined): void {
    this.#ended ??= { error };
    this.#arrived.notify();
  }

  subscribe(from: bigint): AsyncIterable<OrderedBlock> {
    checkHeights(this.#log, from);
    return this.#blocks(from);
  }

  async *#blocks(from: bigint): AsyncGenerator<OrderedBlock, void, undefined> {
    let next = from;
    while (this.#ended === undefined) {
      const recent = this.#recent.get(next);
      if (recent !== undefined) {
        yield recent;
        next++;
      } else if (next <= this.#log.head.height) {
        for await (const block of this.#log.read(next)) {
          yield block;
          next = block.height + 1n;
          if (this.#ended !== undefined) break;
        }
      } else await this.#arrived.wait();
    }
    if (this.#ended.error !== undefined) throw this.#ended.error;
  }
}
