import { PEER_SHARE } from './constants.ts';

/** A place in stage 2. */
export interface Place {
  leave(): void;
}

/** Counts what is in stage 2: items and bytes, over all and per peer. */
export class Admission {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #perPeer = new Map<string, { items: number; bytes: number }>();
  items = 0;
  bytes = 0;

  constructor(maxItems: number, maxBytes: number) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
  }

  get full(): boolean {
    return this.items >= this.#maxItems || this.bytes >= this.#maxBytes;
  }

  /** @param shared false for our own messages, which no share bounds @returns undefined if there is no room */
  enter(peer: string, bytes: number, shared: boolean): Place | undefined {
    const own = this.#perPeer.get(peer) ?? { items: 0, bytes: 0 };
    if (this.items + 1 > this.#maxItems || this.bytes + bytes > this.#maxBytes) return undefined;
    const overShare = own.items + 1 > this.#maxItems * PEER_SHARE || own.bytes + bytes > this.#maxBytes * PEER_SHARE;
    if (shared && overShare) return undefined;
    this.#count(peer, own, 1, bytes);
    let inside = true;
    return {
      leave: () => {
        if (!inside) return;
        inside = false;
        this.#count(peer, own, -1, -bytes);
      },
    };
  }

  #count(peer: string, own: { items: number; bytes: number }, items: number, bytes: number): void {
    this.items += items;
    this.bytes += bytes;
    own.items += items;
    own.bytes += bytes;
    if (own.items === 0) this.#perPeer.delete(peer);
    else this.#perPeer.set(peer, own);
  }
}
