/** Offers and orders, as documents whose content the store does not look into. */

import type { Page } from './interface.ts';

/**
 * An offer or order as its owner wrote it. `version` counts from 1; a write names the version that it replaces (0 for
 * a new one), so that two writers cannot lose each other's state.
 */
export interface DocumentRecord {
  id: string;
  /** State of the owner's machine, indexed. */
  state: string;
  /** Offer id of an order; '' for an offer. */
  parent: string;
  /** `own` for what this node made, `remote` for what it saw; orders: `maker` or `taker`. */
  role: string;
  /** Next deadline or expiry. */
  deadline: number;
  updatedAt: number;
  version: number;
  /** JSON of the owner, at most 64 KiB. */
  data: string;
}

export interface DocumentQuery {
  state?: string | undefined;
  parent?: string | undefined;
  role?: string | undefined;
  /** Only records whose deadline is at or before this second. */
  deadlineUpTo?: number | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface Documents {
  get(id: string): Promise<DocumentRecord | undefined>;
  /** In order of creation. */
  query(query: DocumentQuery): Promise<Page<DocumentRecord>>;
  count(query?: Pick<DocumentQuery, 'state' | 'parent' | 'role'>): Promise<number>;
}
