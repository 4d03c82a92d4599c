/** What happens in one run of the node, as it happens. */

import type { OfferView, OrderView } from '../market/interface.ts';
import type { JobEvent } from '../prover/interface.ts';
import type { VerdictEntry } from './envelopes-interface.ts';
import type { RegistryInfo } from './registry-interface.ts';

export interface NodeEventData {
  verdict: VerdictEntry;
  offer: OfferView;
  order: OrderView;
  registry: RegistryInfo;
  peer: { peerId: string; connected: boolean };
  job: { jobId: string; event: JobEvent };
}

export type NodeEventType = keyof NodeEventData;

export type NodeEvent = {
  [T in NodeEventType]: { id: number; atMs: number; type: T; data: NodeEventData[T] };
}[NodeEventType];

export interface EventQuery {
  /** Default: from now on. */
  afterId?: number | undefined;
  /** Default: all. */
  types?: readonly NodeEventType[] | undefined;
  signal?: AbortSignal | undefined;
}

/** Events of this run; the last 1,000 of each type are kept, so that a listener that comes back misses none of those. */
export interface EventsApi {
  readonly lastId: number;
  /** Ends when `signal` aborts or the node stops. */
  subscribe(query?: EventQuery): AsyncIterable<NodeEvent>;
}
