import type { Clock } from '../base/clock.ts';
import type { Startable } from '../base/lifecycle.ts';

/**
 * Port of the overlay: the libp2p node behind plain types. Nothing of libp2p leaves this folder.
 *
 * Promises:
 * - a message is delivered to and relayed by this peer only after the validator said `accept`, however long that takes;
 * - every failure is an `OverlayError` with a code; a peer's garbage never throws into the caller;
 * - `stop()` returns within 5 s, aborts open streams and requests, and releases ports and files.
 */

/** What the gossip validator says about one message. `code` is a bounded label (metrics, logs). */
export interface MessageVerdict {
  action: 'accept' | 'ignore' | 'reject';
  code: string;
}

export interface InboundMessage {
  topic: string;
  data: Uint8Array;
  /** Peer id (text form) that handed us the message; our own peer id for own publishes. */
  from: string;
}

/** The part of the gossip port that the overlay calls. Must not throw; a throw counts as `ignore`. */
export interface MessageValidator {
  validate(message: InboundMessage): Promise<MessageVerdict> | MessageVerdict;
}

/** One durable envelope as sync sees it. `id` is the envelope id: lower-case hex, 32 bytes. */
export interface SyncItem {
  id: string;
  /** Seconds since the Unix epoch. */
  expiresAt: number;
  topic: string;
}

export interface SyncEnvelope {
  topic: string;
  bytes: Uint8Array;
}

/** What sync reads (`store.envelopes` fits as it is); writes go through the validator alone. */
export interface SyncSource {
  /** Items with fromExpiry <= expiresAt < toExpiry, in any order. */
  list(fromExpiry: number, toExpiry: number): Iterable<SyncItem> | Promise<Iterable<SyncItem>>;
  /** One envelope as published, or undefined if unknown. */
  get(id: string): SyncEnvelope | undefined | Promise<SyncEnvelope | undefined>;
}

/** Content larger than an envelope's body, addressed by its SHA-256. */
export interface BlobSource {
  /** `length` bytes from `offset`, fewer only at the end, and the content's total size; undefined if unknown. */
  read(
    sha256: string,
    offset: number,
    length: number,
  ): Promise<{ total: number; bytes: Uint8Array } | undefined> | { total: number; bytes: Uint8Array } | undefined;
}

export type OverlayLogLevel = 'debug' | 'info' | 'warn' | 'error';
export type OverlayLog = (level: OverlayLogLevel, message: string, fields: Record<string, unknown>) => void;

export interface OverlayInit {
  /** Network name, part of every topic and protocol: `/zkbazaar/<network>/…`. */
  network: string;
  /** Folder for the transport key (`peer.key`, 0600) and known peers (`peers/`). */
  dataDir: string;
  /** Topics to join; nothing else is accepted or kept. */
  topics: readonly string[];
  /** Multiaddrs to listen on, e.g. `/ip4/127.0.0.1/tcp/4390`, `/ip4/127.0.0.1/tcp/4391/ws`. May be empty. */
  listen: readonly string[];
  /** Multiaddrs to announce instead of the listening ones. */
  announce?: readonly string[];
  /** Multiaddrs (with `/p2p/<id>`) of first contacts, through libp2p's bootstrap discovery. */
  bootstrap?: readonly string[];
  /** Multiaddrs (with `/p2p/<id>`) of peers to stay connected with. */
  peers?: readonly string[];
  /** Local-network discovery. Default false. */
  mdns?: boolean;
  /** If given and not empty, only these peer ids may connect or be dialled. */
  allowlist?: readonly string[];
  /** Numbers that tests and operators may change; defaults and reasons in `constants.ts`. */
  tuning?: Partial<OverlayTuning>;
}

export interface OverlayTuning {
  maxConnections: number;
  /** New inbound connections per second and host. */
  inboundConnectionsPerSecond: number;
  heartbeatMs: number;
  mcacheLength: number;
  seenTtlMs: number;
  /** Messages in validation at once: over all peers; one peer may hold a quarter. */
  maxPendingValidations: number;
  reconnectBaseMs: number;
  reconnectMaxMs: number;
  /** How often connections are counted and looked at. */
  upkeepMs: number;
  /** Pause between sync runs; 0 turns periodic sync off. */
  syncIntervalMs: number;
  requestTimeoutMs: number;
  /** Requests in progress per peer and protocol, each way. */
  maxStreamsPerPeer: number;
  /** Requests per second that one peer may send us, over all protocols; bursts of twice that. */
  requestsPerSecond: number;
  banMs: number;
}

export interface OverlayComponents {
  validator: MessageValidator;
  clock: Clock;
  log?: OverlayLog;
  /** Without it, `/sync/1` is neither served nor run. */
  sync?: SyncSource;
  /** Without it, `/blob/1` is not served (fetching works). */
  blobs?: BlobSource;
}

export interface PublishResult {
  /** Lower-case hex of the gossip message id. */
  messageId: string;
  verdict: MessageVerdict;
  /** Peer ids the message was handed to; empty if our own validator did not accept it or no peer is subscribed. */
  recipients: string[];
}

export interface PeerInfo {
  peerId: string;
  /** Remote addresses of open connections. */
  addresses: string[];
  direction: 'inbound' | 'outbound';
  /** Milliseconds since the Unix epoch. */
  connectedAt: number;
  /** Round trip of the last ping in milliseconds, if known. */
  latencyMs: number | undefined;
  agent: string | undefined;
  /** Topics this peer is subscribed to, of ours. */
  topics: string[];
  /** Topics in whose mesh this peer is. */
  mesh: string[];
  /** Gossip score; below 0: sent us something that every honest peer refuses. */
  score: number;
}

export interface BanInfo {
  peerId: string;
  reason: string;
  /** Milliseconds since the Unix epoch. */
  until: number;
}

export interface InboundRequest {
  /** Peer id of the sender, authenticated by the transport. */
  peer: string;
  data: Uint8Array;
  /** Aborted on timeout, when the peer goes away and on stop. */
  signal: AbortSignal;
}

/** Answers one request. A thrown `CodedError` reaches the peer as its code and message; anything else only as a failure. */
export type RequestHandler = (request: InboundRequest) => Promise<Uint8Array> | Uint8Array;

export interface HandleOptions {
  maxRequestBytes?: number;
  maxResponseBytes?: number;
  timeoutMs?: number;
}

export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  maxResponseBytes?: number;
}

export interface SyncReport {
  /** Peers asked, in order. */
  peers: string[];
  /** Peers that failed, with the code of the failure. */
  failed: { peerId: string; code: string }[];
  /** Envelopes we lacked and asked for. */
  fetched: number;
  accepted: number;
  ignored: number;
  rejected: number;
}

export interface OverlayCounters {
  published: number;
  received: number;
  accepted: number;
  ignored: number;
  rejected: number;
  /** Messages dropped before the validator because too many were in validation. */
  droppedBusy: number;
  /** Messages in validation now. */
  pendingValidations: number;
  requestsSent: number;
  requestsServed: number;
  requestsRefused: number;
  requestsFailed: number;
  connectionsOpened: number;
  connectionsClosed: number;
  bans: number;
  syncRuns: number;
  syncFetched: number;
  syncServed: number;
}

export interface Overlay extends Startable {
  /** Text form of our peer id. Known before `start`. */
  readonly peerId: string;
  /** Our dialable multiaddrs with `/p2p/<id>`; empty before `start`. */
  addresses(): string[];
  /**
   * Validates with our own validator first, and hands the message to the mesh only if it accepts.
   * @throws OverlayError OVERLAY_TOPIC_UNKNOWN, OVERLAY_NOT_RUNNING, OVERLAY_MESSAGE_TOO_LARGE
   */
  publish(topic: string, data: Uint8Array): Promise<PublishResult>;
  peers(): PeerInfo[];
  /** Dials a multiaddr (with `/p2p/<id>`) or a known peer id. @throws OverlayError OVERLAY_ADDRESS_INVALID, OVERLAY_DIAL_FAILED */
  connect(address: string, options?: { signal?: AbortSignal | undefined }): Promise<PeerInfo>;
  disconnect(peerId: string): Promise<void>;
  /** Disconnects and refuses a peer for `ms` (default: tuning). */
  ban(peerId: string, reason: string, ms?: number): Promise<void>;
  unban(peerId: string): void;
  bans(): BanInfo[];
  /** Serves `/zkbazaar/<network>/<protocol>`, e.g. `order/1`. One handler per protocol; may be called before `start`. */
  handle(protocol: string, handler: RequestHandler, options?: HandleOptions): void;
  /**
   * One request, one response, on a fresh stream to a connected or known peer.
   * @throws OverlayError OVERLAY_REQUEST_TIMEOUT, OVERLAY_REQUEST_FAILED, OVERLAY_REMOTE_REFUSED (with `remoteCode`),
   *   OVERLAY_PROTOCOL_UNSUPPORTED, OVERLAY_FRAME_TOO_LARGE, OVERLAY_BUSY, OVERLAY_ABORTED
   */
  request(peerId: string, protocol: string, data: Uint8Array, options?: RequestOptions): Promise<Uint8Array>;
  /** Content by its SHA-256 (hex), up to 16 MiB, hash-checked, from `peers` or any connected peer. @throws OverlayError OVERLAY_BLOB_NOT_FOUND */
  fetchBlob(sha256: string, options?: { peers?: readonly string[]; signal?: AbortSignal }): Promise<Uint8Array>;
  /** Reconciles with at least 3 peers, or all when fewer; runs by itself at start, on new peers and periodically. */
  sync(options?: { signal?: AbortSignal | undefined }): Promise<SyncReport>;
  counters(): OverlayCounters;
}
