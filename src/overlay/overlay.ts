import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import type { LevelDatastore } from 'datastore-level';
import { toHex } from '../base/bytes.ts';
import { messageOf } from '../base/errors.ts';
import { MAX_ENVELOPE_BYTES } from '../envelope/constants.ts';
import { messageId } from '../envelope/message-id.ts';
import { parseAddress, parsePeerId, peerIdOf } from './addresses.ts';
import { BLOB_PROTOCOL, blobHandler, fetchBlob } from './blobs.ts';
import { closeAll, dial, hangUp } from './connections.ts';
import { DEFAULT_TUNING } from './constants.ts';
import { newCounters } from './counters.ts';
import { createNode, type OverlayLibp2p, openPeerStore } from './create-libp2p.ts';
import { Dialer } from './dialer.ts';
import { OverlayError, OverlayErrorCode } from './errors.ts';
import { Gater } from './gater.ts';
import { loadIdentity } from './identity.ts';
import { Intake } from './intake.ts';
import type {
  BanInfo,
  HandleOptions,
  Overlay,
  OverlayComponents,
  OverlayCounters,
  OverlayInit,
  OverlayLog,
  OverlayTuning,
  PeerInfo,
  PublishResult,
  RequestHandler,
  RequestOptions,
  SyncReport,
} from './interface.ts';
import { listPeers, watch } from './peer-table.ts';
import { Requests } from './requests.ts';
import { SYNC_PROTOCOL, Sync } from './sync/index.ts';

interface Running {
  libp2p: OverlayLibp2p;
  datastore: LevelDatastore;
  dialer: Dialer;
  intake: Intake;
}

/** The overlay on js-libp2p. Wires its parts and holds their order; each part says itself what it promises. */
export class Libp2pOverlay implements Overlay {
  readonly peerId: string;
  readonly #init: OverlayInit;
  readonly #tuning: OverlayTuning;
  readonly #components: OverlayComponents;
  readonly #privateKey: PrivateKey;
  readonly #log: OverlayLog;
  readonly #counters: OverlayCounters = newCounters();
  readonly #gater: Gater;
  readonly #requests: Requests;
  readonly #sync: Sync | undefined;
  readonly #agents = new Map<string, string>();
  #running: Running | undefined;
  #transition: Promise<void> = Promise.resolve();

  constructor(init: OverlayInit, components: OverlayComponents, privateKey: PrivateKey) {
    this.#init = init;
    this.#components = components;
    this.#privateKey = privateKey;
    this.peerId = peerIdFromPrivateKey(privateKey).toString();
    this.#tuning = { ...DEFAULT_TUNING, ...init.tuning };
    this.#log = components.log ?? (() => undefined);
    const shared = { clock: components.clock, counters: this.#counters, log: this.#log };
    this.#gater = new Gater(components.clock, init.allowlist);
    this.#requests = new Requests({ network: init.network, tuning: this.#tuning }, shared);
    for (const address of [...(init.peers ?? []), ...(init.bootstrap ?? [])]) peerIdOf(parseAddress(address));
    for (const address of [...init.listen, ...(init.announce ?? [])]) parseAddress(address);
    if (components.blobs !== undefined) this.#requests.handle(BLOB_PROTOCOL, blobHandler(components.blobs));
    if (components.sync === undefined) return;
    this.#sync = new Sync(
      { topics: init.topics, intervalMs: this.#tuning.syncIntervalMs },
      {
        ...shared,
        source: components.sync,
        validator: { validate: (message) => this.#require().intake.validate(message, true) },
        peers: () => this.#running?.libp2p.getPeers().map(String) ?? [],
        request: (peerId, data, options) => this.request(peerId, SYNC_PROTOCOL, data, options),
        onBadPeer: (peerId) => void this.ban(peerId, OverlayErrorCode.SyncBadPeer),
      },
    );
    this.#requests.handle(SYNC_PROTOCOL, this.#sync.handler);
  }

  start(): Promise<void> {
    this.#transition = this.#transition.catch(() => undefined).then(() => this.#start());
    return this.#transition;
  }

  stop(): Promise<void> {
    this.#transition = this.#transition.catch(() => undefined).then(() => this.#stop());
    return this.#transition;
  }

  async #start(): Promise<void> {
    if (this.#running !== undefined) return;
    const { clock, validator } = this.#components;
    const intake = new Intake(
      { self: this.peerId, maxPending: this.#tuning.maxPendingValidations },
      { validator, clock, counters: this.#counters, log: this.#log },
    );
    const datastore = await openPeerStore(this.#init.dataDir, this.#log);
    let libp2p: OverlayLibp2p | undefined;
    try {
      libp2p = await createNode({
        init: this.#init,
        tuning: this.#tuning,
        privateKey: this.#privateKey,
        datastore,
        gater: this.#gater,
        intake,
      });
      this.#listen(libp2p);
      await this.#requests.start(libp2p);
      await libp2p.start();
    } catch (error) {
      this.#requests.stop();
      await libp2p?.stop()?.catch(() => undefined);
      await datastore.close();
      throw new OverlayError(OverlayErrorCode.ListenFailed, `the peer cannot start: ${messageOf(error)}`, {
        hint: 'another program may use its ports; see p2p.listen',
        cause: error,
      });
    }
    for (const topic of this.#init.topics) libp2p.services.pubsub.subscribe(topic);
    const targets = [...(this.#init.peers ?? []), ...(this.#init.bootstrap ?? [])];
    const dialer = new Dialer({ targets, tuning: this.#tuning }, { libp2p, gater: this.#gater, log: this.#log });
    this.#running = { libp2p, datastore, dialer, intake };
    dialer.start();
    this.#sync?.start();
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    // First nothing new is accepted or sent, then streams, then sockets, then files.
    this.#running = undefined;
    running.intake.close();
    running.dialer.stop();
    this.#requests.stop();
    await this.#sync?.stop();
    await closeAll(running.libp2p, this.#log);
    await running.datastore.close();
    this.#agents.clear();
  }

  addresses(): string[] {
    return this.#running?.libp2p.getMultiaddrs().map(String) ?? [];
  }

  async publish(topic: string, data: Uint8Array): Promise<PublishResult> {
    const { libp2p, intake } = this.#require();
    if (!this.#init.topics.includes(topic)) {
      throw new OverlayError(OverlayErrorCode.TopicUnknown, 'this network has no such topic', { where: topic });
    }
    if (data.length > MAX_ENVELOPE_BYTES) {
      throw new OverlayError(OverlayErrorCode.MessageTooLarge, `a message has at most ${MAX_ENVELOPE_BYTES} bytes`);
    }
    // gossipsub does not run a topic's validator on what we publish ourselves.
    const verdict = await intake.validate({ topic, data, from: this.peerId });
    const id = toHex(messageId(topic, data));
    if (verdict.action !== 'accept') return { messageId: id, verdict, recipients: [] };
    const { recipients } = await libp2p.services.pubsub.publish(topic, data);
    this.#counters.published += 1;
    return { messageId: id, verdict, recipients: recipients.map(String) };
  }

  peers(): PeerInfo[] {
    return this.#running === undefined ? [] : listPeers(this.#running.libp2p, this.#init.topics, this.#agents);
  }

  async connect(address: string, options: { signal?: AbortSignal | undefined } = {}): Promise<PeerInfo> {
    const { libp2p } = this.#require();
    const full = address.startsWith('/') ? parseAddress(address) : undefined;
    const peerId = full === undefined ? parsePeerId(address) : peerIdOf(full);
    if (this.#gater.refuses(peerId.toString())) {
      throw new OverlayError(OverlayErrorCode.PeerRefused, 'this peer is banned or not on the allowlist', {
        where: peerId.toString(),
      });
    }
    try {
      await dial(libp2p, full ?? peerId, this.#tuning.requestTimeoutMs, options.signal);
    } catch (error) {
      throw new OverlayError(OverlayErrorCode.DialFailed, `the peer cannot be reached: ${messageOf(error)}`, {
        where: address.slice(0, 256),
        cause: error,
      });
    }
    const info = this.peers().find((peer) => peer.peerId === peerId.toString());
    if (info === undefined)
      throw new OverlayError(OverlayErrorCode.DialFailed, 'the peer closed the connection at once');
    return info;
  }

  async disconnect(peerId: string): Promise<void> {
    const { libp2p } = this.#require();
    await hangUp(libp2p, parsePeerId(peerId));
  }

  async ban(peerId: string, reason: string, ms: number = this.#tuning.banMs): Promise<void> {
    const peer = parsePeerId(peerId);
    this.#gater.ban(peerId, reason, ms);
    this.#counters.bans += 1;
    this.#log('warn', 'a peer was banned', { peer: peerId, reason });
    if (this.#running !== undefined) await hangUp(this.#running.libp2p, peer);
  }

  unban(peerId: string): void {
    this.#gater.unban(peerId);
  }

  bans(): BanInfo[] {
    return this.#gater.bans();
  }

  handle(protocol: string, handler: RequestHandler, options?: HandleOptions): void {
    this.#requests.handle(protocol, handler, options);
  }

  async request(peerId: string, protocol: string, data: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return this.#requests.request(parsePeerId(peerId), protocol, data, options);
  }

  async fetchBlob(
    sha256: string,
    options: { peers?: readonly string[]; signal?: AbortSignal } = {},
  ): Promise<Uint8Array> {
    const { libp2p } = this.#require();
    const peers = options.peers ?? libp2p.getPeers().map(String);
    return fetchBlob(
      sha256,
      peers,
      (peer, data, requestOptions) => this.request(peer, BLOB_PROTOCOL, data, requestOptions),
      options.signal,
    );
  }

  async sync(options: { signal?: AbortSignal | undefined } = {}): Promise<SyncReport> {
    this.#require();
    if (this.#sync === undefined) {
      throw new OverlayError(OverlayErrorCode.SyncUnavailable, 'this peer keeps no store to sync');
    }
    return this.#sync.run(options.signal);
  }

  counters(): OverlayCounters {
    return { ...this.#counters };
  }

  #require(): Running {
    if (this.#running === undefined) throw new OverlayError(OverlayErrorCode.NotRunning, 'the overlay is not running');
    return this.#running;
  }

  #listen(libp2p: OverlayLibp2p): void {
    watch(libp2p, this.#counters, {
      onIdentify: (peerId, agent) => {
        this.#agents.set(peerId, agent);
        // Only after identify is it known which protocols a peer speaks.
        if (this.#running !== undefined) this.#sync?.onConnect(peerId);
      },
      onDisconnect: (peerId) => {
        this.#agents.delete(peerId);
        this.#sync?.onDisconnect(peerId);
        this.#running?.dialer.onDisconnect(peerId);
      },
      onDiscovery: (peer) => {
        if (this.#init.mdns === true) this.#running?.dialer.onDiscovery(peer);
      },
      onGraylisted: (peerId) => {
        // gossipsub stops listening to it; we also close its connection and its door. Floods end by themselves.
        const flooding = this.#running?.intake.floods(peerId) ?? false;
        if (!flooding && !this.#gater.refuses(peerId)) void this.ban(peerId, OverlayErrorCode.InvalidMessages);
      },
    });
  }
}

/**
 * Makes a peer of the overlay: loads or makes its identity; sockets open at `start`.
 * @throws OverlayError OVERLAY_KEY_UNSAFE, OVERLAY_KEY_INVALID, OVERLAY_ADDRESS_INVALID
 */
export async function createOverlay(init: OverlayInit, components: OverlayComponents): Promise<Overlay> {
  return new Libp2pOverlay(init, components, await loadIdentity(init.dataDir));
}
