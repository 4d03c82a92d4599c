import { join } from 'node:path';
import type { RegistryInfo } from '../../node/interface.ts';
import type { PeerInfo } from '../../overlay/interface.ts';
import { FOLLOWERS, KEEPER, PEER_NAMES, type PeerName } from './cast.ts';
import { Peer } from './peer.ts';
import { until } from './wait.ts';

/** Topics of a network; a link is ready when both ends have each other in the mesh of all. */
const TOPICS = 4;

export interface NetworkInit {
  dir: string;
  registryKey: string;
  passphraseFile: string;
}

/** Four peers in a line. */
export class DemoNetwork {
  readonly peers: readonly Peer[];
  readonly #signal: AbortSignal;
  #starting: readonly Promise<void>[] = [];

  constructor({ dir, registryKey, passphraseFile }: NetworkInit, signal: AbortSignal) {
    this.#signal = signal;
    this.peers = PEER_NAMES.map((name) => {
      const trades = name === 'P1' || name === 'P4';
      const init = { name, dir: join(dir, name), registryKey, passphraseFile: trades ? passphraseFile : undefined };
      return new Peer(init, signal);
    });
  }

  peer(name: PeerName): Peer {
    return this.peers[PEER_NAMES.indexOf(name)] as Peer;
  }

  /** What the sender of a message is called here. */
  nameOf(from: string): string {
    // What sync fetched is marked behind the peer's id.
    const [peerId, way] = from.split('/');
    const name = this.peers.find((peer) => peer.peerId === peerId)?.name ?? 'a stranger';
    return way === undefined ? name : `${name} (${way})`;
  }

  /**
   * All at once, but for those who follow a ledger: they must know whom.
   * @param created when the ledger's genesis is where its peers look for it
   * @param onKeeper called once the ledger takes transactions
   */
  async start(created: Promise<void>, onKeeper: (keeper: Peer) => Promise<void>): Promise<void> {
    const keeper = this.peer(KEEPER);
    const kept = created.then(() => keeper.start()).then(() => onKeeper(keeper));
    this.#starting = this.peers.map((peer) => {
      if (peer === keeper) return kept;
      return FOLLOWERS.includes(peer.name) ? kept.then(() => peer.start(keeper.address)) : peer.start();
    });
    await Promise.all(this.#starting);
  }

  /** One promise for each peer, once they are starting. */
  get starting(): readonly Promise<void>[] {
    return this.#starting;
  }

  /** Connects neighbours, and waits until gossip runs over every link. */
  async connectInLine(): Promise<void> {
    await Promise.all(
      this.peers.slice(1).map(async (peer, before) => {
        await this.peers[before]?.client.post('/v1/peers', { address: peer.address });
      }),
    );
    const ready = async (peer: Peer, links: number): Promise<true | undefined> => {
      const { items } = await peer.client.get<{ items: PeerInfo[] }>('/v1/peers');
      return items.length === links && items.every(({ mesh }) => mesh.length === TOPICS) ? true : undefined;
    };
    await Promise.all(
      this.peers.map((peer, at) => {
        const links = at === 0 || at === this.peers.length - 1 ? 1 : 2;
        return until(`${peer.name} has its links`, () => ready(peer, links), this.#signal);
      }),
    );
  }

  /** Hands a registry file to P1, and waits until gossip has brought it to every peer. */
  async publishRegistry(file: unknown, sequence: number): Promise<void> {
    await this.peer('P1').client.post('/v1/registry', file);
    await Promise.all(
      this.peers.map((peer) =>
        until(
          `${peer.name} has registry ${sequence}`,
          async () => {
            const info = await peer.find<RegistryInfo>('/v1/registry');
            return info?.sequence === sequence ? true : undefined;
          },
          this.#signal,
        ),
      ),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.stop()));
  }

  /** At once, for a process that is about to end. */
  kill(): void {
    for (const peer of this.peers) peer.kill();
  }
}
