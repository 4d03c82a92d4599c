import type { OverlayTuning } from './interface.ts';

/**
 * Every number of the overlay, with the reason for it. Those an operator or a test may change are in `DEFAULT_TUNING`.
 */

// --- gossip mesh -----------------------------------------------------------------------------------------------

/** Mesh degree of gossipsub's specification: 6 gives log6(n) hops; below 4 one loss splits the mesh, above 8 each
 * message crosses most links twice. Duplicates per message would change it. */
export const MESH_DEGREE = 6;
export const MESH_DEGREE_LOW = 4;
export const MESH_DEGREE_HIGH = 8;
/** Messages announced by IHAVE: three heartbeats, the specification's value; older ones are for sync. */
export const MCACHE_GOSSIP = 3;
/** Announcing ids of messages under 16 KiB costs more than it saves: at 1 KiB it doubled CPU. Envelopes are at most 4 KiB. */
export const IDONTWANT_MIN_BYTES = 16_384;
/** Unsent bytes kept for one slow peer: 512 full envelopes; beyond, its stream is reset instead of our memory filled. */
export const MAX_OUTBOUND_BUFFER_BYTES = 2 * 1024 * 1024;
/** Largest gossip frame we decode. Equal to what an honest peer may have unsent, so that none is cut off for a full answer. */
export const MAX_GOSSIP_FRAME_BYTES = 2 * 1024 * 1024;
/** Subscriptions in one frame. There are four topics; 64 leaves room for sixteen times as many. */
export const MAX_SUBSCRIPTIONS = 64;
/** Topic names of one peer, in bytes including 1 KiB bookkeeping each: 32 topics. gossipsub's default is 1,000. */
export const MAX_TOPIC_BYTES_PER_PEER = 32 * 1024;

// --- scores ----------------------------------------------------------------------------------------------------

/** P4, squared by gossipsub: one rejected message makes -10 (out of the mesh), two -40, three -90 (past the graylist).
 * One is a bug, three are an attack: honest peers never relay what the validator rejects. */
export const INVALID_MESSAGE_WEIGHT = -10;
/** Halves the count in ten minutes at one tick a second (0.5 ** (1 / 600)): a fixed peer is welcome again the same day. */
export const INVALID_MESSAGE_DECAY = 0.998845;
export const GOSSIP_THRESHOLD = -20;
export const PUBLISH_THRESHOLD = -40;
/** Below, nothing of this peer is read, and it is banned. */
export const GRAYLIST_THRESHOLD = -80;
/** Score while a peer floods us (see FLOOD_*): past the graylist, gone as soon as it is calm. */
export const FLOOD_SCORE = -100;
/** Messages not accepted (ignored or over its share) that one peer may send at once, and per second on end. Rejected ones
 * are P4's. Bounds the seen cache to about 24,000 ids (3 MiB) per peer and seenTTL; honest relays stay far below. */
export const FLOOD_BURST = 1_000;
export const FLOOD_PER_SECOND = 20;
/** How long we are deaf to a peer that went beyond: it gets 200 messages of credit back in that time. */
export const FLOOD_DEAF_MS = 10_000;

// --- connections -----------------------------------------------------------------------------------------------

/** One dial, all addresses of a peer, name look-ups and handshake included. libp2p's own is 10 s per attempt. */
export const DIAL_TIMEOUT_MS = 15_000;
/** Dials in progress. 8 fill a mesh in one round; a handshake costs both ends about 50 ms of CPU, so 100 would stall us. */
export const MAX_PARALLEL_DIALS = 8;
/** A peer that does not answer a ping for this long is gone. libp2p's 5 s cut honest peers off that were only busy: under
 * ten times more work than two cores could do, whole bursts were lost with the connection. */
export const PING_TIMEOUT_MS = 30_000;
/** Also measures the round trip that `peers` shows. */
export const PING_INTERVAL_MS = 15_000;
/** Handshakes in progress towards us; the same CPU reason, libp2p's own value. */
export const MAX_PENDING_INBOUND = 10;
/** gossipsub opens its streams one after the other, so a peer that never answers holds up the rest for this long. */
export const NEGOTIATION_TIMEOUT_MS = 5_000;
/** Streams per connection: gossip 2, identify 2, ping 2, and three protocols of ours at 8 each way, twice for bursts. */
export const MAX_STREAMS_PER_CONNECTION = 64;
/** Bytes in flight per stream. 1 MiB fills 80 Mbit/s at 100 ms; yamux's 16 MiB times 64 streams would be 1 GiB a peer. */
export const MAX_STREAM_WINDOW_BYTES = 1024 * 1024;
/** Known peers and their addresses are kept for 30 days: a node that was off over a holiday still finds its network. */
export const KNOWN_PEER_AGE_MS = 30 * 86_400_000;
/** Below this many connections, known peers are dialled too: half the mesh degree keeps a mesh alive. */
export const MIN_CONNECTIONS = 3;
/** Known peers dialled per upkeep, so that a stale list costs little. */
export const KNOWN_PEERS_PER_UPKEEP = 3;
/** Shutdown: libp2p gets this long before its connections are cut; the rest of the 5 s is for files. */
export const STOP_TIMEOUT_MS = 3_500;
/** Bans in memory; the oldest goes first. A peer id costs nothing, so an unbounded list would be a leak. */
export const MAX_BANS = 1_024;

// --- requests --------------------------------------------------------------------------------------------------

export const DEFAULT_MAX_REQUEST_BYTES = 64 * 1024;
/** A sync page of 100 full envelopes (410 KB) and a blob chunk (256 KiB) fit. */
export const DEFAULT_MAX_RESPONSE_BYTES = 512 * 1024;
/** Bytes of an error message from a peer that we keep. */
export const MAX_REMOTE_MESSAGE_BYTES = 256;
/** Peers whose request counters are kept; idle ones are dropped. */
export const MAX_TRACKED_PEERS = 4_096;

// --- blobs -----------------------------------------------------------------------------------------------------

export const MAX_BLOB_BYTES = 16 * 1024 * 1024;
/** One response. 64 requests make the largest blob; smaller chunks cost round trips, larger ones memory per request. */
export const BLOB_CHUNK_BYTES = 256 * 1024;

/** One peer's time for a whole blob: 1.1 Mbit/s for the largest. Else it could answer each of 64 requests at the last moment. */
export const BLOB_PEER_TIMEOUT_MS = 120_000;

// --- sync ------------------------------------------------------------------------------------------------------

/** One hour of expiry per bucket: the unit that both sides cut their ranges at first. */
export const SYNC_BUCKET_SECONDS = 3_600;
/** Items of one page, listed or fetched: 100 envelopes of 4 KiB stay under half a MiB. */
export const SYNC_PAGE_ITEMS = 100;
/** Parts that a differing range is cut into at most: 16 parts find one new item among 100,000 in four rounds. */
export const SYNC_SPLIT = 16;
/** Ranges of one request. Each costs the server a hash over the range. */
export const SYNC_MAX_RANGES = 16;
/** Peers of one run: one liar among three cannot hide what the others hold. */
export const SYNC_PEERS = 3;
/** Envelopes taken over from one peer in a run, and requests to it; the next run goes on. About 4 MiB of ids. */
export const SYNC_MAX_ITEMS_PER_RUN = 20_000;
export const SYNC_MAX_REQUESTS_PER_PEER = 1_000;
/** In validation at once: one batch of the verifier. */
export const SYNC_PARALLEL_VALIDATIONS = 16;
/** Rejected envelopes from one peer that end the run with it and ban it: three, as for gossip. */
export const SYNC_MAX_REJECTS = 3;
/** Age of the sorted id list that requests are answered from: it costs a scan of the store, so not one per request. */
export const SYNC_SNAPSHOT_MS = 2_000;
/** A new connection waits this long before sync, so that several share one run. */
export const SYNC_SETTLE_MS = 500;
/** What the validator did not accept is not fetched again for ten minutes: a root may become known, a clock may settle. */
export const SYNC_DECLINED_MS = 600_000;
/** Whole run, all peers. */
export const SYNC_RUN_TIMEOUT_MS = 120_000;
/** Tries for an envelope that our own queue had no room for, and the first pause between them. */
export const SYNC_BUSY_RETRIES = 5;
export const SYNC_BUSY_PAUSE_MS = 100;

export const DEFAULT_TUNING: OverlayTuning = {
  // An idle connection costs about 1 MiB and, when it opens, 50 ms of CPU at each end: 60 is ten meshes deep.
  maxConnections: 60,
  // libp2p's value. One host behind one address rarely brings more; tests and the demo on loopback raise it.
  inboundConnectionsPerSecond: 5,
  // The specification's value. Shorter repairs a mesh sooner and costs control traffic.
  heartbeatMs: 1_000,
  // Twelve heartbeats in which a peer that heard of a message by IHAVE can still fetch it, also after slow validation.
  mcacheLength: 12,
  // 20 minutes: longer than any message stays in flight; a shorter one would validate late duplicates again.
  seenTtlMs: 20 * 60_000,
  // Backstop behind gossip's own queue: 1,024 envelopes of 4 KiB are 4 MiB. One peer may hold a quarter.
  maxPendingValidations: 1_024,
  reconnectBaseMs: 1_000,
  // One dial a minute at a dead peer is not noticed by anybody, and it is back within a minute.
  reconnectMaxMs: 60_000,
  // A connection has two of these to open its gossip streams, which take a second. No exact reason otherwise.
  upkeepMs: 10_000,
  // Heals what gossip lost (busy queues, restarts). One fingerprint exchange per minute and peer is under 1 KiB.
  syncIntervalMs: 60_000,
  requestTimeoutMs: 15_000,
  maxStreamsPerPeer: 8,
  // Blob and sync need tens per second at most; more is somebody else's load test.
  requestsPerSecond: 50,
  // An hour: long enough to be useless to an attacker, short enough for a bug that was fixed.
  banMs: 3_600_000,
};

/** For many peers on one machine: without it, libp2p takes five connections a second from 127.0.0.1. Tests and demo only. */
export const LOOPBACK_TUNING: Partial<OverlayTuning> = { inboundConnectionsPerSecond: 1_000 };
