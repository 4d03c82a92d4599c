/** Envelopes that this node publishes or holds, and how it judged every message. */

import type { Page } from './interface.ts';

export interface EnvelopeSummary {
  id: string;
  kind: string;
  topic: string;
  pseudonym: string;
  policy: string;
  /** Decimal, or null. */
  registryRoot: string | null;
  expiresAt: number;
  bytes: number;
  /** Body as JSON where it is some, else null. */
  body: unknown;
}

export interface StoredEnvelope extends EnvelopeSummary {
  receivedAt: number;
  circuit: string;
  publicSignals: string[];
  /** As published. */
  data: Uint8Array;
}

export interface PublishReport {
  id: string;
  topic: string;
  accepted: boolean;
  action: 'accept' | 'ignore' | 'reject';
  code: string;
  recipients: string[];
}

export interface EnvelopeQuery {
  kind?: string | undefined;
  /** Only after this id of an earlier page. */
  after?: string | undefined;
  /** 1 to 100; default 50. */
  limit?: number | undefined;
}

export interface EnvelopesApi {
  /** Validates with this node's own pipeline and, if it accepts, hands the bytes to the mesh. */
  publish(data: Uint8Array): Promise<PublishReport>;
  /** Decodes without judging. @throws ENVELOPE_* */
  inspect(data: Uint8Array): EnvelopeSummary & { circuit: string; publicSignals: string[] };
  get(id: string): Promise<StoredEnvelope | undefined>;
  query(query?: EnvelopeQuery): Promise<Page<EnvelopeSummary>>;
}

export interface VerdictQuery {
  /** Only after this one. */
  afterSeq?: number | undefined;
  /** Default 100. */
  limit?: number | undefined;
  code?: string | undefined;
}

/** One judgement of one message; the last 1,000 are kept in memory. */
export interface VerdictEntry {
  /** Counts up from 1 since start. */
  seq: number;
  atMs: number;
  /** How it came in; what sync fetched counts as gossip. */
  source: 'gossip' | 'publish' | 'order';
  /** Peer id it came from; our own for own publishes. */
  from: string;
  topic: string;
  action: 'accept' | 'ignore' | 'reject';
  code: string;
  bytes: number;
  /** Null where the message could not be decoded. */
  envelopeId: string | null;
  kind: string | null;
  elapsedMs: number;
}
