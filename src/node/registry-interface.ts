/** The registry that this node holds: which issuers and lists count. */

import type { PublishReport } from './envelopes-interface.ts';

export interface RegistryInfo {
  sequence: number;
  issuedAt: number;
  /** Decimal. */
  root: string;
  /** The whole snapshot is here: needed to prove, not to verify. Issuers and lists are empty without it. */
  complete: boolean;
  issuers: { name: string; schema: string; x: string; y: string; revoked: number }[];
  lists: { name: string; elements: number }[];
  /** Superseded roots that are still good, and until when. */
  grace: { root: string; sequence: number; until: number }[];
}

export interface RegistryApi {
  /** Null before the first snapshot. */
  current(): RegistryInfo | null;
  /**
   * Takes the file that the registry's operator or another peer wrote; one with an envelope is passed on to the network.
   * @throws REGISTRY_*, NODE_REGISTRY_FILE, NODE_REGISTRY_KEY, OVERLAY_NOT_RUNNING
   */
  import(file: Uint8Array): Promise<RegistryInfo>;
  /** Announces the held registry by gossip; whoever came later gets it by sync. @throws NODE_NO_REGISTRY */
  announce(): Promise<PublishReport>;
  /** The held snapshot as a file. @throws NODE_NO_REGISTRY */
  export(): Promise<Uint8Array>;
}
