/** Accepted envelopes. */

import type { EnvelopeKind } from '../envelope/interface.ts';
import type { Page } from './interface.ts';

export interface StoredEnvelope {
  /** Envelope id, 64 hex digits. */
  id: string;
  topic: string;
  kind: EnvelopeKind;
  /** Own id for a listing, the listing's id for what speaks about one, '' otherwise. */
  offerId: string;
  /** 64 hex digits. */
  pseudonym: string;
  expiresAt: number;
  receivedAt: number;
  /** Wire form as published. */
  bytes: Uint8Array;
}

/** What set reconciliation needs to know of an envelope. */
export interface EnvelopeRef {
  id: string;
  expiresAt: number;
  topic: string;
}

export interface EnvelopeQuery {
  topic?: string | undefined;
  kind?: EnvelopeKind | undefined;
  offerId?: string | undefined;
  pseudonym?: string | undefined;
  /** Only envelopes that expire after this second. */
  expiresAfter?: number | undefined;
  /** 1 … 100, default 50. */
  limit?: number | undefined;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

export interface Envelopes {
  /** Synchronous look-up by id. */
  has(id: string): boolean;
  /** Synchronous: pseudonym of the author, if the envelope is known. */
  authorOf(id: string): string | undefined;
  get(id: string): Promise<StoredEnvelope | undefined>;
  /** Oldest received first. @throws StoreError STORE_BAD_CURSOR, STORE_BAD_VALUE */
  query(query: EnvelopeQuery): Promise<Page<StoredEnvelope>>;
  /** All with `fromExpiry <= expiresAt < toExpiry`, by (expiresAt, id); reads as it is iterated. */
  list(fromExpiry: number, toExpiry: number): Iterable<EnvelopeRef>;
  count(): Promise<number>;
}
