import type { Tag } from '../store/interface.ts';

/**
 * Which peer has brought a claim on which tag that is still being verified. An honest peer relays only what it has
 * verified, so it never has two different claims on one nullifier; a second one from the same peer would only make the
 * claims of others wait longer for their turn.
 */
export class Contests {
  readonly #open = new Set<string>();

  /** @returns what ends it, or undefined if the peer has a claim on one of the tags already */
  enter(peer: string, tags: readonly Tag[]): (() => void) | undefined {
    const keys = tags.map(({ kind, value }) => `${kind} ${value} ${peer}`);
    if (keys.some((key) => this.#open.has(key))) return undefined;
    for (const key of keys) this.#open.add(key);
    return () => {
      for (const key of keys) this.#open.delete(key);
    };
  }
}
