import type { Overlay } from '../overlay/interface.ts';
import type { Logger } from './log.ts';
import type { RegistryHolder } from './registry-holder.ts';

export interface RegistryFetcherParts {
  registry: RegistryHolder;
  overlay: Overlay;
  log: Logger;
}

/** Gets the whole snapshot behind a header from whichever peer has it. */
export class RegistryFetcher {
  readonly #parts: RegistryFetcherParts;
  #fetching = false;
  #stopped = false;

  constructor(parts: RegistryFetcherParts) {
    this.#parts = parts;
  }

  /** One try, if a snapshot is missing and none is under way. A peer that does not have it is no failure. */
  async fetch(): Promise<void> {
    const { registry, overlay, log } = this.#parts;
    const record = await registry.missing();
    if (record === undefined || this.#stopped || overlay.peers().length === 0 || this.#fetching) return;
    this.#fetching = true;
    try {
      await registry.takeFetched(record, await overlay.fetchBlob(record.snapshotHash));
      log.info({ sequence: record.sequence }, 'registry snapshot fetched');
    } catch (error) {
      log.debug({ err: error, sequence: record.sequence }, 'no peer has the registry snapshot yet');
    } finally {
      this.#fetching = false;
    }
  }

  /** Begins nothing new. */
  stop(): void {
    this.#stopped = true;
  }
}
