import type { Connection } from '@libp2p/interface';
import type { OverlayLibp2p } from './create-libp2p.ts';
import type { PeerInfo } from './interface.ts';

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
