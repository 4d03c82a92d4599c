/** Nullifiers and pledges: what may be used in one context only. */

export const TAG_KINDS = ['nullifier', 'pledge'] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** Something that may be used in one context only. */
export interface Tag {
  kind: TagKind;
  /** Field element, 64 hex digits. */
  value: string;
  /** Kept at least until then. */
  expiresAt: number;
}

/** What a tag was spent on. */
export interface SpentTag {
  kind: TagKind;
  value: string;
  /** Field element, 64 hex digits. */
  context: string;
  envelopeId: string;
  expiresAt: number;
}

/**
 * - `free`: nobody has it.
 * - `duplicate`: spent before in this very context.
 * - `spent`: spent before in another context.
 */
export type TagStatus = 'free' | 'duplicate' | 'spent';

/** Holds tags in memory while their proof is checked. Exactly one of commit (by `accept`) and `release` ends it. */
export interface Reservation {
  readonly tags: readonly Tag[];
  readonly context: string;
  /** Gives the tags back. Idempotent; no effect once `accept` has resolved. */
  release(): void;
}

export type ReserveResult =
  | { status: 'reserved'; reservation: Reservation }
  | { status: 'duplicate' | 'spent'; tag: SpentTag }
  /** Another reservation holds one of them: ask again when `settled` resolves (it never rejects). */
  | { status: 'busy'; settled: Promise<void> };

export interface SpentTags {
  /**
   * Whether any of the tags is spent already; `spent` goes before `duplicate`. Synchronous, about 10 microseconds:
   * answered from a local index, so it may be behind; `accept` decides.
   */
  peek(tags: readonly Pick<Tag, 'kind' | 'value'>[], context: string): TagStatus;
  /** All tags or none. @throws StoreError STORE_BUSY when more than the limit of reservations are open */
  reserve(tags: readonly Tag[], context: string): ReserveResult;
  get(kind: TagKind, value: string): Promise<SpentTag | undefined>;
  /** Live tags on the disk. */
  count(): Promise<number>;
}
