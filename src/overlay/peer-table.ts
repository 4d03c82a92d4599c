import type { Connection, IdentifyResult, PeerId } from '@libp2p/interface';
import { GRAYLIST_THRESHOLD } from './constants.ts';
import type { OverlayLibp2p } from './create-libp2p.ts';
import type { OverlayCounters, PeerInfo } from './interface.ts';

// What a peer says of itself is shown in lists: short and printable.
const MAX_AGENT_LENGTH = 64;

/** Who is connected, one entry a peer, oldest connection first. */
export function listPeers(
  libp2p: OverlayLibp2p,
  topics: readonly string[],
  agents: ReadonlyMap<string, string>,
): PeerInfo[] {
  const byPeer = new Map<string, Connection[]>();
  for (const connection of libp2p.getConnections()) {
    const peerId = connection.remotePeer.toString();
    byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), connection]);
  }
  const subscribers = new Map(topics.map((topic) => [topic, setOf(libp2p.services.pubsub.getSubscribers(topic))]));
  const meshes = new Map(topics.map((topic) => [topic, setOf(libp2p.services.pubsub.getMeshPeers(topic))]));
  return [...byPeer].map(([peerId, connections]) => ({
    peerId,
    addresses: connections.map((connection) => connection.remoteAddr.toString()),
    direction: connections[0]?.direction ?? 'inbound',
    connectedAt: Math.min(...connections.map((connection) => connection.timeline.open)),
    latencyMs: connections.find((connection) => connection.rtt !== undefined)?.rtt,
    agent: agents.get(peerId),
    topics: topics.filter((topic) => subscribers.get(topic)?.has(peerId)),
    mesh: topics.filter((topic) => meshes.get(topic)?.has(peerId)),
    score: libp2p.services.pubsub.getScore(peerId),
  }));
}

function setOf(ids: readonly { toString(): string }[]): Set<string> {
  return new Set(ids.map((id) => id.toString()));
}

export interface PeerEvents {
  onIdentify(peerId: string, agent: string): void;
  onDisconnect(peerId: string): void;
  onDiscovery(peer: PeerId): void;
  /** At every heartbeat for as long as it is so. */
  onGraylisted(peerId: string): void;
}

/** Turns libp2p's events into ours, and counts connections. */
export function watch(libp2p: OverlayLibp2p, counters: OverlayCounters, events: PeerEvents): void {
  libp2p.addEventListener('connection:open', () => {
    counters.connectionsOpened += 1;
  });
  libp2p.addEventListener('connection:close', () => {
    counters.connectionsClosed += 1;
  });
  libp2p.addEventListener('peer:identify', ({ detail }: CustomEvent<IdentifyResult>) => {
    const agent = (detail.agentVersion ?? '').slice(0, MAX_AGENT_LENGTH).replace(/[^\x20-\x7e]/g, '?');
    events.onIdentify(detail.peerId.toString(), agent);
  });
  libp2p.addEventListener('peer:disconnect', ({ detail }: CustomEvent<PeerId>) =>
    events.onDisconnect(detail.toString()),
  );
  libp2p.addEventListener('peer:discovery', ({ detail }) => events.onDiscovery(detail.id));
  libp2p.services.pubsub.addEventListener('gossipsub:heartbeat', () => {
    for (const peer of libp2p.getPeers()) {
      const peerId = peer.toString();
      if (libp2p.services.pubsub.getScore(peerId) <= GRAYLIST_THRESHOLD) events.onGraylisted(peerId);
    }
  });
}
