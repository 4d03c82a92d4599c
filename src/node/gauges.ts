import { type Clock, nowSeconds } from '../base/clock.ts';
import type { Gossip } from '../gossip/interface.ts';
import type { Overlay } from '../overlay/interface.ts';
import type { ProverService } from '../prover/interface.ts';
import type { Store } from '../store/interface.ts';
import type { NodeInfo } from './interface.ts';
import type { RegistryHolder } from './registry-holder.ts';

/** The name of each gauge, behind `zkbazaar_`, and what it says. */
export const GAUGES = {
  peers: 'Connected peers',
  envelopes: 'Envelopes in the store',
  tags: 'Live nullifiers and pledges in the store',
  store_bytes: 'Size of the store on disk in bytes',
  gossip_queue_items: 'Messages waiting in stage two of validation',
  gossip_queue_bytes: 'Bytes waiting in stage two of validation',
  verifying: 'Proofs at the verifier',
  prover_queued: 'Proof jobs waiting',
  prover_running: 'Proof jobs running',
  registry_sequence: 'Sequence number of the current registry, -1 without one',
  registry_age_seconds: 'Age of the current registry snapshot, -1 without one',
  messages_published: 'Messages this node has published since start',
  messages_dropped_busy: 'Messages dropped before validation because too many were in it',
  requests_served: 'Requests of peers answered since start',
  bans: 'Peers banned since start',
  native_engine: '1 where the native engine proves and verifies, 0 where WebAssembly does',
  resident_bytes: 'Resident memory of the process',
  heap_bytes: 'Used JavaScript heap',
} as const;

export type GaugeValues = Record<keyof typeof GAUGES, number>;

export interface GaugedParts {
  clock: Clock;
  engine: NodeInfo['engine'];
  store: Store;
  gossip: Gossip;
  prover: ProverService;
  overlay: Overlay;
  registry: RegistryHolder;
}

export async function readGauges(parts: GaugedParts): Promise<GaugeValues> {
  const { clock, engine, store, gossip, prover, overlay, registry } = parts;
  const status = await store.status();
  const stats = gossip.stats();
  const jobs = prover.stats();
  const counters = overlay.counters();
  const known = registry.current();
  const memory = process.memoryUsage();
  return {
    peers: overlay.peers().length,
    envelopes: status.envelopes,
    tags: status.tags,
    store_bytes: status.bytes,
    gossip_queue_items: stats.queueItems,
    gossip_queue_bytes: stats.queueBytes,
    verifying: stats.verifying,
    prover_queued: jobs.queued,
    prover_running: jobs.running,
    registry_sequence: known?.sequence ?? -1,
    registry_age_seconds: known === null ? -1 : nowSeconds(clock) - known.issuedAt,
    messages_published: counters.published,
    messages_dropped_busy: counters.droppedBusy,
    requests_served: counters.requestsServed,
    bans: counters.bans,
    native_engine: engine === 'native' ? 1 : 0,
    resident_bytes: memory.rss,
    heap_bytes: memory.heapUsed,
  };
}
