import type { Connection, Libp2p, PeerId } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { messageOf } from '../base/errors.ts';
import { peerIdOf } from './addresses.ts';
import { dial } from './connections.ts';
import { DIAL_TIMEOUT_MS, KNOWN_PEERS_PER_UPKEEP, MESH_DEGREE_HIGH, MIN_CONNECTIONS } from './constants.ts';
import type { Gater } from './gater.ts';
import type { OverlayLog, OverlayTuning } from './interface.ts';

const GOSSIP_PROTOCOL_PREFIX = '/meshsub/';

export interface DialerInit {
  /** Multiaddrs with `/p2p/<id>` of peers to stay connected with. */
  targets: readonly string[];
  tuning: OverlayTuning;
}

export interface DialerComponents {
  libp2p: Libp2p;
  gater: Gater;
  log: OverlayLog;
}

interface Target {
  peerId: PeerId;
  addresses: Multiaddr[];
  attempts: number;
  timer: NodeJS.Timeout | undefined;
  dialling: boolean;
}

/**
 * Keeps us connected: configured peers with exponential backoff for ever, known peers when there are too few, and
 * connections whose gossip streams died are closed, because gossipsub opens them only once per connection.
 */
export class Dialer {
  readonly #tuning: OverlayTuning;
  readonly #components: DialerComponents;
  readonly #targets = new Map<string, Target>();
  /** Connections that had no gossip stream at the last upkeep. */
  #suspects = new Set<string>();
  #upkeep: NodeJS.Timeout | undefined;
  readonly #stopped = new AbortController();

  constructor(init: DialerInit, components: DialerComponents) {
    this.#tuning = init.tuning;
    this.#components = components;
    for (const text of init.targets) {
      const address = multiaddr(text);
      const peerId = peerIdOf(address);
      const id = peerId.toString();
      if (id === components.libp2p.peerId.toString()) continue;
      const target = this.#targets.get(id) ?? { peerId, addresses: [], attempts: 0, timer: undefined, dialling: false };
      target.addresses.push(address);
      this.#targets.set(id, target);
    }
  }

  start(): void {
    for (const target of this.#targets.values()) this.#plan(target, 0);
    this.#upkeep = setInterval(() => void this.#keepUp(), this.#tuning.upkeepMs);
    this.#upkeep.unref();
    void this.#keepUp();
  }

  stop(): void {
    this.#stopped.abort();
    clearInterval(this.#upkeep);
    for (const target of this.#targets.values()) clearTimeout(target.timer);
  }

  onDisconnect(peerId: string): void {
    const target = this.#targets.get(peerId);
    if (target !== undefined) this.#plan(target, this.#tuning.reconnectBaseMs);
  }

  /** A peer found on the local network. */
  onDiscovery(peerId: PeerId): void {
    const { libp2p, gater } = this.#components;
    if (libp2p.getPeers().length >= MESH_DEGREE_HIGH || gater.refuses(peerId.toString())) return;
    this.#dialOnce(peerId).catch(() => undefined);
  }

  #dialOnce(to: PeerId | Multiaddr[]): Promise<void> {
    return dial(this.#components.libp2p, to, DIAL_TIMEOUT_MS, this.#stopped.signal);
  }

  #plan(target: Target, ms: number): void {
    if (this.#stopped.signal.aborted || target.dialling) return;
    clearTimeout(target.timer);
    // Up to half more, so that the peers of one that restarts do not all come at once.
    target.timer = setTimeout(() => void this.#dial(target), ms * (1 + Math.random() / 2));
    target.timer.unref();
  }

  async #dial(target: Target): Promise<void> {
    const { libp2p, log } = this.#components;
    if (this.#stopped.signal.aborted || target.dialling) return;
    target.dialling = true;
    let failure: unknown;
    try {
      if (libp2p.getConnections(target.peerId).length === 0) {
        await this.#dialOnce(target.addresses);
      }
    } catch (error) {
      failure = error;
    }
    target.dialling = false;
    if (failure === undefined && libp2p.getConnections(target.peerId).length > 0) {
      target.attempts = 0;
      return;
    }
    target.attempts += 1;
    const ms = Math.min(this.#tuning.reconnectMaxMs, this.#tuning.reconnectBaseMs * 2 ** Math.min(target.attempts, 20));
    log('debug', 'a configured peer cannot be reached', {
      peer: target.peerId.toString(),
      attempts: target.attempts,
      error: messageOf(failure ?? 'closed at once'),
    });
    this.#plan(target, ms);
  }

  async #keepUp(): Promise<void> {
    try {
      this.#closeDeafConnections();
      // Configured peers can be missed by `onDisconnect` when a second connection dies in the middle of a dial.
      for (const target of this.#targets.values()) {
        const idle = !target.dialling && target.attempts === 0;
        if (idle && this.#components.libp2p.getConnections(target.peerId).length === 0) this.#plan(target, 0);
      }
      await this.#dialKnownPeers();
    } catch (error) {
      this.#components.log('warn', 'connection upkeep failed', { error: messageOf(error) });
    }
  }

  /** Twice in a row without a gossip stream each way: closed, and opened anew by whoever wants it. */
  #closeDeafConnections(): void {
    const suspects = new Set<string>();
    for (const connection of this.#components.libp2p.getConnections()) {
      if (hearsAndSpeaks(this.#components.libp2p.getConnections(connection.remotePeer))) continue;
      if (this.#suspects.has(connection.id)) connection.close().catch((error: Error) => connection.abort(error));
      else suspects.add(connection.id);
    }
    this.#suspects = suspects;
  }

  async #dialKnownPeers(): Promise<void> {
    const { libp2p, gater } = this.#components;
    if (libp2p.getPeers().length >= MIN_CONNECTIONS) return;
    const connected = new Set(libp2p.getPeers().map((peer) => peer.toString()));
    const known = (await libp2p.peerStore.all()).filter((peer) => {
      const id = peer.id.toString();
      if (peer.addresses.length === 0 || peer.id.equals(libp2p.peerId)) return false;
      return !connected.has(id) && !this.#targets.has(id) && !gater.refuses(id);
    });
    for (const peer of shuffle(known).slice(0, KNOWN_PEERS_PER_UPKEEP)) {
      if (this.#stopped.signal.aborted) return;
      this.#dialOnce(peer.id).catch(() => undefined);
    }
  }
}

function hearsAndSpeaks(connections: readonly Connection[]): boolean {
  const gossip = connections
    .flatMap((connection) => connection.streams)
    .filter((stream) => stream.protocol.startsWith(GOSSIP_PROTOCOL_PREFIX));
  return ['inbound', 'outbound'].every((direction) => gossip.some((stream) => stream.direction === direction));
}

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
