/** Opening and closing connections, each within its time. */

import type { Libp2p, PeerId } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { STOP_TIMEOUT_MS } from './constants.ts';
import { deadline, pause } from './deadline.ts';
import type { OverlayLog } from './interface.ts';

const HANG_UP_MS = 1_000;

/** With a signal of its own: libp2p keeps listeners on the one it is given. @throws what libp2p throws */
export async function dial(
  libp2p: Libp2p,
  to: PeerId | Multiaddr | Multiaddr[],
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const until = deadline(ms, signal);
  try {
    await libp2p.dial(to, { signal: until.signal });
  } finally {
    until.clear();
  }
}

/** Closes all connections with a peer, by force after a second. Never rejects. */
export async function hangUp(libp2p: Libp2p, peer: PeerId): Promise<void> {
  const until = deadline(HANG_UP_MS);
  try {
    await libp2p.hangUp(peer, { signal: until.signal });
  } catch {
    for (const connection of libp2p.getConnections(peer)) connection.abort(new Error('hung up'));
  } finally {
    until.clear();
  }
}

/** Stops libp2p; connections that do not close in time are cut. Never rejects. */
export async function closeAll(libp2p: Libp2p, log: OverlayLog): Promise<void> {
  const closed = Promise.resolve(libp2p.stop()).then(
    () => true,
    () => false,
  );
  const controller = new AbortController();
  const late = pause(STOP_TIMEOUT_MS, controller.signal).then(() => false);
  if (!(await Promise.race([closed, late]))) {
    log('warn', 'connections did not close in time and are cut', {});
    for (const connection of libp2p.getConnections()) connection.abort(new Error('stopping'));
  }
  controller.abort();
}
