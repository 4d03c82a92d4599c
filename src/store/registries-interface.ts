/** Registry headers, and the snapshots behind them. */

export interface RegistryRecord {
  sequence: number;
  /** Decimal. */
  root: string;
  issuedAt: number;
  /** Gap-tree roots (decimal) of named lists. */
  lists: Readonly<Record<string, string>>;
  /** SHA-256 of the snapshot's canonical JSON without its signature; '' if unknown. */
  snapshotHash: string;
  /** Second at which a higher sequence was put; undefined for the current one. Set by the store. */
  supersededAt?: number | undefined;
}

export interface Registries {
  /**
   * Keeps a header. If its sequence is the highest, the one before is marked superseded at `now`.
   * @returns false if the sequence is known already (nothing changed) @throws StoreError
   */
  put(record: RegistryRecord, now: number): Promise<boolean>;
  /** Attaches the full snapshot (canonical JSON) to a known header. */
  putSnapshot(sequence: number, snapshot: string): Promise<void>;
  current(): Promise<RegistryRecord | undefined>;
  bySequence(sequence: number): Promise<RegistryRecord | undefined>;
  byRoot(root: string): Promise<RegistryRecord | undefined>;
  snapshot(sequence: number): Promise<string | undefined>;
  /** Newest first, at most `limit` (default 100). */
  recent(limit?: number): Promise<RegistryRecord[]>;
}
