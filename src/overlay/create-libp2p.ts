import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap } from '@libp2p/bootstrap';
import { identify } from '@libp2p/identify';
import type { PrivateKey } from '@libp2p/interface';
import { mdns } from '@libp2p/mdns';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { LevelDatastore } from 'datastore-level';
import { createLibp2p, type Libp2pOptions } from 'libp2p';
import { messageOf } from '../base/errors.ts';
import {
  KNOWN_PEER_AGE_MS,
  MAX_PARALLEL_DIALS,
  MAX_PENDING_INBOUND,
  MAX_STREAM_WINDOW_BYTES,
  MAX_STREAMS_PER_CONNECTION,
  NEGOTIATION_TIMEOUT_MS,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
} from './constants.ts';
import { OverlayError, OverlayErrorCode } from './errors.ts';
import type { Gater } from './gater.ts';
import type { Intake } from './intake.ts';
import type { OverlayInit, OverlayLog, OverlayTuning } from './interface.ts';
import { createPubSub } from './pubsub.ts';

/** Folder of known peers inside the data directory. */
export const PEERS_FOLDER = 'peers';

/**
 * Known peers and their addresses, kept over restarts. They are a convenience: a damaged list is put aside as
 * `peers.damaged` and a new one begun. @throws OverlayError OVERLAY_PEER_STORE_FAILED
 */
export async function openPeerStore(dataDir: string, log: OverlayLog): Promise<LevelDatastore> {
  const path = join(dataDir, PEERS_FOLDER);
  try {
    return await openFolder(path);
  } catch (error) {
    if (codeOf(error) === 'LEVEL_LOCKED') throw peerStoreFailed('another peer runs in this data directory', error);
    log('warn', 'the list of known peers is damaged and put aside', { error: messageOf(error) });
  }
  try {
    await rm(`${path}.damaged`, { recursive: true, force: true });
    await rename(path, `${path}.damaged`);
    return await openFolder(path);
  } catch (error) {
    throw peerStoreFailed('look at the rights of the data directory and the room on its disk', error);
  }
}

async function openFolder(path: string): Promise<LevelDatastore> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const datastore = new LevelDatastore(path);
  await datastore.open();
  return datastore;
}

/** LevelDB's own code stands at the end of a chain of causes. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (code?.startsWith('LEVEL_') && code !== 'LEVEL_DATABASE_NOT_OPEN') return code;
  }
  return undefined;
}

function peerStoreFailed(hint: string, cause: unknown): OverlayError {
  return new OverlayError(OverlayErrorCode.PeerStoreFailed, 'the list of known peers cannot be opened', {
    where: PEERS_FOLDER,
    hint,
    cause,
  });
}

/** Transports and security shared by the node and the raw publisher. */
export function transportOptions() {
  return {
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        streamOptions: { maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES },
      }),
    ],
    // Version and platform help nobody but an attacker.
    nodeInfo: { name: 'zkbazaar', version: '1', userAgent: 'zkbazaar/1' },
  } satisfies Libp2pOptions;
}

export interface Libp2pParts {
  init: OverlayInit;
  tuning: OverlayTuning;
  privateKey: PrivateKey;
  datastore: LevelDatastore;
  gater: Gater;
  intake: Intake;
}

export type OverlayLibp2p = Awaited<ReturnType<typeof createNode>>;

/** The libp2p node of a peer, not yet started. */
export async function createNode({ init, tuning, privateKey, datastore, gater, intake }: Libp2pParts) {
  return createLibp2p({
    ...transportOptions(),
    start: false,
    privateKey,
    datastore,
    addresses: { listen: [...init.listen], ...(init.announce === undefined ? {} : { announce: [...init.announce] }) },
    peerStore: { maxAddressAge: KNOWN_PEER_AGE_MS, maxPeerAge: KNOWN_PEER_AGE_MS },
    connectionGater: gater.toConnectionGater(),
    connectionManager: {
      maxConnections: tuning.maxConnections,
      inboundConnectionThreshold: tuning.inboundConnectionsPerSecond,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND,
      maxParallelDials: MAX_PARALLEL_DIALS,
      outboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
      inboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIMEOUT_MS,
    },
    connectionMonitor: {
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: { minTimeout: PING_TIMEOUT_MS, maxTimeout: PING_TIMEOUT_MS * 2 },
    },
    peerDiscovery: [
      ...(init.bootstrap === undefined || init.bootstrap.length === 0
        ? []
        : [bootstrap({ list: [...init.bootstrap] })]),
      ...(init.mdns === true ? [mdns({ serviceTag: `_zkbazaar-${init.network}._udp.local` })] : []),
    ],
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: createPubSub(init.topics, tuning, intake),
    },
  });
}
